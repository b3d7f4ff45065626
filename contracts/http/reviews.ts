import { z } from 'zod';
import { DECIDING_ROLES, type DecidingRole } from '../words/roles';
import { ACTIONS, REVIEW_STATUSES } from '../words/vocabulary';
import { decision } from './decisions';
import {
  classProbability,
  clearText,
  confidence,
  digest,
  evidence,
  json,
  links,
  probability,
  reason,
  reviewParams,
  stepName,
  time,
} from './fields';
import { defineOperation } from './operation';
import { listOf, nextCursor, pageQuery } from './paging';
import { attempt } from './tasks';

const row = {
  id: z.string(),
  taskId: z.string(),
  type: z.string(),
  status: z.enum(REVIEW_STATUSES),
  queue: z.string(),
  alsoQueue: z
    .string()
    .nullable()
    .meta({ description: 'A second queue that the ladder put it in: it is in the lists and counts of both.' }),
  class: z.string().nullable(),
  confidence: probability.nullable().meta({ description: 'Calibrated probability that the draft is right.' }),
  priority: z.number().int(),
  claimedBy: z.string().nullable(),
  claimedByName: z.string().nullable().meta({ description: "Of the holder's API key." }),
  claimedUntil: time.nullable(),
  round: z.number().int(),
  digest: digest.meta({ description: 'What a decision must name.' }),
  reminders: z.number().int(),
  approvalsGiven: z.number().int().meta({ description: 'How many people have approved this draft so far.' }),
  approvalsNeeded: z.number().int().meta({ description: 'How many have to, before it is delivered.' }),
  openedAt: time,
  dueAt: time.nullable(),
  isOverdue: z.boolean(),
  closedAt: time.nullable(),
  links,
};

export const reviewRow = z
  .object({ ...row, mainReason: reason.nullable(), reasons: z.array(reason) })
  .meta({ id: 'ReviewRow' });

export const reviewPage = z
  .object({
    items: z.array(reviewRow),
    nextCursor,
    counts: z.array(z.object({ queue: z.string(), status: z.enum(REVIEW_STATUSES), count: z.number().int() })),
  })
  .meta({ id: 'ReviewPage' });

const check = z
  .object({ name: z.string(), passed: z.boolean(), reason: reason.nullable(), evidence })
  .meta({ id: 'Check' });

const draft = z
  .object({
    version: z.number().int(),
    digest,
    output: json,
    effects: z.array(
      z.object({
        name: z.string(),
        arguments: z.record(z.string(), json),
        sentence: z.string().meta({ description: 'What will happen on approve.' }),
      }),
    ),
  })
  .meta({ id: 'Draft' });

const contextEntry = z
  .object({
    integration: z.string(),
    status: z.enum(['ok', 'unavailable', 'contract_violation']),
    fetchedAt: time,
    ageSeconds: z.number(),
    isFresh: z.boolean(),
    latencyMs: z.number(),
    evidence,
    content: json.meta({
      description: 'What was fetched, with personal data masked; null where nothing could be had.',
    }),
  })
  .meta({ id: 'ContextEntry' });

const similarCase = z
  .object({
    taskId: z.string(),
    reviewId: z.string(),
    class: z.string(),
    action: z.enum(ACTIONS),
    by: z.string(),
    at: time,
    output: json.meta({ description: 'What was delivered, with personal data masked; null where nothing was.' }),
  })
  .meta({ id: 'SimilarCase' });

const DECIDING_ROLE_NAMES = Object.keys(DECIDING_ROLES) as DecidingRole[];

const personsDecision = decision.extend({ byName: z.string() }).meta({ id: 'RoundDecision' });

const roundEntry = z
  .object({
    round: z.number().int(),
    digest,
    openedAt: time,
    draft: z.object({ version: z.number().int(), digest }).nullable(),
    decision: personsDecision.nullable(),
    approvals: z
      .array(personsDecision)
      .meta({ description: 'Approvals before the decision, where it needs several people.' }),
    undone: z.array(z.object({ decision: personsDecision, by: z.string(), byName: z.string(), at: time })),
    questions: z.array(
      z.object({
        text: z.string(),
        by: z.string(),
        byName: z.string(),
        at: time,
        status: z.enum(['open', 'answered', 'unanswered', 'withdrawn']),
      }),
    ),
  })
  .meta({ id: 'Round' });

