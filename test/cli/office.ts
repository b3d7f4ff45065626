import { reviewIdOf } from '../../contracts/words/names';
import { defineTask } from '../../tasks/define';
import { ask, eventually, startTestApi } from '../api/testApi';
import type { TestApi } from '../api/testApi';
import { noteReply } from '../api/noteReply';
import { startWorker } from '../api/testWorker';

/** Decided by whoever holds the review, needs two people, one of them an approver, and can be taken back for a while. */
export const PAIRED = 'paired-note';
const pairedNote = defineTask({
  ...noteReply,
  name: PAIRED,
  review: {
    ...noteReply.review,
    isClaimRequired: true,
    approvals: 2,
    approvers: 1,
    undoSeconds: 600,
    ladder: [{ kind: 'widen', afterSeconds: 3_600, toQueue: 'night' }],
  },
});

export interface Waiting {
  readonly taskId: string;
  readonly reviewId: string;
  readonly digest: string;
}

/** The real API and worker, as a person's client sees them. */
export interface Office {
  readonly api: TestApi;
  /** Of the one who uses the command. */
  readonly key: string;
  /** What tells the command where it is. */
  readonly env: Readonly<Record<string, string>>;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- a test reads what it expects, and fails where it isn't there
  read(path: string): Promise<any>;
  /** Posts a task and waits until its review is open. Default type: note-reply. */
  waiting(message?: string, type?: string): Promise<Waiting>;
}

export async function openOffice(): Promise<Office> {
  const api = await startTestApi({ worker: startWorker, taskTypes: [pairedNote] });
  const key = await api.key();
  const caller = await api.key(['tasks:write']);
  const read = async (path: string) => (await ask(api, `GET ${path}`, { key })).body;
  return {
    api,
    key,
    env: { COUNTERSIGN_URL: api.url, COUNTERSIGN_API_KEY: key },
    read,
    waiting: async (message = 'Is it open on Sunday?', type = 'note-reply') => {
      const json = { type, input: { message } };
      const taskId: string = (await ask(api, 'POST /v1/tasks', { key: caller, json })).body.id;
      const reviewId = reviewIdOf(taskId);
      await eventually(
        () => read(`/v1/tasks/${taskId}`),
        ({ status }) => status === 'waiting_for_review',
      );
      return { taskId, reviewId, digest: (await read(`/v1/reviews/${reviewId}`)).digest };
    },
  };
}
