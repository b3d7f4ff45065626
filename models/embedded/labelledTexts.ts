import { OUT_OF_SCOPE, UNCLEAR } from './classification';
import type { LabelledTexts } from './training';

/** A text and the class it is an example of. `out_of_scope` is allowed, `unclear` isn't. */
export interface TrainingExample {
  text: string;
  class: string;
}

/** Examples from which nothing can be learnt; the message says which rule and what to do. */
export class TrainingExamplesError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'TrainingExamplesError';
  }
}

/**
 * Checks examples and numbers their classes: those in scope in alphabetical order, then `out_of_scope` when it has examples
 * and is to be told. Its examples are left out when it isn't.
 */
export function labelExamples(
  examples: readonly TrainingExample[],
  { outOfScope }: { outOfScope: boolean },
): LabelledTexts {
  examples.forEach(checkExample);
  const used = outOfScope ? examples : examples.filter((example) => example.class !== OUT_OF_SCOPE);
  const names = new Set(used.map((example) => example.class));
  const inScope = [...names].filter((name) => name !== OUT_OF_SCOPE).sort();
  if (inScope.length < 2) {
    throw new TrainingExamplesError(
      `A classifier needs examples of at least two classes, and got ${inScope.length}. Add examples of another class.`,
    );
  }
  const classes = names.has(OUT_OF_SCOPE) ? [...inScope, OUT_OF_SCOPE] : inScope;
  const numberOf = new Map(classes.map((name, index) => [name, index]));
  return {
    texts: used.map((example) => example.text),
    labels: Int32Array.from(used, (example) => numberOf.get(example.class) ?? 0),
    classes,
    inScope: inScope.length,
  };
}

function checkExample({ text, class: name }: TrainingExample, index: number): void {
  if (name === UNCLEAR) {
    throw new TrainingExamplesError(
      `Example ${index + 1} has the class "unclear", which is what the classifier says when it can't tell. Remove it, or name another class.`,
    );
  }
  if (name.trim() === '') throw new TrainingExamplesError(`Example ${index + 1} has no class. Name one.`);
  if (text.trim() === '')
    throw new TrainingExamplesError(`Example ${index + 1} of class "${name}" has no text. Write one, or remove it.`);
}
