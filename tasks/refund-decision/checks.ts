import type { JsonValue } from '../../contracts/digest';
import type { CheckResult } from '../../contracts/words/task';
import { noForeignPersonalData } from '../../guards/foreignPersonalData';
import { grounded } from '../../guards/grounded';
import { detectLanguage } from '../../guards/language';
import type { DraftCheck, DraftMaterial } from '../define';
import { claimedReason } from './claim';
import { factsOf, methodLabel, money } from './facts';
import { type PolicyFacts, isGranting, refundableLines, ruleFor } from './policy';
import { approvedSentences } from './reply';
import type { RefundDecisionInput, RefundDecisionOutput, RefundLine } from './schemas';

type Check = DraftCheck<RefundDecisionInput, RefundDecisionOutput>;
type Material = DraftMaterial<RefundDecisionInput>;
type Result = Omit<CheckResult, 'name'>;

const PHONE_REGIONS = ['GB'] as const;
const LANGUAGE = 'en';

function result(passed: boolean, evidence: CheckResult['evidence']): Result {
  return { passed, reason: passed ? null : 'checks_failed', evidence };
}

/** A check that needs the facts fails without them: a draft that can't be checked is not right. */
function withFacts(
  name: string,
  check: (facts: PolicyFacts, output: RefundDecisionOutput, material: Material) => Result,
): Check {
  return {
    name,
    check: (material, output) => {
      const facts = factsOf(material);
      return facts ? check(facts, output, material) : result(false, { facts: 'unknown' });
    },
  };
}

/** What the caller says has to be what the shop's own systems say: whose order it is, how it was paid, what was refunded before. */
const inputFitsOrder = withFacts('input_fits_order', ({ order, payment }, _, { input }) => {
  const isCustomers = order.customerId === input.customerId;
  const isPaidByIt = order.paymentId === input.paymentId && payment.orderId === input.orderId;
  const refundsKnown = order.customerRefundsInLast90Days;
  const passed = isCustomers && isPaidByIt && input.refundsInLast90Days >= refundsKnown;
  const evidence = { isCustomers, isPaidByIt, refundsTold: input.refundsInLast90Days, refundsKnown };
  return { passed, reason: passed ? null : 'contradictory_input', evidence };
});

const currencyAsOrder = withFacts('currency_as_order', ({ order, payment }, { currency }, { input }) => {
  const expected = [order.currency, payment.currency, ...(input.requested ? [input.requested.currency] : [])];
  return result(
    expected.every((each) => each === currency),
    { currency, order: order.currency, payment: payment.currency },
  );
});

/** What the reviewer reads has to be where the money goes. */
const refundToMethod = withFacts('refund_to_method', ({ payment }, { refundTo }) =>
  result(refundTo === methodLabel(payment.method), { method: payment.method.kind }),
);

/** Positions are those of the draft's lines, from 0. */
const linesWithinPaid = withFacts('lines_within_paid', (facts, { lines }) => {
  const known = refundableLines(facts);
  const unknownLines = positions(lines, ({ sku }) => !known.some((line) => line.sku === sku));
  const linesAbovePaid = positions(lines, ({ sku, quantity, amountMinor }) => {
    const line = known.find((each) => each.sku === sku);
    if (!line) return false;
    return quantity > line.quantity || amountMinor > Math.min(line.restMinor, quantity * line.unitPaidMinor);
  });
  return result(unknownLines.length + linesAbovePaid.length === 0, { unknownLines, linesAbovePaid });
});

const totalWithinRefundable = withFacts('total_within_refundable', ({ payment }, { totalMinor }, { input }) => {
  const requestedMinor = input.requested?.amountMinor ?? null;
  const { refundableMinor } = payment;
  const passed = totalMinor <= Math.min(refundableMinor, requestedMinor ?? Infinity);
  return result(passed, { totalMinor, refundableMinor, requestedMinor });
});

/** Each line is granted by a rule that the draft names, and for the reason that the customer gives; a refusal is by such a rule. */
const policySupports = withFacts('policy_supports', (facts, { lines, policyRules }, material) => {
  const reason = claimedReason(material);
  if (reason === null) return result(false, { reason: 'none' });
  const known = refundableLines(facts);
  const unsupportedLines = positions(lines, ({ sku, reason: given }) => {
    const line = known.find((each) => each.sku === sku);
    const rule = line && ruleFor({ line, reason: given }, facts);
    return given !== reason || !rule || !isGranting(rule) || !policyRules.includes(rule);
  });
  const possible = new Set(known.map((line) => ruleFor({ line, reason }, facts)));
  const wrongRules = positions(policyRules, (id) => !possible.has(id));
  const isRefusalFounded = lines.length > 0 || policyRules.some((id) => !isGranting(id));
  const passed = unsupportedLines.length + wrongRules.length === 0 && isRefusalFounded;
  return result(passed, { unsupportedLines, wrongRules, isRefusalFounded });
});

/** An amount in the message is the total or one of the lines, never another amount of the order. */
function sayable({ input, context }: Material, output: RefundDecisionOutput): readonly JsonValue[] {
  const facts = factsOf({ input, context });
  const { lines, totalMinor, currency } = output;
  const amounts = [totalMinor, ...lines.map(({ amountMinor }) => amountMinor)].filter((minor) => minor > 0);
  const names = facts ? refundableLines(facts).map(({ name }) => name) : [];
  const endings = facts ? [methodLabel(facts.payment.method), facts.order.id] : [];
  return [...approvedSentences(), ...amounts.map((minor) => money(minor, currency)), ...names, ...endings];
}

const messageGrounded: Check = {
  name: 'message_grounded',
  check: (material, output) => grounded({ reply: output.message, facts: sayable(material, output) }),
};

const noForeignData: Check = {
  name: 'no_foreign_personal_data',
  check: (material, output) =>
    noForeignPersonalData({
      reply: output.message,
      own: [...sayable(material, output), ...Object.values(material.context)],
      phoneRegions: PHONE_REGIONS,
    }),
};

const messageLanguage: Check = {
  name: 'message_language',
  check: (_, { message }) => {
    const language = detectLanguage(message, [LANGUAGE]);
    return result(language === LANGUAGE, { language });
  },
};

const messageSaysTotal: Check = {
  name: 'message_says_total',
  check: (_, { message, totalMinor, currency }) =>
    result(totalMinor === 0 || message.includes(money(totalMinor, currency)), { totalMinor }),
};

function positions<T extends RefundLine | string>(items: readonly T[], isMeant: (item: T) => boolean): number[] {
  return items.flatMap((item, index) => (isMeant(item) ? [index] : []));
}

export const refundChecks: readonly Check[] = [
  inputFitsOrder,
  currencyAsOrder,
  refundToMethod,
  linesWithinPaid,
  totalWithinRefundable,
  policySupports,
  messageSaysTotal,
  messageLanguage,
  messageGrounded,
  noForeignData,
];
