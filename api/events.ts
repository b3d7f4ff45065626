import { streamReview, streamReviews, streamTask } from '../contracts/http/events';
import { taskIdOfReview } from '../contracts/words/names';
import { readChangedTasks } from '../store/changedTasks';
import type { ChangedTask } from '../store/changedTasks';
import { createChangeFeed } from './changeFeed';
import type { ChangeFeed } from './changeFeed';
import type { ApiDependencies } from './dependencies';
import { nowOf } from './dependencies';
import type { EventStream } from './eventStream';
import { createOpenStreams } from './openStreams';
import type { OpenStreams, OpenStreamsOptions } from './openStreams';
import { createPresence } from './presence';
import type { Presence, PresenceTiming } from './presence';
import { ProblemError } from './problems';
import { mountStream } from './route';
import type { Call, Door, StreamPlace } from './route';

export interface EventOptions extends OpenStreamsOptions, PresenceTiming {
  /** After how long a change that was missed is found. */
  readonly pollMs: number;
}

const DEFAULTS: EventOptions = {
  maxStreams: 1_000,
  maxStreamsOfOne: 250,
  maxWaitingBytes: 256 * 1024,
  maxBehindMs: 30_000,
  beatEveryMs: 15_000,
  lookWithinMs: 5_000,
  pollMs: 3_000,
  sayEveryMs: 5_000,
  leaseMs: 14_000,
};

export interface Events {
  /** Ends all streams, and takes no more. */
  close(): void;
}

interface Parts {
  readonly dependencies: ApiDependencies;
  readonly door: Door;
  readonly streams: OpenStreams;
  readonly feed: ChangeFeed;
  readonly presence: Presence;
  readonly hello: string;
}

/** Streams of what changes: of one task, of all reviews, and of one review with who looks at it. */
export function mountEvents(door: Door, dependencies: ApiDependencies, options: Partial<EventOptions> = {}): Events {
  const settings = { ...DEFAULTS, ...options };
  const parts: Parts = {
    dependencies,
    door,
    streams: createOpenStreams(dependencies, settings),
    feed: createChangeFeed(dependencies, settings),
    presence: createPresence(dependencies, settings),
    hello: JSON.stringify({ heartbeatSeconds: settings.beatEveryMs / 1000 }),
  };
  mountStream(door, streamReviews, async (call, place) => followReviews(parts, call, place));
  mountStream(door, streamTask, (call, place) => followTask(parts, call, place));
  mountStream(door, streamReview, (call, place) => followReview(parts, call, place));
  const close = () => {
    parts.streams.close();
    parts.feed.close();
    parts.presence.close();
  };
  return { close };
}

function followReviews(
  { streams, feed, door, hello }: Parts,
  { caller }: Call<typeof streamReviews>,
  place: StreamPlace,
): void {
  const stream = streams.open({
    ...place,
    caller,
    door,
    access: streamReviews.access,
    onCaughtUp: () => refresh('behind'),
    onClose: () => stop(),
  });
  if (stream === null) return;
  const refresh = (reason: 'behind' | 'missed') => stream.send('refresh', JSON.stringify({ reason }));
  const stop = feed.watch({
    tenant: caller.tenant,
    taskId: null,
    onTold: ({ review }) => review !== null && stream.send('review', review),
    onMissed: () => refresh('missed'),
  });
  stream.send('hello', hello);
}

async function followTask(
  { dependencies, streams, feed, door }: Parts,
  { caller, params, headers }: Call<typeof streamTask>,
  place: StreamPlace,
): Promise<void> {
  const { tenant } = caller;
  const { taskId } = params;
  const lastRead = headers['last-event-id'];
  const { task } = await requireKnown(dependencies, tenant, { taskId, unknown: 'task_unknown' });
  if (task.status === 'completed' && lastRead === String(task.revision)) return void place.response.status(204).end();
  const stream = streams.open({
    ...place,
    caller,
    door,
    access: streamTask.access,
    onCaughtUp: () => feed.again(tenant, taskId),
    onClose: () => stop(),
  });
  if (stream === null) return;
  const sendNews = newsOnly(stream, 'task');
  const stop = feed.watch({
    tenant,
    taskId,
    onTold: ({ task: news, revision, isCompleted }) => {
      const id = String(revision);
      const isRead = id === lastRead && !sendNews.hasSent();
      if ((isRead || sendNews(news, id)) && isCompleted) stream.end();
    },
    onMissed: () => undefined,
  });
}

async function followReview(
  { dependencies, streams, feed, presence, door, hello }: Parts,
  { caller, params }: Call<typeof streamReview>,
  place: StreamPlace,
): Promise<void> {
  const { tenant, actor } = caller;
  const { reviewId } = params;
  const taskId = taskIdOfReview(reviewId);
  const known = await requireKnown(dependencies, tenant, { taskId, unknown: 'review_unknown' });
  if (known.review?.id !== reviewId) throw new ProblemError('review_unknown');
  let people: string | null = null;
  const stream = streams.open({
    ...place,
    caller,
    door,
    access: streamReview.access,
    onCaughtUp: () => {
      feed.again(tenant, taskId);
      if (people !== null) stream?.send('presence', people);
    },
    onClose: () => {
      stop();
      leave();
    },
  });
  if (stream === null) return;
  stream.send('hello', hello);
  const sendNews = newsOnly(stream, 'review');
  const onTold = ({ review }: { readonly review: string | null }) => void (review !== null && sendNews(review));
  const stop = feed.watch({ tenant, taskId, onTold, onMissed: () => undefined });
  const onChange = (told: string) => {
    people = told;
    stream.send('presence', told);
  };
  const leave = presence.enter({ tenant, reviewId, actorId: actor.id, onChange });
}

/** Sends what differs from what was sent last: a state may be told more than once. True where there was nothing new, or it went. */
function newsOnly(stream: EventStream, name: string) {
  let last: string | null = null;
  const send = (data: string, id?: string): boolean => {
    if (data === last) return true;
    const isSent = stream.send(name, data, id);
    if (isSent) last = data;
    return isSent;
  };
  return Object.assign(send, { hasSent: () => last !== null });
}

async function requireKnown(
  dependencies: ApiDependencies,
  tenant: string,
  { taskId, unknown }: { readonly taskId: string; readonly unknown: 'task_unknown' | 'review_unknown' },
): Promise<ChangedTask> {
  const request = { taskIds: [taskId], now: nowOf(dependencies) };
  const [known] = await dependencies.store.inTenant(tenant, (tx) => readChangedTasks(tx, request));
  if (known === undefined) throw new ProblemError(unknown);
  return known;
}
