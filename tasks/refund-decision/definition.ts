import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { type GrantDefinition, type ReviewDefinition, type TaskDefinition, defineTask } from '../define';
import { refundChecks } from './checks';
import { NEVER_ALONE } from './classes';
import { orders, payments } from './integrations';
import { lineItems } from './lineItems';
import { moreEyes } from './moreEyes';
import { refundPreconditions } from './preconditions';
import { refundPrompt } from './prompt';
import { proposal } from './proposal';
import { refundPayment } from './refundPayment';
import { RefundDecisionInput, RefundDecisionOutput } from './schemas';

const MINUTE = 60;
const HOUR = 60 * MINUTE;

const ExampleLine = z.strictObject({ class: z.string(), text: z.string().min(1) });
type RefundExample = z.infer<typeof ExampleLine>;

export interface RefundDecisionOptions {
  /** Classes that their owner lets run alone. Default: none. A draft for which a rule asks more eyes never does. */
  readonly grants?: readonly GrantDefinition[];
  /** In place of what this definition says about how people decide. */
  readonly review?: Partial<ReviewDefinition<RefundDecisionOutput>>;
}

/**
 * How people decide about money: whoever holds the claim, with ten seconds to take it back. A refund that nobody decides stays
 * unpaid and waits: no answer that could be declared beforehand would be true for every customer.
 */
const REVIEW: ReviewDefinition<RefundDecisionOutput> = {
  queue: 'refunds',
  remindAfterSeconds: [15 * MINUTE],
  ladder: [
    { kind: 'widen', afterSeconds: HOUR, toQueue: 'refunds-leads', toRole: 'lead' },
    { kind: 'overdue', afterSeconds: 2 * HOUR },
  ],
  onTimeout: { kind: 'keep_waiting' },
  leaseSeconds: 10 * MINUTE,
  isClaimRequired: true,
  undoSeconds: 10,
};

/** Proposes a refund from an order, its payment and the shop's policy, and has the payment service make it once it is permitted. */
export function refundDecision(
  options: RefundDecisionOptions = {},
): TaskDefinition<RefundDecisionInput, RefundDecisionOutput> {
  return defineTask<RefundDecisionInput, RefundDecisionOutput>({
    name: 'refund-decision',
    version: 1,
    title: 'Refund decision',
    description:
      'Proposes what a customer of a shop gets back, from the order, its payment and the policy of the shop.',
    input: RefundDecisionInput,
    output: RefundDecisionOutput,
    maxInputBytes: 65_536,
    languages: ['en'],
    phoneRegions: ['GB'],
    textOf: (input) => input.message,
    classes: { kind: 'examples', examples: refundExamples(), outOfScope: true },
    context: [orders, payments],
    draft: {
      routes: [{ provider: 'openai' }, { provider: 'embedded' }],
      embedded: proposal,
      prompt: refundPrompt,
    },
    checks: refundChecks,
    effects: [refundPayment],
    autonomy: { grants: options.grants ?? [], never: NEVER_ALONE },
    review: { ...REVIEW, ...options.review },
    approvalRules: moreEyes,
    stillTrue: refundPreconditions,
    items: lineItems,
    requirements: { accuracy: 0.95, p95Seconds: 5, maxCostUsd: 0.02 },
    budget: { perTaskUsd: 0.2, perDayUsd: 50 },
  });
}

/** The examples of each class, as they were written. Throws where a line of the file is not one. */
export function refundExamples(): readonly RefundExample[] {
  const lines = readFileSync(join(__dirname, 'examples.jsonl'), 'utf8').trim().split('\n');
  return lines.map((line) => ExampleLine.parse(JSON.parse(line)));
}
