import { z } from 'zod';
import { reviewParams, time } from './fields';
import { defineOperation } from './operation';

export const note = z.object({ by: z.string(), byName: z.string(), at: time, text: z.string() }).meta({ id: 'Note' });

export const addNote = defineOperation({
  id: 'addNote',
  method: 'post',
  path: '/v1/reviews/{reviewId}/notes',
  access: 'reviews:decide',
  tag: 'reviews',
  summary: 'Leave a note on a review',
  description: 'For other people; it changes nothing of the review.',
  params: reviewParams,
  body: z
    .strictObject({ text: z.string().min(1).max(4_000).regex(/\S/, 'must say something') })
    .meta({ id: 'NoteBody' }),
  answers: { 201: { description: 'The note.', schema: note } },
  refusals: ['review_unknown'],
});

export const noteOperations = [addNote];
