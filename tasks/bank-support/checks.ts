import type { JsonValue } from '../../contracts/digest';
import type { CheckResult } from '../../contracts/words/task';
import { noForeignPersonalData } from '../../guards/foreignPersonalData';
import { grounded } from '../../guards/grounded';
import { detectLanguage } from '../../guards/language';
import type { DraftCheck, DraftMaterial } from '../define';
import { intentOf, isFactName, slotsOf } from './approvedReply';
import { isBankClass } from './classes';
import { factsOf } from './facts';
import { APPROVED_TEXTS } from './knowledge';
import type { BankSupportInput, BankSupportOutput } from './schemas';

type Check = DraftCheck<BankSupportInput, BankSupportOutput>;
type Material = DraftMaterial<BankSupportInput>;

/** Where the bank's own numbers, which occur in approved texts, are at home. */
const PHONE_REGIONS = ['GB'] as const;
const LANGUAGE = 'en';

/**
 * What may be said: the approved texts of what the reply is about, and the customer's facts as they are written in replies. The
 * message is not among them: a number that only the message says may be a fraudster's.
 */
function sayable(material: Material, { intent }: BankSupportOutput): readonly JsonValue[] {
  const texts = isBankClass(intent) ? APPROVED_TEXTS[intent].texts : [];
  return [...texts, Object.values(factsOf(material.context, material.input.message))];
}

const replyGrounded: Check = {
  name: 'reply_grounded',
  check: (material, output) => grounded({ reply: output.reply, facts: sayable(material, output) }),
};

const noForeignData: Check = {
  name: 'no_foreign_personal_data',
  check: (material, output) =>
    noForeignPersonalData({
      reply: output.reply,
      own: [...sayable(material, output), ...Object.values(material.context)],
      phoneRegions: PHONE_REGIONS,
    }),
};

const intentIsClass: Check = {
  name: 'intent_is_class',
  check: (material, { intent }) => result(intent === intentOf(material), { intent, class: material.class.name }),
};

const replyComplete: Check = {
  name: 'reply_complete',
  check: (_, { reply }) => {
    const openSlots = slotsOf(reply).length;
    return result(/\p{L}/u.test(reply) && openSlots === 0, { characters: reply.trim().length, openSlots });
  },
};

const replyLanguage: Check = {
  name: 'reply_language',
  check: (_, { reply }) => {
    const language = detectLanguage(reply, [LANGUAGE]);
    return result(language === LANGUAGE, { language });
  },
};

/** A reply that claims a fact which isn't known has made it up, whatever it says. */
const factsKnown: Check = {
  name: 'facts_known',
  check: (material, { factsUsed }) => {
    const facts = factsOf(material.context, material.input.message);
    const unknown = factsUsed.filter((name) => !isFactName(name) || facts[name] === undefined).length;
    return result(unknown === 0, { unknown });
  },
};

function result(passed: boolean, evidence: CheckResult['evidence']): Omit<CheckResult, 'name'> {
  return { passed, reason: passed ? null : 'checks_failed', evidence };
}

export const supportChecks: readonly Check[] = [
  replyComplete,
  intentIsClass,
  replyLanguage,
  factsKnown,
  replyGrounded,
  noForeignData,
];
