import { z } from 'zod';
import { ACTIONS, CORRECTION_KINDS, SURFACES } from '../words/vocabulary';
import { digest, idempotencyKeyHeader, json, reviewParams, time } from './fields';
import { defineOperation } from './operation';
import { task } from './tasks';

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
  })
  .meta({ id: 'Decision' });

const decisionRefusals = [
  'review_unknown',
  'already_decided',
  'stale_digest',
  'claimed_by_other',
  'role_required',
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
    },
  },
  refusals: [...decisionRefusals, 'not_yet_decided', 'unavailable'],
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

export const decisionOperations = [decide, mintDecisionToken];
