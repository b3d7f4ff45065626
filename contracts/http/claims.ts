import { z } from 'zod';
import { clearText, reviewParams, time } from './fields';
import { defineOperation } from './operation';

export const claim = z
  .object({
    by: z.string(),
    since: time,
    until: time,
    assignedBy: z.string().optional().meta({ description: 'Who gave it to them; absent where they took it.' }),
  })
  .meta({ id: 'Claim' });

const leaseBody = z
  .strictObject({ leaseSeconds: z.number().int().min(10).max(86_400).optional() })
  .meta({ id: 'LeaseBody', description: 'Default: the lease of the task type.' });

/** Of whoever would hold it: they could not decide on it. */
const takerRefusals = ['own_task', 'already_approved_by_you'] as const;

const heldRefusals = [
  'review_unknown',
  'claimed_by_other',
  'already_decided',
  'stale_digest',
  'role_required',
  'task_ended',
  'unavailable',
] as const;

export const claimReview = defineOperation({
  id: 'claimReview',
  method: 'post',
  path: '/v1/reviews/{reviewId}/claim',
  access: 'reviews:decide',
  tag: 'reviews',
  summary: 'Claim a review',
  params: reviewParams,
  body: leaseBody,
  answers: { 200: { description: 'The claim.', schema: claim } },
  refusals: [...heldRefusals, ...takerRefusals],
});

export const extendClaim = defineOperation({
  id: 'extendClaim',
  method: 'post',
  path: '/v1/reviews/{reviewId}/extend',
  access: 'reviews:decide',
  tag: 'reviews',
  summary: 'Extend a claim',
  params: reviewParams,
  body: leaseBody,
  answers: { 200: { description: 'The claim.', schema: claim } },
  refusals: [...heldRefusals, ...takerRefusals, 'not_claimed'],
});

export const assignReview = defineOperation({
  id: 'assignReview',
  method: 'post',
  path: '/v1/reviews/{reviewId}/assign',
  access: 'reviews:decide',
  tag: 'reviews',
  summary: 'Give a review to somebody',
  description: 'A lead assigns any review; whoever holds one may hand it on. It is a claim of theirs from then on.',
  params: reviewParams,
  body: z
    .strictObject({ to: clearText.min(1).max(255), leaseSeconds: z.number().int().min(10).max(86_400).optional() })
    .meta({ id: 'AssignBody', description: 'to: a member who may decide. Default lease: that of the task type.' }),
  answers: { 200: { description: 'Their claim.', schema: claim } },
  refusals: [...heldRefusals, ...takerRefusals, 'member_unknown'],
});

export const releaseReview = defineOperation({
  id: 'releaseReview',
  method: 'post',
  path: '/v1/reviews/{reviewId}/release',
  access: 'reviews:decide',
  tag: 'reviews',
  summary: 'Give a claim back',
  params: reviewParams,
  answers: { 200: { description: 'The review is open again.', schema: z.object({ id: z.string(), claim: z.null() }) } },
  refusals: [...heldRefusals, 'not_claimed'],
});

export const claimOperations = [claimReview, extendClaim, assignReview, releaseReview];
