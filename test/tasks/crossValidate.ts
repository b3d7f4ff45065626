/**
 * Prints, as JSON, how well the linear encoder names messages of the named task type that it was not trained on, in five folds. A
 * program of its own: Jest's isolated globals make the training's inner loops some twenty times slower.
 */
import { trainClassifier } from '../../models/embedded/classifier';
import { OUT_OF_SCOPE, UNCLEAR } from '../../contracts/words/vocabulary';
import { bankExamples } from '../../tasks/bank-support/definition';
import { refundExamples } from '../../tasks/refund-decision/definition';

const EXAMPLES: Readonly<Record<string, () => readonly Example[]>> = {
  'bank-support': bankExamples,
  'refund-decision': refundExamples,
};

interface Example {
  readonly class: string;
  readonly text: string;
}

const FOLDS = 5;
/** As in the demonstration's grants. */
const THRESHOLD = 0.8;

export interface CrossValidation {
  /** Share of messages in scope whose class was named. */
  readonly accuracy: number;
  /** The same among those that were given a class of its own at all. */
  readonly accuracyWhereNamed: number;
  /** The same at or above the threshold, out of scope ones included. */
  readonly accuracyWhereSure: number;
  readonly shareSure: number;
}

interface Guess {
  readonly example: Example;
  readonly name: string;
  readonly probability: number;
}

/** Every fifth example of each class, so that each fold has all classes. */
function foldsOf(examples: readonly Example[]): readonly number[] {
  const seen = new Map<string, number>();
  return examples.map((example) => {
    const count = seen.get(example.class) ?? 0;
    seen.set(example.class, count + 1);
    return count % FOLDS;
  });
}

async function guessesOf(examples: readonly Example[]): Promise<readonly Guess[]> {
  const folds = foldsOf(examples);
  const guesses: Guess[] = [];
  for (let fold = 0; fold < FOLDS; fold++) {
    const training = examples.filter((_, index) => folds[index] !== fold);
    const classifier = await trainClassifier(training, { encoders: ['linear'], weightsDir: null, outOfScope: true });
    for (const example of examples.filter((_, index) => folds[index] === fold)) {
      const { name, probability } = await classifier.classify(example.text);
      guesses.push({ example, name, probability });
    }
    await classifier.close();
  }
  return guesses;
}

function accuracyOf(guesses: readonly Guess[]): number {
  return guesses.filter(({ example, name }) => example.class === name).length / guesses.length;
}

async function main(): Promise<void> {
  const taskType = process.argv[2] ?? '';
  const examples = EXAMPLES[taskType];
  if (!examples) throw new RangeError(`no examples of '${taskType}': use one of ${Object.keys(EXAMPLES).join(', ')}`);
  const guesses = await guessesOf(examples());
  const inScope = guesses.filter(({ example }) => example.class !== OUT_OF_SCOPE);
  const isNamed = ({ name }: Guess): boolean => name !== OUT_OF_SCOPE && name !== UNCLEAR;
  const sure = guesses.filter((guess) => isNamed(guess) && guess.probability >= THRESHOLD);
  const result: CrossValidation = {
    accuracy: accuracyOf(inScope),
    accuracyWhereNamed: accuracyOf(inScope.filter(isNamed)),
    accuracyWhereSure: accuracyOf(sure),
    shareSure: sure.length / guesses.length,
  };
  process.stdout.write(`${JSON.stringify(result)}\n`);
}

main().catch((error: unknown) => {
  process.stderr.write(`${String(error)}\n`);
  process.exitCode = 1;
});
