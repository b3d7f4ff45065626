import { expect, it } from '@jest/globals';
import { providerQueueOf, reviewIdOf, taskIdOfReview, workflowIdOf } from '../../contracts/words/names';

it('ids that the Temporal UI has in its addresses hold no slash', () => {
  expect(workflowIdOf('acme', 'tsk_1')).toBe('acme.tsk_1');
  expect(providerQueueOf('countersign', 'openai')).toBe('countersign.provider.openai');
});

it('a review and its task are found from each other', () => {
  expect(taskIdOfReview(reviewIdOf('tsk_abc'))).toBe('tsk_abc');
});
