import { z } from 'zod';
import { ACTIONS, CORRECTION_KINDS, SURFACES } from '../words/vocabulary';
import { clearText, digest, idempotencyKeyHeader, json, reviewParams, time } from './fields';
import { defineOperation } from './operation';
import { problem } from './problem';
import { task } from './tasks';

const itemDecision = z
  .strictObject({
    index: z.number().int().min(0).meta({ description: 'The place of the item in the draft, from 0.' }),
    action: z.enum(['approve', 'correct', 'decline']),
    output: json.optional().meta({ description: 'For correct: the whole item.' }),
  })
  .meta({ id: 'ItemDecision' });

export const decisionBody = z
  .strictObject({
    action: z.enum(ACTIONS),
    digest: digest.meta({ description: 'Of the draft that is decided on, from the review.' }),
    round: z
      .number()
      .int()
      .min(1)
      .optional()
      .meta({ description: 'The round that is decided on. Default: the one that is open.' }),
    output: json
      .optional()
      .meta({ description: "For correct: the whole output, as the task type's output schema says." }),
    guidance: z
      .string()
      .min(1)
      .max(4000)
      .optional()
      .meta({ description: 'For revise: what the next draft must do better.' }),
    reasonCode: z
      .string()
      .regex(/^[a-z][a-z0-9_]{0,63}$/, 'must be lower-case letters, digits and underscores, at most 64')
      .optional(),
    note: z.string().min(1).max(4000).optional(),
    correctionKind: z.enum(CORRECTION_KINDS).optional().meta({ description: 'For correct. Default substance.' }),
    items: z
      .array(itemDecision)
      .min(1)
      .max(1_000)
      .optional()
      .meta({
        description:
          'Item by item, each item of the draft once. With approve all are approved, with decline all are declined; with correct ' +
          'they are mixed, and the corrected output is made of them.',
      }),
  })
  .meta({ id: 'DecisionBody' });
export type DecisionBody = z.output<typeof decisionBody>;

export const decision = z
  .object({
    action: z.enum(ACTIONS),
    by: z.string(),
    at: time,
    round: z.number().int(),
    digest: digest.meta({ description: "Of the draft on the reviewer's screen." }),
    permitDigest: digest.nullable().meta({ description: 'What may be delivered; null when nothing may.' }),
    reasonCode: z.string().nullable(),
    correctionKind: z.enum(CORRECTION_KINDS).nullable(),
    humanSeconds: z.number(),
    surface: z.enum(SURFACES),
    missingApprovals: z
      .number()
      .int()
      .meta({ description: 'How many more people have to approve before it takes effect; 0 where it does.' }),
    undoUntil: time.nullable().meta({ description: 'Until when it can be taken back; null where it can not.' }),
    items: z.array(z.object({ index: z.number().int(), action: z.enum(['approve', 'correct', 'decline']) })),
  })
  .meta({ id: 'Decision' });

const keyUsed = z.string().meta({ description: 'The key to ask again with, which was made where none was sent.' });
const decidedHeaders = z.object({
  'idempotency-key': keyUsed,
  'idempotent-replayed': z
    .literal('true')
    .optional()
    .meta({ description: 'The key was known: this is its first answer.' }),
});
// A request that is refused before its key is looked at has none.
const undecidedHeaders = z.object({ 'idempotency-key': keyUsed.optional() });

const decisionRefusals = [
  'review_unknown',
  'already_decided',
  'stale_digest',
  'claimed_by_other',
  'not_claimed',
  'role_required',
  'own_task',
  'already_approved_by_you',
  'rounds_exhausted',
  'task_ended',
  'output_invalid',
  'guidance_required',
  'input_invalid',
  'idempotency_key_invalid',
  'idempotency_key_reused',
] as const;

