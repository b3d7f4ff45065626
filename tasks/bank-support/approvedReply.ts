import { UNCLEAR } from '../../contracts/words/vocabulary';
import type { DraftMaterial, EmbeddedDraft } from '../define';
import { BANK_CLASSES, type BankClass, isBankClass } from './classes';
import { FACT_NAMES, type FactName, type Facts, factsOf } from './facts';
import { APPROVED_TEXTS } from './knowledge';
import type { BankSupportInput, BankSupportOutput } from './schemas';

const SLOT = /\{([a-zA-Z.]+)\}/g;
const SIGNATURE = 'Kind regards\nLarkfield Bank, customer service';

/** Approved text that fits the class is right nearly always; it is less sure where the message asks for more than one text answers. */
const PLAIN_SCORE = 0.97;
const LONG_MESSAGE_SCORE = 0.75;
/** Guidance that names no class can't be followed by an approved text: the reviewer gets the same text, and is told by the score. */
const UNFOLLOWED_GUIDANCE_SCORE = 0.5;
const LONG_MESSAGE_CHARACTERS = 400;
const MANY_QUESTIONS = 3;

/** The approved text of the class, filled with facts. Null for what has no class, and where a fact is missing. */
export function approvedReply(material: DraftMaterial<BankSupportInput>): EmbeddedDraft<BankSupportOutput> | null {
  if (material.repair) return null; // The same text would fail the same checks.
  const intent = intentOf(material);
  if (!isBankClass(intent)) return null;
  const facts = factsOf(material.context, material.input.message);
  const filled = firstFilled(APPROVED_TEXTS[intent].texts, facts);
  if (!filled) return null;
  const firstName = facts['customer.firstName'];
  const reply = `Hello${firstName === undefined ? '' : ` ${firstName}`},\n\n${filled.text}\n\n${SIGNATURE}`;
  const factsUsed = firstName === undefined ? filled.used : ['customer.firstName', ...filled.used];
  return { output: { intent, reply, factsUsed }, score: scoreOf(material, intent) };
}

/** What the reply should be about: the class that a reviewer's guidance clearly names, else the classifier's. */
export function intentOf({
  class: classification,
  guidance,
}: Pick<DraftMaterial<unknown>, 'class' | 'guidance'>): string {
  const named = guidance === null ? [] : classesNamedIn(guidance).filter((name) => name !== classification.name);
  return named.length === 1 ? (named[0] ?? UNCLEAR) : classification.name;
}

/**
 * The classes that guidance names by name (with or without underscores) or title. Names of one word are ordinary words as well
 * ("mention the fees"): they count only behind a word like "class" or "about", or alone.
 */
export function classesNamedIn(guidance: string): readonly BankClass[] {
  const words = ` ${guidance
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, ' ')
    .trim()} `;
  return BANK_CLASSES.filter((name) => {
    const phrases = [name.replaceAll('_', ' '), APPROVED_TEXTS[name].title.toLowerCase()];
    return phrases.some((phrase) =>
      phrase.includes(' ')
        ? words.includes(` ${phrase} `)
        : words === ` ${phrase} ` ||
          new RegExp(` (class|intent|about|topic|category)( is| a| an| the| to)* ${phrase} `).test(words),
    );
  });
}

function firstFilled(
  texts: readonly string[],
  facts: Facts,
): { readonly text: string; readonly used: string[] } | null {
  for (const text of texts) {
    const slots = slotsOf(text);
    if (slots.every((slot) => isFactName(slot) && facts[slot] !== undefined)) {
      return { text: text.replace(SLOT, (_, slot: FactName) => facts[slot] ?? ''), used: slots };
    }
  }
  return null;
}

/** Names of the slots of a text, each once, in order. */
export function slotsOf(text: string): string[] {
  return [...new Set([...text.matchAll(SLOT)].map((match) => match[1] ?? ''))];
}

export function isFactName(name: string): name is FactName {
  return (FACT_NAMES as readonly string[]).includes(name);
}

function scoreOf({ input, class: classification, guidance }: DraftMaterial<BankSupportInput>, intent: string): number {
  if (guidance !== null && intent === classification.name) return UNFOLLOWED_GUIDANCE_SCORE;
  const questions = input.message.split('?').length - 1;
  return input.message.length > LONG_MESSAGE_CHARACTERS || questions >= MANY_QUESTIONS
    ? LONG_MESSAGE_SCORE
    : PLAIN_SCORE;
}
