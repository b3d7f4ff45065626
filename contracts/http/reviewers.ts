import { z } from 'zod';
import { GOLD_DRAFTS } from '../words/gold';
import { clearText, json, probability, time } from './fields';
import { defineOperation } from './operation';
import { nextCursor, pageQuery } from './paging';

const tag = 'administration';

export const reviewer = z
  .object({
    actor: z.string(),
    name: z.string().nullable().meta({ description: 'Of the member or the key; null where it is not known.' }),
    decisions: z.number().int(),
    goldSeen: z.number().int().meta({ description: 'Gold items that they decided on.' }),
    goldMissed: z
      .number()
      .int()
      .meta({ description: 'Of these: wrong drafts that they approved, and right ones that they did not.' }),
    accuracy: z
      .object({ mean: probability, lowerBound: probability, upperBound: probability })
      .meta({ description: 'From gold and agreement; the bounds are those of the 95 % credible interval.' }),
    missRate: z.object({ mean: probability, upperBound: probability }).meta({
      description:
        'The probability that they approve a wrong draft, from gold alone. The bound holds with 95 %, however often it is read.',
    }),
    agreementRate: probability.nullable().meta({
      description: 'How often they said what others said of the same draft; null where nothing can be compared.',
    }),
    isFlagged: z.boolean().meta({ description: 'Whether they seem to approve whatever it is.' }),
    flaggedSince: time.nullable(),
    flaggedBecause: z.string().nullable().meta({ description: 'In a sentence. Seconds are never a part of it.' }),
  })
  .meta({ id: 'Reviewer' });

export const listReviewers = defineOperation({
  id: 'listReviewers',
  method: 'get',
  path: '/v1/reviewers',
  access: 'reviews:lead',
  tag,
  summary: 'List reviewers, and how far they can be trusted',
  query: z.strictObject({
    ...pageQuery,
    type: clearText.max(100).optional().meta({ description: 'Decisions on this task type only.' }),
  }),
  answers: {
    200: {
      description: 'All who decided, by id.',
      schema: z.object({ items: z.array(reviewer), nextCursor }),
    },
  },
  refusals: [],
});

export const goldItem = z
  .object({
    id: z.string(),
    taskId: z.string().meta({ description: 'The task whose input is put to review again.' }),
    type: z.string(),
    draft: z.enum(GOLD_DRAFTS),
    createdBy: z.string(),
    createdAt: time,
  })
  .meta({ id: 'GoldItem' });

export const postGoldItem = defineOperation({
  id: 'postGoldItem',
  method: 'post',
  path: '/v1/gold-items',
  access: 'admin',
  tag,
  summary: 'Make a gold item of a task that people decided',
  description:
    'Its input is put to reviewers again, with a draft whose right decision is known, and without any effect. `right`: what was delivered. `wrong`: the first draft, where people corrected it in substance, declined it or sent it back; or the `output` that is given.',
  body: z
    .strictObject({
      taskId: clearText.max(64),
      draft: z.enum(GOLD_DRAFTS),
      output: json.optional().meta({ description: 'A wrong output, by the output schema of the type.' }),
    })
    .meta({ id: 'GoldItemBody' }),
  answers: { 201: { description: 'The gold item; the one that is there, if it was made before.', schema: goldItem } },
  refusals: ['task_unknown', 'input_invalid', 'output_invalid'],
});

export const listGoldItems = defineOperation({
  id: 'listGoldItems',
  method: 'get',
  path: '/v1/gold-items',
  access: 'admin',
  tag,
  summary: 'List gold items',
  query: z.strictObject(pageQuery),
  answers: {
    200: { description: 'Those in use, the newest first.', schema: z.object({ items: z.array(goldItem), nextCursor }) },
  },
  refusals: [],
});

export const deleteGoldItem = defineOperation({
  id: 'deleteGoldItem',
  method: 'delete',
  path: '/v1/gold-items/{goldItemId}',
  access: 'admin',
  tag,
  summary: 'Take a gold item out of use',
  description: 'It is put to nobody again. What was decided on it stays counted.',
  params: z.object({ goldItemId: clearText.max(64) }),
  answers: { 204: { description: 'It is out of use.' } },
  refusals: ['gold_item_unknown'],
});

export const reviewerOperations = [listReviewers, postGoldItem, listGoldItems, deleteGoldItem];