export const decide = defineOperation({
  id: 'decide',
  method: 'post',
  path: '/v1/reviews/{reviewId}/decision',
  access: 'reviews:decide',
  tag: 'reviews',
  summary: 'Decide on a review',
  description:
    'Answers once the decision is durable. With an effect: once it is permitted, not once it is done. One decision per round ' +
    'takes effect; everybody else is told who decided what. The same Idempotency-Key gives the first answer again.',
  params: reviewParams,
  headers: idempotencyKeyHeader,
  body: decisionBody,
  answers: {
    200: {
      description: 'The decision took effect.',
      schema: z.object({ decision, task }).meta({ id: 'DecisionAnswer' }),
      headers: decidedHeaders,
    },
  },
  refusals: [...decisionRefusals, 'not_yet_decided', 'unavailable'],
  problemHeaders: undecidedHeaders,
});

export const MAX_BULK_DECISIONS = 200;

export const decideInBulk = defineOperation({
  id: 'decideInBulk',
  method: 'post',
  path: '/v1/reviews/decisions',
  access: 'reviews:decide',
  tag: 'reviews',
  summary: 'Decide on many reviews',
  description:
    `Up to ${MAX_BULK_DECISIONS}, each by itself: one that is refused stops no other. The results come in the order of the decisions. ` +
    'Under the same Idempotency-Key each decision is the same one; a decision may have a key of its own. What could not be asked within ' +
    '15 seconds is unavailable.',
  headers: idempotencyKeyHeader,
  body: z
    .strictObject({
      decisions: z
        .array(
          decisionBody.extend({
            reviewId: clearText.min(1).max(64),
            idempotencyKey: z.string().min(1).max(255).optional(),
          }),
        )
        .min(1)
        .max(MAX_BULK_DECISIONS),
    })
    .meta({ id: 'BulkDecisionBody' }),
  answers: {
    200: {
      description: 'A result for each decision, in their order.',
      schema: z
        .object({
          results: z.array(
            z.object({
              reviewId: z.string(),
              status: z.number().int().meta({ description: 'As of the call for one decision.' }),
              decision: decision.nullable(),
              problem: problem.nullable(),
            }),
          ),
        })
        .meta({ id: 'BulkDecisionAnswer' }),
      headers: z.object({ 'idempotency-key': keyUsed }),
    },
  },
  refusals: ['idempotency_key_invalid'],
  problemHeaders: undecidedHeaders,
});

export const undoDecision = defineOperation({
  id: 'undoDecision',
  method: 'post',
  path: '/v1/reviews/{reviewId}/undo',
  access: 'reviews:decide',
  tag: 'reviews',
  summary: 'Take a decision back',
  description:
    "Within the task type's undo window, and before delivery. An approval of your own that waits for others' can be taken back until " +
    'the round is decided.',
  params: reviewParams,
  answers: {
    200: {
      description: 'The review is open again.',
      schema: z.object({ undone: decision, task }).meta({ id: 'UndoAnswer' }),
    },
  },
  refusals: [
    'review_unknown',
    'too_late',
    'not_decided',
    'not_your_decision',
    'role_required',
    'task_ended',
    'unavailable',
  ],
});

export const mintDecisionToken = defineOperation({
  id: 'mintDecisionToken',
  method: 'post',
  path: '/v1/reviews/{reviewId}/decision-tokens',
  access: 'reviews:decide',
  tag: 'reviews',
  summary: 'Mint a token that carries one decision',
  description:
    'For the signal `decide`, sent from the Temporal UI, its CLI or another service. The token is judged by the same rules as a ' +
    'decision when it arrives; minting it decides nothing.',
  params: reviewParams,
  body: decisionBody,
  answers: {
    201: {
      description: 'The token.',
      schema: z.object({ token: z.string(), expiresAt: time }).meta({ id: 'DecisionToken' }),
    },
  },
  refusals: ['review_unknown', 'output_invalid', 'guidance_required', 'input_invalid', 'task_ended'],
});

export const decisionOperations = [decideInBulk, decide, undoDecision, mintDecisionToken];
