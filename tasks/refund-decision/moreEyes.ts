import type { ApprovalRule } from '../define';
import type { Currency } from './contracts';
import type { RefundDecisionInput, RefundDecisionOutput } from './schemas';

/** Above these, two people look; one of them may approve for others. About £200 in each currency. */
const LIMIT_MINOR: Readonly<Record<Currency, number>> = { GBP: 20_000, EUR: 24_000, USD: 26_000 };
const MAX_REFUNDS = 2;

/** What asks for a second pair of eyes. They hold for what a draft asks for and for what a person makes of it. */
export const moreEyes: readonly ApprovalRule<RefundDecisionInput, RefundDecisionOutput>[] = [
  {
    name: 'refund_above_limit',
    when: (_, { totalMinor, currency }) => totalMinor > LIMIT_MINOR[currency],
    approvals: 2,
    approvers: 1,
  },
  {
    name: 'many_refunds_before',
    when: ({ refundsInLast90Days }, { totalMinor }) => totalMinor > 0 && refundsInLast90Days > MAX_REFUNDS,
    approvals: 2,
  },
];
