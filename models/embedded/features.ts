/** Hashes have this many bits: about a million buckets, so collisions among some 100,000 features stay rare. */
const HASH_BITS = 20;
const HASH_MASK = (1 << HASH_BITS) - 1;
const WORD_SEED = 0x811c9dc5;
const PAIR_SEED = 0x2f0b4a7d;
const CHARACTER_SEED = 0x51ed270b;
const SPACE = 32;
const SHORTEST_GRAM = 3;
const LONGEST_GRAM = 5;

/** How many different feature hashes there can be. */
export const HASH_BUCKETS = 1 << HASH_BITS;

/**
 * The hashed features of a text's words: each word, each pair of neighbours (with the text's edges), and each run of
 * 3 to 5 characters inside a word (with the word's edges). Duplicates stay, so that a feature's count can be taken.
 *
 * @returns hashes in [0, {@link HASH_BUCKETS})
 */
export function hashedFeatures(words: readonly string[]): number[] {
  const hashes: number[] = [];
  let previous = '';
  for (const word of words) {
    hashes.push(fold(hashCharacters(WORD_SEED, word)));
    hashes.push(pairHash(previous, word));
    pushCharacterGrams(` ${word} `, hashes);
    previous = word;
  }
  if (words.length > 0) hashes.push(pairHash(previous, ''));
  return hashes;
}

function pairHash(first: string, second: string): number {
  return fold(hashCharacters(hashCode(hashCharacters(PAIR_SEED, first), SPACE), second));
}

function pushCharacterGrams(padded: string, hashes: number[]): void {
  for (let start = 0; start + SHORTEST_GRAM <= padded.length; start++) {
    let hash = CHARACTER_SEED;
    const end = Math.min(start + LONGEST_GRAM, padded.length);
    for (let at = start; at < end; at++) {
      hash = hashCode(hash, padded.charCodeAt(at));
      if (at - start + 1 >= SHORTEST_GRAM) hashes.push(fold(hash));
    }
  }
}

function hashCharacters(seed: number, text: string): number {
  let hash = seed;
  for (let at = 0; at < text.length; at++) hash = hashCode(hash, text.charCodeAt(at));
  return hash;
}

/** One step of FNV-1a, over a UTF-16 unit in place of a byte. */
function hashCode(hash: number, code: number): number {
  return Math.imul(hash ^ code, 0x01000193);
}

/** The low bits of FNV mix poorly alone, so the high ones are folded into them. */
function fold(hash: number): number {
  return (hash ^ (hash >>> HASH_BITS)) & HASH_MASK;
}