export const review = z
  .object({
    ...row,
    reasons: z.array(z.object({ reason, step: stepName, sentence: z.string(), evidence })),
    language: z.string().nullable(),
    input: json,
    isMasked: z.boolean().meta({ description: 'Whether personal data in input and context is masked.' }),
    classification: z
      .object({
        name: z.string(),
        probability,
        margin: z.number(),
        runnersUp: z.array(classProbability),
        strangeness: z.number(),
        classifier: z.string(),
        calibrator: z.string(),
      })
      .nullable(),
    trust: confidence.nullable().meta({ description: 'The confidence with how it was calibrated.' }),
    draft: draft.nullable(),
    checks: z.array(check),
    context: z.array(contextEntry),
    attempts: z.array(attempt),
    similar: z.array(similarCase),
    rounds: z.array(roundEntry),
    notes: z.array(
      z.object({
        kind: z.enum(['note', 'guidance']),
        by: z.string(),
        at: time,
        round: z.number().int().nullable().meta({ description: 'Null for a note that came with no decision.' }),
        text: z.string(),
      }),
    ),
    answers: z
      .array(z.object({ question: z.string().nullable(), text: json, at: time }))
      .meta({ description: 'What the caller said after the input, with personal data masked.' }),
    needed: z.object({
      approvals: z.number().int().meta({ description: 'How many people have to approve.' }),
      approvers: z.number().int().meta({ description: 'Of these, how many approvers.' }),
      rule: z.string().nullable().meta({ description: 'The rule that asks for them; null for the policy.' }),
      missing: z.number().int(),
    }),
    deciding: z
      .object({
        roles: z.array(z.enum(DECIDING_ROLE_NAMES)).meta({ description: 'One of these is needed to decide.' }),
        needsClaim: z.boolean().meta({ description: 'Whether only the holder of the claim may decide.' }),
        undoSeconds: z.number().int().meta({ description: 'How long a decision can be taken back; 0: not at all.' }),
      })
      .meta({ description: 'Who may decide, and how.' }),
    changes: z
      .array(
        z.object({
          integration: z.string(),
          path: z.string().meta({ description: 'JSON Pointer (RFC 6901) into what the integration said.' }),
          before: json,
          after: json,
        }),
      )
      .meta({ description: 'What other systems say otherwise than in the round before, with personal data masked.' }),
    ladder: z.array(
      z.object({ kind: z.enum(['remind', 'widen', 'overdue', 'fall_back']), at: time, doneAt: time.nullable() }),
    ),
    closedBy: z.enum(['decision', 'timeout', 'cancellation']).nullable(),
    outputSchema: json.meta({ description: 'JSON Schema of the output.' }),
  })
  .meta({ id: 'Review' });

const SORTS = ['due', '-due', 'age', '-age', 'priority', '-priority'] as const;
const word = clearText.min(1).max(255);

export const listReviews = defineOperation({
  id: 'listReviews',
  method: 'get',
  path: '/v1/reviews',
  access: 'reviews:read',
  tag: 'reviews',
  summary: 'List reviews',
  query: z.strictObject({
    ...pageQuery,
    status: listOf(REVIEW_STATUSES).optional(),
    queue: word.optional(),
    type: word.optional(),
    class: word.optional(),
    reason: reason.optional(),
    assignee: word.optional().meta({ description: 'Who holds the claim; `me` for the caller.' }),
    overdue: z.enum(['true', 'false']).optional(),
    sort: listOf(SORTS).optional(),
  }),
  answers: { 200: { description: 'A page of reviews, with counts per queue and status.', schema: reviewPage } },
  refusals: [],
});

export const getReview = defineOperation({
  id: 'getReview',
  method: 'get',
  path: '/v1/reviews/{reviewId}',
  access: 'reviews:read',
  tag: 'reviews',
  summary: 'Read everything that a decision needs',
  description:
    'Personal data in input and context is masked. reveal=true shows it, needs the scope personal_data:read, and is audited.',
  params: reviewParams,
  query: z.strictObject({ reveal: z.enum(['true', 'false']).default('false') }),
  answers: { 200: { description: 'The review.', schema: review } },
  refusals: ['review_unknown'],
});

export const nextReview = defineOperation({
  id: 'nextReview',
  method: 'post',
  path: '/v1/reviews/next',
  access: 'reviews:decide',
  tag: 'reviews',
  summary: 'Claim the next review',
  body: z.strictObject({ queue: word.optional() }).meta({ id: 'NextReviewBody' }),
  answers: {
    200: { description: 'The review, claimed by the caller.', schema: review },
    204: { description: 'Nothing is open.' },
  },
  refusals: ['unavailable'],
});

export const reviewOperations = [listReviews, nextReview, getReview];
