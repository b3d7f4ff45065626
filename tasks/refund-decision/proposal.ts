import type { DraftMaterial, EmbeddedDraft } from '../define';
import { type Claim, claimOf, claimedReason } from './claim';
import type { RefundClass } from './classes';
import { factsOf, methodLabel } from './facts';
import { type PolicyFacts, isGranting, refundableLines, ruleFor } from './policy';
import type { PolicyRuleId } from './policyRules';
import { approvedReply } from './reply';
import { type RefundDecisionInput, type RefundDecisionOutput, type RefundLine, sumOf } from './schemas';

type Material = DraftMaterial<RefundDecisionInput>;

/** The rules decide rightly where the class is right and it is plain which lines are meant. */
const PLAIN_SCORE = 0.95;
const GUESSED_QUANTITY_SCORE = 0.6;
/** Guidance that names neither a class nor a line can't be followed by rules: the reviewer gets the same, and is told by the score. */
const UNFOLLOWED_GUIDANCE_SCORE = 0.5;
const LONG_MESSAGE_SCORE = 0.75;
const LONG_MESSAGE_CHARACTERS = 600;

/**
 * The refund that the policy grants, or why it grants none. Null where the class is none of the shop's, a fact is missing, several
 * lines could be meant, or the policy says nothing.
 */
export function proposal(material: Material): EmbeddedDraft<RefundDecisionOutput> | null {
  if (material.repair) return null; // The same rules would give the same draft.
  const facts = factsOf(material);
  const reason = claimedReason(material);
  if (!facts || reason === null || !isInOneCurrency(material.input, facts)) return null;
  const claim = claimOf(material, refundableLines(facts), reason);
  const granted = claim && grantedOf(claim, { reason, facts, input: material.input });
  if (!claim || !granted) return null;
  return { output: outputOf(granted, facts), score: scoreOf(material, claim) };
}

function isInOneCurrency({ requested }: RefundDecisionInput, { order, payment }: PolicyFacts): boolean {
  return order.currency === payment.currency && (requested === undefined || requested.currency === order.currency);
}

interface Granted {
  readonly lines: readonly RefundLine[];
  readonly policyRules: readonly PolicyRuleId[];
  readonly isAllOfIt: boolean;
}

/** What the policy says of each line; null where it says nothing of any. */
function grantedOf(
  { lines }: Claim,
  { reason, facts, input }: { reason: RefundClass; facts: PolicyFacts; input: RefundDecisionInput },
): Granted | null {
  const judged = lines.map(({ line, quantity }) => ({ line, quantity, rule: ruleFor({ line, reason }, facts) }));
  const rules = judged.flatMap(({ rule }) => (rule === null ? [] : [rule]));
  if (rules.length === 0) return null;
  const wanted = judged.flatMap(({ line, quantity, rule }): RefundLine[] => {
    const amountMinor = Math.min(quantity * line.unitPaidMinor, line.restMinor);
    return rule !== null && isGranting(rule) && amountMinor > 0
      ? [{ sku: line.sku, quantity, amountMinor, reason }]
      : [];
  });
  const limitMinor = Math.min(facts.payment.refundableMinor, input.requested?.amountMinor ?? Infinity);
  const paid = within(wanted, limitMinor);
  const claimedMinor = input.requested?.amountMinor ?? sumOf(wanted);
  const isAllOfIt = rules.every(isGranting) && sumOf(paid) >= claimedMinor;
  return { lines: paid, policyRules: [...new Set(rules)], isAllOfIt };
}

/** The lines in their order, until the limit is used up. */
function within(lines: readonly RefundLine[], limitMinor: number): readonly RefundLine[] {
  let leftMinor = limitMinor;
  return lines.flatMap((line) => {
    const amountMinor = Math.min(line.amountMinor, leftMinor);
    leftMinor -= amountMinor;
    return amountMinor > 0 ? [{ ...line, amountMinor }] : [];
  });
}

function outputOf({ lines, policyRules, isAllOfIt }: Granted, { order, payment }: PolicyFacts): RefundDecisionOutput {
  const totalMinor = sumOf(lines);
  const decided: Omit<RefundDecisionOutput, 'message'> = {
    decision: totalMinor === 0 ? 'no_refund' : isAllOfIt ? 'refund' : 'partial_refund',
    lines: [...lines],
    totalMinor,
    currency: order.currency,
    refundTo: methodLabel(payment.method),
    policyRules: [...policyRules],
  };
  return { ...decided, message: approvedReply(decided) };
}

function scoreOf(material: Material, claim: Claim): number {
  const { guidance, input } = material;
  if (guidance !== null && !isFollowed(material, claim)) return UNFOLLOWED_GUIDANCE_SCORE;
  if (!claim.isPlain) return GUESSED_QUANTITY_SCORE;
  return input.message.length > LONG_MESSAGE_CHARACTERS ? LONG_MESSAGE_SCORE : PLAIN_SCORE;
}

/** Whether the guidance changed what is claimed, or why. */
function isFollowed(material: Material, claim: Claim): boolean {
  const without = { ...material, guidance: null };
  const reason = claimedReason(without);
  const facts = factsOf(material);
  if (reason !== claimedReason(material) || reason === null || facts === null) return true;
  const before = claimOf(without, refundableLines(facts), reason);
  return JSON.stringify(before?.lines) !== JSON.stringify(claim.lines);
}
