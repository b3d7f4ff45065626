import type { DraftMaterial } from '../define';
import { REFUND_CLASSES, type RefundClass, isRefundClass } from './classes';
import type { RefundableLine } from './policy';
import type { RefundDecisionInput } from './schemas';

type Material = Pick<DraftMaterial<RefundDecisionInput>, 'input' | 'class' | 'guidance' | 'answers'>;

/** A line that the customer claims money for, and how many of it. */
export interface ClaimedLine {
  readonly line: RefundableLine;
  readonly quantity: number;
}

export interface Claim {
  readonly lines: readonly ClaimedLine[];
  /** Whether lines and quantities were named, or are the only ones there are. */
  readonly isPlain: boolean;
}

/** Why money is claimed: the class that a reviewer's guidance clearly names, else the classifier's; null for any other. */
export function claimedReason({ class: { name }, guidance }: Material): RefundClass | null {
  const words = ` ${normal(guidance ?? '')} `;
  const named = REFUND_CLASSES.filter((each) => words.includes(` ${each.replaceAll('_', ' ')} `) && each !== name);
  const [first, second] = named;
  if (first !== undefined && second === undefined) return first;
  return isRefundClass(name) ? name : null;
}

/** What is claimed; null where several lines could be meant and none is named: then somebody has to ask. */
export function claimOf(material: Material, lines: readonly RefundableLine[], reason: RefundClass): Claim | null {
  switch (reason) {
    case 'not_arrived':
      return wholeLines(lines.filter(({ kind }) => kind === 'goods' || kind === 'delivery'));
    case 'late_delivery':
      return wholeLines(lines.filter(({ kind }) => kind === 'delivery'));
    case 'double_charge':
      // Where nothing was charged beyond the order, all of it is what the customer asks about.
      return wholeLines(lines.filter(({ kind }) => kind === 'extra_charge')) ?? wholeLines(lines);
    case 'damaged':
    case 'wrong_item':
    case 'missing_item':
    case 'change_of_mind':
      return claimOfItems(
        material,
        lines.filter(({ kind }) => kind === 'goods' || kind === 'digital'),
      );
  }
}

function wholeLines(lines: readonly RefundableLine[]): Claim | null {
  if (lines.length === 0) return null;
  return { lines: lines.map((line) => ({ line, quantity: line.quantity })), isPlain: true };
}

/** A reviewer's word goes before the customer's answers, those before what was marked in a form, and that before the message. */
function claimOfItems({ guidance, answers, input }: Material, items: readonly RefundableLine[]): Claim | null {
  const answered = answers.map(({ answer }) => answer).join('\n');
  return (
    claimOfText(guidance ?? '', items) ??
    claimOfText(answered, items) ??
    claimOfMarked(input.lines ?? [], items) ??
    claimOfText(input.message, items) ??
    claimOfOnly(items, `${input.message}\n${answered}`)
  );
}

function claimOfMarked(
  marked: NonNullable<RefundDecisionInput['lines']>,
  items: readonly RefundableLine[],
): Claim | null {
  const lines = items.flatMap((line) => {
    const found = marked.find(({ sku }) => sku === line.sku);
    return found ? [{ line, quantity: Math.min(found.quantity, line.quantity) }] : [];
  });
  return lines.length === 0 ? null : { lines, isPlain: true };
}

function claimOfOnly(items: readonly RefundableLine[], text: string): Claim | null {
  const [only, second] = items;
  return only === undefined || second !== undefined ? null : withQuantities([only], normal(text));
}

function claimOfText(text: string, items: readonly RefundableLine[]): Claim | null {
  const words = normal(text);
  const named = items.filter((line) => isNamed(line, { words, others: items.filter((other) => other !== line) }));
  return named.length === 0 ? null : withQuantities(named, words);
}

const MIN_WORD_LENGTH = 3;
/** Words of names that say nothing about which thing is meant. */
const COMMON_WORDS: ReadonlySet<string> = new Set(['the', 'and', 'for', 'with', 'set', 'new', 'all', 'one', 'two']);

/** By its SKU, or by a word of its name that no other line has: "the teapot" where only one line is a teapot. */
function isNamed(
  line: RefundableLine,
  { words, others }: { words: string; others: readonly RefundableLine[] },
): boolean {
  const spoken = ` ${words} `;
  if (spoken.includes(` ${normal(line.sku)} `)) return true;
  const taken = new Set(others.flatMap(({ name }) => wordsOf(name)));
  return wordsOf(line.name).some((word) => !taken.has(word) && new RegExp(` ${word}(s|es)? `).test(spoken));
}

function wordsOf(name: string): readonly string[] {
  return normal(name)
    .split(' ')
    .filter((word) => word.length >= MIN_WORD_LENGTH && !/\d/.test(word) && !COMMON_WORDS.has(word))
    .map((word) => word.replace(/s$/, ''));
}

const NUMBERS = ['one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten'] as const;

/**
 * How many are meant is only read where one line is named that was bought more than once. Of several numbers the smallest counts:
 * "one of the two mugs". Without any number all of them are meant, and the draft is less sure.
 */
function withQuantities(lines: readonly RefundableLine[], words: string): Claim {
  const [only, second] = lines;
  if (only === undefined || second !== undefined || only.quantity === 1) {
    const isPlain = lines.every(({ quantity }) => quantity === 1);
    return { lines: lines.map((line) => ({ line, quantity: line.quantity })), isPlain };
  }
  const said = words.split(' ').flatMap((word) => numberOf(word, only.quantity));
  if (said.length === 0) return { lines: [{ line: only, quantity: only.quantity }], isPlain: false };
  return { lines: [{ line: only, quantity: Math.min(...said) }], isPlain: true };
}

/** Digits are prices and dates as often as quantities, so that only words are read. */
function numberOf(word: string, quantity: number): readonly number[] {
  if (word === 'all' || word === 'both' || word === 'every') return [quantity];
  const number = NUMBERS.findIndex((each) => each === word) + 1;
  return number > 0 && number <= quantity ? [number] : [];
}

/** Lower-case words with a space between. A hyphen is no space: "e-book" is often written "ebook". */
function normal(text: string): string {
  return text
    .toLowerCase()
    .replace(/[-'’]/g, '')
    .replace(/[^a-z0-9]+/g, ' ')
    .trim();
}
