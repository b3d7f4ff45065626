import { MAX_CHARACTERS, wordsOf } from './words';

/** Words shorter than this are never repaired: one letter more or less makes another real word. */
const SHORTEST_REPAIRED = 4;
/** Words at least this long may differ by two letters from what was meant. */
const SHORTEST_WITH_TWO_SLIPS = 7;
/** Words longer than this are not typed by people; repairing them would cost time only. */
const LONGEST_REPAIRED = 24;

const WORD = /[\p{L}\p{M}\p{N}'’`]+/gu;

/** Repairs misspelt words of a text to words of a vocabulary; all else of the text stays as it is. */
export type Repair = (text: string) => string;

/**
 * Builds a repairer from how often each word occurs in the examples. An unknown word of 4 letters or more becomes the
 * vocabulary's nearest word at one slip (a letter wrong, missing, added, or swapped with its neighbour), from 7 letters
 * on at two; among equals the more frequent wins. Words with digits stay. Look-up is by deleting letters on both sides, so
 * that a word costs microseconds whatever the vocabulary's size.
 *
 * @param realWords words of the language, left alone although no example has them
 */
export function spellingRepair(counts: ReadonlyMap<string, number>, realWords: ReadonlySet<string>): Repair {
  const byDeletion = indexByDeletion(counts);
  const repairToken = (token: string): string => {
    const [word = '', ...others] = wordsOf(token);
    if (others.length > 0 || counts.has(word) || realWords.has(word) || /\p{N}/u.test(word)) return token;
    if (word.length < SHORTEST_REPAIRED || word.length > LONGEST_REPAIRED) return token;
    return nearest(word, { counts, byDeletion }) ?? token;
  };
  return (text) => text.slice(0, MAX_CHARACTERS).replace(WORD, repairToken);
}

function indexByDeletion(counts: ReadonlyMap<string, number>): Map<string, string[]> {
  const index = new Map<string, string[]>();
  for (const word of counts.keys()) {
    if (word.length < SHORTEST_REPAIRED - 1 || word.length > LONGEST_REPAIRED) continue;
    for (const shortened of deletions(word, slipsAllowed(word))) {
      const words = index.get(shortened);
      if (words === undefined) index.set(shortened, [word]);
      else words.push(word);
    }
  }
  return index;
}

function slipsAllowed(word: string): 1 | 2 {
  return word.length >= SHORTEST_WITH_TWO_SLIPS ? 2 : 1;
}

/** The word itself and all it becomes when up to `slips` letters are left out. */
function deletions(word: string, slips: number): Set<string> {
  const found = new Set([word]);
  let last = [word];
  for (let slip = 0; slip < slips; slip++) {
    last = last.flatMap((each) => Array.from(each, (_, at) => each.slice(0, at) + each.slice(at + 1)));
    for (const shortened of last) found.add(shortened);
  }
  return found;
}

interface Candidate {
  word: string;
  distance: number;
  count: number;
}

function nearest(
  word: string,
  { counts, byDeletion }: { counts: ReadonlyMap<string, number>; byDeletion: ReadonlyMap<string, string[]> },
): string | undefined {
  const allowed = slipsAllowed(word);
  const seen = new Set<string>();
  let best: Candidate | undefined;
  for (const shortened of deletions(word, allowed)) {
    for (const other of byDeletion.get(shortened) ?? []) {
      if (seen.has(other)) continue;
      seen.add(other);
      const candidate = { word: other, distance: editDistance(word, other), count: counts.get(other) ?? 0 };
      if (candidate.distance <= allowed && (best === undefined || isBetter(candidate, best, word))) best = candidate;
    }
  }
  return best?.word;
}

function isBetter(candidate: Candidate, best: Candidate, typed: string): boolean {
  if (candidate.distance !== best.distance) return candidate.distance < best.distance;
  // The first letter is seldom the wrong one.
  const keepsFirst = candidate.word.charAt(0) === typed.charAt(0);
  const bestKeepsFirst = best.word.charAt(0) === typed.charAt(0);
  if (keepsFirst !== bestKeepsFirst) return keepsFirst;
  if (candidate.count !== best.count) return candidate.count > best.count;
  return candidate.word < best.word;
}

/** Letters wrong, missing, added or swapped with a neighbour (optimal string alignment distance). */
function editDistance(first: string, second: string): number {
  const width = second.length + 1;
  const table = new Uint8Array((first.length + 1) * width);
  const at = (row: number, column: number): number => table[row * width + column] as number; // always inside the table
  for (let row = 0; row <= first.length; row++) table[row * width] = row;
  for (let column = 0; column < width; column++) table[column] = column;
  for (let row = 1; row <= first.length; row++) {
    for (let column = 1; column < width; column++) {
      const same = first[row - 1] === second[column - 1];
      let least = Math.min(at(row - 1, column) + 1, at(row, column - 1) + 1, at(row - 1, column - 1) + (same ? 0 : 1));
      const isSwap = first[row - 1] === second[column - 2] && first[row - 2] === second[column - 1];
      if (row > 1 && column > 1 && isSwap) least = Math.min(least, at(row - 2, column - 2) + 1);
      table[row * width + column] = least;
    }
  }
  return at(first.length, second.length);
}
