import { beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { noForeignPersonalData } from '../../guards/foreignPersonalData';
import { grounded } from '../../guards/grounded';
import { mask, restore, tokenize } from '../../guards/personalData';
import { screenText } from '../../guards/screen';

const SIZE = 64 * 1024;
/** Five times what it takes on a quiet machine: a rule that goes over the text again and again takes seconds. */
const MAX_MILLISECONDS = 250;

/** Everything that looks at text from outside. */
const GUARDS: readonly (readonly [string, (text: string) => unknown])[] = [
  ['screenText', (text) => screenText({ text, languages: ['en'] })],
  ['screenText with phone regions', (text) => screenText({ text, languages: ['en'], phoneRegions: ['DE', 'GB'] })],
  ['tokenize', (text) => tokenize(text)],
  ['mask', (text) => mask(text, { phoneRegions: ['US'] })],
  ['grounded', (text) => grounded({ reply: text, facts: ['known 12'] })],
  ['grounded in a hostile context', (text) => grounded({ reply: 'call 0301234567 on 1 May', facts: [text] })],
  ['noForeignPersonalData', (text) => noForeignPersonalData({ reply: text, own: ['a@b.example'] })],
  ['noForeignPersonalData with hostile material', (text) => noForeignPersonalData({ reply: 'a@b.com', own: [text] })],
];

/** Units that are nearly what some rule looks for, so that it begins again and again. */
const UNITS = [
  ...[
    'a',
    ' ',
    '\n',
    '.',
    '@',
    'a@',
    'a@a.',
    '1',
    '1 ',
    '1-',
    '4',
    '4 ',
    '1.',
    '1.1.1.',
    '1:',
    'f:',
    '::',
    '2001:',
    '+',
    '+49 ',
    '+491',
    '00',
    '(0',
  ],
  ...[
    'GB82',
    'GB82 ',
    'DE89 3704 ',
    'DE89370400440532013',
    '4111 1111 1111 1112 ',
    '4111111111111111',
    '030 1234567 ',
    '+49 30 123456 ',
  ],
  ...[
    'ignore ',
    'ignore all previous ',
    'ignore all above ',
    'you are now ',
    'from now on, you ',
    'pretend that ',
    'reveal the ',
    'show your ',
    'system',
    '<|',
    '[INST',
    '![',
    'new instructions',
  ],
  ...[
    'A'.repeat(159) + ' ',
    'a-',
    'www.',
    'https://',
    'a.b.',
    '1 January ',
    'May 1 ',
    '1/1/',
    '1,',
    "1'",
    '12:',
    '<EMAIL_1>',
    '<EMAIL_',
  ],
  ...[
    '\ud800',
    '\udc00',
    '\u200d',
    '\u200b',
    '\u202e',
    '\u0000',
    '\r',
    '\u{e0041}',
    '\u{1f3f4}\u{e0067}',
    'é',
    'e\u0301',
    '\u1100\u1161',
    '\ufdfa',
    '漢',
    '😀',
    'ß',
  ],
];

const hostileText = fc
  .array(fc.oneof(fc.constantFrom(...UNITS), fc.string({ unit: 'binary', maxLength: 12 })), {
    minLength: 1,
    maxLength: 6,
  })
  .map((parts) => fill(parts.join('')));

function fill(unit: string): string {
  return unit === '' ? 'x'.repeat(SIZE) : unit.repeat(Math.ceil(SIZE / unit.length)).slice(0, SIZE);
}

/** Processor time, the least of up to five runs: what other processes take of the machine says nothing about the guard. */
function quickestMilliseconds(work: () => unknown): number {
  let quickest = Infinity;
  for (let run = 0; run < 5 && quickest >= MAX_MILLISECONDS; run += 1) {
    const before = process.cpuUsage();
    work();
    const { user, system } = process.cpuUsage(before);
    quickest = Math.min(quickest, (user + system) / 1_000);
  }
  return quickest;
}

describe.each(GUARDS)('%s', (_, guard) => {
  beforeAll(() => {
    // Loading of tables and compilation are paid once per process, not per text.
    for (const unit of UNITS) guard(fill(unit).slice(0, 4_096));
  });

  it.each(UNITS.map((unit) => [JSON.stringify(unit).slice(0, 40), unit]))(
    `takes under ${MAX_MILLISECONDS} ms for 64 KB of %s`,
    (_name, unit) => {
      expect(quickestMilliseconds(() => guard(fill(unit)))).toBeLessThan(MAX_MILLISECONDS);
    },
  );

  it(`neither throws nor takes longer for 64 KB of any repeated pattern`, () => {
    fc.assert(
      fc.property(hostileText, (text) => {
        expect(quickestMilliseconds(() => guard(text))).toBeLessThan(MAX_MILLISECONDS);
      }),
      { numRuns: 30 },
    );
  });

  it('does not throw for any text', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => void guard(text)));
  });
});

describe('tokenize', () => {
  const pieces = fc.constantFrom(
    'anna@example.com',
    ' ',
    'GB82 WEST 1234 5698 7654 32',
    '+49 30 901820',
    '<EMAIL_1>',
    '<EMAIL_2>',
    '8.8.8.8',
    'x',
    '\n',
    '\ud800',
  );

  it('gives back exactly the text when it is restored', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(pieces, fc.string({ unit: 'binary', maxLength: 8 })), { maxLength: 20 }),
        (parts) => {
          const text = parts.join('');
          const { text: tokenized, tokens } = tokenize(text);
          expect(restore(tokenized, tokens)).toBe(text);
        },
      ),
    );
  });
});
