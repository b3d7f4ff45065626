import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { type Budget, type GrantDefinition, type ReviewDefinition, type TaskDefinition, defineTask } from '../define';
import { approvedReply } from './approvedReply';
import { supportChecks } from './checks';
import { NEVER_ALONE } from './classes';
import { coreBank, crm } from './integrations';
import { logInteraction } from './logInteraction';
import { supportPrompt } from './prompt';
import { BankSupportInput, BankSupportOutput } from './schemas';

const MINUTE = 60;
const HOUR = 60 * MINUTE;

const ExampleLine = z.strictObject({ class: z.string(), text: z.string().min(1) });
export type BankExample = z.infer<typeof ExampleLine>;

export interface BankSupportOptions {
  /** Classes that their owner lets run alone. Default: none. */
  readonly grants?: readonly GrantDefinition[];
  /** In place of what this definition says about how people decide. */
  readonly review?: Partial<ReviewDefinition<BankSupportOutput>>;
  /** Default: 15 minutes and 1 hour. */
  readonly remindAfterSeconds?: readonly number[];
  /** Default: after 24 hours, a note that the message has been received. */
  readonly onTimeout?: NonNullable<ReviewDefinition<BankSupportOutput>['onTimeout']>;
  /** Default: 20 cents for a task, 50 dollars for a day. */
  readonly budget?: Budget;
}

/** It says nothing but that someone will answer, so that it is true for every message. */
const RECEIVED: BankSupportOutput = {
  intent: 'unclear',
  reply:
    'Hello,\n\nwe have received your message, and a colleague will answer it as soon as possible. If it is urgent, please call us on 08081 570 114, day and night.\n\nKind regards\nLarkfield Bank, customer service',
  factsUsed: [],
};

/**
 * Answers what customers of a retail bank write. A configured remote model drafts first, since it can fit the reply to the
 * message; the approved text as it stands takes over when it is down or its drafts fail their checks.
 */
export function bankSupport(options: BankSupportOptions = {}): TaskDefinition<BankSupportInput, BankSupportOutput> {
  return defineTask<BankSupportInput, BankSupportOutput>({
    name: 'bank-support',
    version: 1,
    title: 'Bank support',
    description: 'Answers the message of a customer of a retail bank from approved texts and the facts of the account.',
    input: BankSupportInput,
    output: BankSupportOutput,
    maxInputBytes: 65_536,
    languages: ['en'],
    phoneRegions: ['GB'],
    textOf: (input) => input.message,
    classes: { kind: 'examples', examples: bankExamples(), outOfScope: true },
    context: [coreBank, crm],
    draft: {
      routes: [{ provider: 'openai' }, { provider: 'embedded' }],
      embedded: approvedReply,
      prompt: supportPrompt,
    },
    checks: supportChecks,
    effects: [logInteraction],
    autonomy: { grants: options.grants ?? [], never: NEVER_ALONE },
    review: {
      queue: 'support',
      remindAfterSeconds: options.remindAfterSeconds ?? [15 * MINUTE, HOUR],
      onTimeout: options.onTimeout ?? { kind: 'fall_back', afterSeconds: 24 * HOUR, output: RECEIVED },
      leaseSeconds: 300,
      maxRounds: 5,
      ...options.review,
    },
    requirements: { accuracy: 0.95, p95Seconds: 5, maxCostUsd: 0.02 },
    budget: options.budget ?? { perTaskUsd: 0.2, perDayUsd: 50 },
  });
}

/** The examples of each class, as they were written. Throws where a line of the file is not one. */
export function bankExamples(): readonly BankExample[] {
  const lines = readFileSync(join(__dirname, 'examples.jsonl'), 'utf8').trim().split('\n');
  return lines.map((line) => ExampleLine.parse(JSON.parse(line)));
}
