import { type EventReader, follow } from '../../test/api/eventReader';
import { call, type Target } from './target';

export interface ClaimsSeen {
  /** From asking for the claim to the event at the other process. */
  readonly eventMs: readonly number[];
  /** From asking for the claim to a list of the other process that shows it, asked for again and again. */
  readonly listMs: readonly number[];
}

/** Claims one review after another at one process, and looks when the other shows it. */
export async function claimAndLook(
  reviewIds: readonly string[],
  { here, there }: { readonly here: Target; readonly there: Target },
): Promise<ClaimsSeen> {
  const events = await follow(there, '/v1/reviews/events', { key: there.key });
  await events.first('hello');
  const [eventMs, listMs]: [number[], number[]] = [[], []];
  for (const reviewId of reviewIds) {
    const startedAt = performance.now();
    const since = () => performance.now() - startedAt;
    const [, event, list] = await Promise.all([
      call(here, `POST /v1/reviews/${reviewId}/claim`, {}),
      isTold(events, reviewId).then(since),
      isListed(there, reviewId).then(since),
    ]);
    eventMs.push(event);
    listMs.push(list);
  }
  events.close();
  return { eventMs, listMs };
}

const LOOK_EVERY_MS = 5;
const MOST_LOOKS = 2_000;

async function isTold({ events }: EventReader, reviewId: string): Promise<void> {
  for (let looks = 0; looks < MOST_LOOKS; looks += 1) {
    if (events.some(({ name, data }) => name === 'review' && data.reviewId === reviewId && data.status === 'claimed'))
      return;
    await pause(LOOK_EVERY_MS);
  }
  throw new Error(`the claim of ${reviewId} was not told`);
}

async function isListed(target: Target, reviewId: string): Promise<void> {
  for (let looks = 0; looks < MOST_LOOKS; looks += 1) {
    // The newest first: what was posted last is on the first page.
    const page = await call<{ items: readonly { id: string }[] }>(
      target,
      'GET /v1/reviews?status=claimed&sort=age&limit=200',
    );
    if (page.items.some(({ id }) => id === reviewId)) return;
    await pause(LOOK_EVERY_MS);
  }
  throw new Error(`the claim of ${reviewId} was not listed`);
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
