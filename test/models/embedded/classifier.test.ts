import { afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { MODELS } from '../../../scripts/modelAdd.mjs';
import { type Classifier, trainClassifier } from '../../../models/embedded/classifier';
import { MINILM_WEIGHTS } from '../../../models/embedded/minilmWeights';
import { LIBRARY_EXAMPLES } from './library';

const WEIGHTS = resolve(__dirname, '../../../.models/minilm');
const withWeights = existsSync(join(WEIGHTS, 'model.onnx')) ? describe : describe.skip;
const LINEAR_ONLY = { weightsDir: null, outOfScope: true } as const;

let cacheDir: string;
beforeEach(async () => {
  cacheDir = await mkdtemp(join(tmpdir(), 'countersign-classifier-'));
});
afterEach(async () => {
  await rm(cacheDir, { recursive: true, force: true });
});

async function cachedModel(): Promise<string> {
  const names = (await readdir(cacheDir)).filter((name) => name.endsWith('.model'));
  expect(names).toHaveLength(1);
  return join(cacheDir, names[0] ?? '');
}

describe('the linear encoder alone', () => {
  let classifier: Classifier;
  beforeAll(async () => {
    classifier = await trainClassifier(LIBRARY_EXAMPLES, LINEAR_ONLY);
  });

  test.each([
    ['what time does the library open on monday', 'opening_hours'],
    ['please extend the loan of my books', 'renew_loan'],
    ['pay my late fee', 'pay_fee'],
    ['somebody stole my card, block it', 'lost_card'],
  ])('names the class of "%s"', async (text, name) => {
    const said = await classifier.classify(text);
    expect(said.name).toBe(name);
    expect(said.strangeness).toBeLessThan(0.5);
    expect(said.runnersUp).toHaveLength(3);
    expect(said.margin).toBeCloseTo(said.probability - (said.runnersUp[0]?.probability ?? 0));
    expect(said.probability + said.runnersUp.reduce((sum, each) => sum + each.probability, 0)).toBeCloseTo(1);
  });

  test.each([
    ['wat tiem deos the libary opne', 'opening_hours'],
    ['plaese rnew my boooks', 'renew_loan'],
    ['were can i pya the ovredue chrage', 'pay_fee'],
    ['i nede a replacment crad', 'lost_card'],
  ])('reads "%s" in spite of its typos', async (text, name) => {
    expect((await classifier.classify(text)).name).toBe(name);
  });

  test.each(['how tall is mount everest', 'recommend a good pasta recipe'])(
    'leaves "%s", which is like no example, out of scope',
    async (text) => {
      const said = await classifier.classify(text);
      expect(said.name).toBe('out_of_scope');
      expect(said.strangeness).toBeGreaterThan(0.5);
      expect(said.runnersUp.map((each) => each.name)).not.toContain('out_of_scope');
    },
  );

  test.each(['', '   ', '?!…', '🙂🙂', '図書館は何時に開きますか', '\u0000'])(
    'calls %j unclear, since there is nothing to go by',
    async (text) => {
      expect((await classifier.classify(text)).name).toBe('unclear');
    },
  );

  test('answers a text of a megabyte without holding the event loop', async () => {
    const started = performance.now();
    await classifier.classify('when does the library open '.repeat(40_000));
    expect(performance.now() - started).toBeLessThan(500);
  });

  test('says which encoders answer, and the version and calibration of the answer', () => {
    expect(classifier.encoders).toEqual(['linear']);
    expect(classifier.version).toMatch(/^embedded-\d+\/linear\/[0-9a-f]{12}$/);
    expect(classifier.calibrator).toBe('temperature-1');
    expect(classifier.notes).toEqual([]);
  });
});

describe('a text that stands between classes', () => {
  test('is unclear when the examples themselves can not tell them apart', async () => {
    const texts = [
      'i need my account',
      'open the account',
      'my account is needed',
      'account please',
      'use the account',
    ];
    const examples = ['left', 'right'].flatMap((name) => texts.map((text) => ({ text, class: name })));
    const classifier = await trainClassifier(examples, { weightsDir: null, outOfScope: false });
    const said = await classifier.classify('the account i need');
    expect(said.name).toBe('unclear');
    expect(said.runnersUp.map((each) => each.name).sort()).toEqual(['left', 'right']);
  });
});

describe('out of scope', () => {
  test('is never said when it was not asked for', async () => {
    const classifier = await trainClassifier(LIBRARY_EXAMPLES, { weightsDir: null, outOfScope: false });
    expect((await classifier.classify('how tall is mount everest')).name).not.toBe('out_of_scope');
  });

  test('can be taught by examples', async () => {
    const small = ['thanks a lot', 'thank you so much', 'many thanks for your help', 'thanks for the quick answer'];
    const taught = [...LIBRARY_EXAMPLES, ...small.map((text) => ({ text, class: 'out_of_scope' }))];
    const classifier = await trainClassifier(taught, LINEAR_ONLY);
    expect((await classifier.classify('thank you for your quick help')).name).toBe('out_of_scope');
    expect((await classifier.classify('please renew my book')).name).toBe('renew_loan');
  });
});

describe('training', () => {
  test('gives the same model for the same examples and seed, and another version for another seed', async () => {
    const [first, second, other] = await Promise.all([
      trainClassifier(LIBRARY_EXAMPLES, { ...LINEAR_ONLY, seed: 5 }),
      trainClassifier(LIBRARY_EXAMPLES, { ...LINEAR_ONLY, seed: 5 }),
      trainClassifier(LIBRARY_EXAMPLES, { ...LINEAR_ONLY, seed: 6 }),
    ]);
    const text = 'may i keep the novel for longer';
    expect(second.version).toBe(first.version);
    expect(await second.classify(text)).toEqual(await first.classify(text));
    expect(other.version).not.toBe(first.version);
    expect((await other.classify(text)).probability).not.toBe((await first.classify(text)).probability);
  });

  test('lets the event loop turn', async () => {
    let turns = 0;
    let isTraining = true;
    const turn = (): void => {
      turns++;
      if (isTraining) setImmediate(turn);
    };
    setImmediate(turn);
    const many = Array.from({ length: 8 }, (_, copy) =>
      LIBRARY_EXAMPLES.map((example) => ({ ...example, text: `${example.text} ${copy}` })),
    ).flat();
    await trainClassifier(many, LINEAR_ONLY);
    isTraining = false;
    expect(turns).toBeGreaterThan(3);
  });

  test.each([
    [[{ text: 'hello', class: 'greeting' }], 'at least two classes, and got 1'],
    [[...LIBRARY_EXAMPLES, { text: 'hm', class: 'unclear' }], 'Example 33 has the class "unclear"'],
    [[...LIBRARY_EXAMPLES, { text: ' ', class: 'pay_fee' }], 'Example 33 of class "pay_fee" has no text'],
    [[...LIBRARY_EXAMPLES, { text: 'hm', class: '' }], 'Example 33 has no class'],
  ])('refuses examples that nothing can be learnt from (%#)', async (examples, message) => {
    await expect(trainClassifier(examples, LINEAR_ONLY)).rejects.toThrow(message);
  });
});

describe('the cache', () => {
  const text = 'can i pay with a card';

  test('keeps a trained model, and the second start takes it from there', async () => {
    const first = await trainClassifier(LIBRARY_EXAMPLES, { ...LINEAR_ONLY, cacheDir });
    const { mtimeMs } = await stat(await cachedModel());
    const second = await trainClassifier(LIBRARY_EXAMPLES, { ...LINEAR_ONLY, cacheDir });
    expect((await stat(await cachedModel())).mtimeMs).toBe(mtimeMs);
    expect(second.version).toBe(first.version);
    expect(await second.classify(text)).toEqual(await first.classify(text));
  });

  test.each([
    ['cut off', (file: Buffer) => file.subarray(0, file.length / 2)],
    ['empty', () => Buffer.alloc(0)],
    [
      'changed in one byte',
      (file: Buffer) => Buffer.concat([file.subarray(0, -1), Buffer.from([(file.at(-1) ?? 0) ^ 1])]),
    ],
  ])('trains anew over a file that is %s', async (_, damage) => {
    const first = await trainClassifier(LIBRARY_EXAMPLES, { ...LINEAR_ONLY, cacheDir });
    const path = await cachedModel();
    const whole = await readFile(path);
    await writeFile(path, damage(whole));
    const second = await trainClassifier(LIBRARY_EXAMPLES, { ...LINEAR_ONLY, cacheDir });
    expect(await second.classify(text)).toEqual(await first.classify(text));
    expect((await readFile(path)).equals(whole)).toBe(true);
  });

  test('holds a model for each set of examples', async () => {
    await trainClassifier(LIBRARY_EXAMPLES, { ...LINEAR_ONLY, cacheDir });
    await trainClassifier(LIBRARY_EXAMPLES.slice(1), { ...LINEAR_ONLY, cacheDir });
    expect(await readdir(cacheDir)).toHaveLength(2);
  });
});

describe('without usable weights', () => {
  test('the linear encoder goes on alone and says so', async () => {
    const classifier = await trainClassifier(LIBRARY_EXAMPLES, {
      weightsDir: join(cacheDir, 'none'),
      outOfScope: true,
    });
    expect(classifier.encoders).toEqual(['linear']);
    expect(classifier.notes.join()).toMatch(/MiniLM is not used: model.onnx is missing .* `npm run model:add minilm`/);
    expect((await classifier.classify('renew my books')).name).toBe('renew_loan');
  });

  test('a file that is not the pinned one is not loaded', async () => {
    await writeFile(join(cacheDir, 'model.onnx'), 'not a model');
    const classifier = await trainClassifier(LIBRARY_EXAMPLES, { weightsDir: cacheDir, outOfScope: true });
    expect(classifier.encoders).toEqual(['linear']);
    expect(classifier.notes.join()).toContain('is not the file that was pinned');
  });

  test('MiniLM alone can not be had', async () => {
    const options = { encoders: ['minilm'], weightsDir: cacheDir, outOfScope: true } as const;
    await expect(trainClassifier(LIBRARY_EXAMPLES, options)).rejects.toThrow('MiniLM is not available');
  });

  test('what is fetched is what is accepted', () => {
    const pinned = Object.fromEntries((MODELS['minilm']?.files ?? []).map((file) => [file.name, file.sha256]));
    expect(pinned).toEqual(MINILM_WEIGHTS);
  });
});

withWeights('with MiniLM', () => {
  test('both encoders answer, meaning counts beyond words, and one goes on when the other ends', async () => {
    const classifier = await trainClassifier(LIBRARY_EXAMPLES, { weightsDir: WEIGHTS, cacheDir, outOfScope: true });
    try {
      expect(classifier.encoders).toEqual(['linear', 'minilm']);
      expect(classifier.version).toContain('/linear+minilm/');
      expect((await classifier.classify('what is the weather like in paris')).name).toBe('out_of_scope');
      const reworded = await classifier.classify('my membership pass has gone missing');
      expect(reworded.name).toBe('lost_card');
      const together = await Promise.all(
        Array.from({ length: 100 }, () => classifier.classify('please renew my books')),
      );
      expect(new Set(together.map((said) => said.name))).toEqual(new Set(['renew_loan']));
    } finally {
      await classifier.close();
    }
    expect((await classifier.classify('please renew my books')).name).toBe('renew_loan');
    expect(classifier.encoders).toEqual(['linear']);
  });

  test('vectors are kept, so that one more example embeds one more text', async () => {
    const classifier = await trainClassifier(LIBRARY_EXAMPLES, { weightsDir: WEIGHTS, cacheDir, outOfScope: true });
    await classifier.close();
    const vectors = join(cacheDir, (await readdir(cacheDir)).find((name) => name.endsWith('.vectors')) ?? '');
    const before = (await stat(vectors)).size;
    const more = [...LIBRARY_EXAMPLES, { text: 'waive my fine', class: 'pay_fee' }];
    await (await trainClassifier(more, { weightsDir: WEIGHTS, cacheDir, outOfScope: true })).close();
    const checksumBytes = 32;
    expect(((await stat(vectors)).size - checksumBytes) / (before - checksumBytes)).toBeCloseTo(33 / 32);
  });
});
