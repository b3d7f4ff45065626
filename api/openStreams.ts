import type { Request, Response } from 'express';
import type { Access } from '../contracts/http/operation';
import type { Log } from '../platform/log';
import { authorize } from './authorize';
import type { Caller } from './caller';
import type { ApiDependencies } from './dependencies';
import { EventStream, type StreamLimits, type StreamListeners } from './eventStream';
import { ProblemError } from './problems';
import type { Door } from './route';

export interface OpenStreamsOptions extends StreamLimits {
  /** Streams that this process holds open at most; one more is answered 503. */
  readonly maxStreams: number;
  /** Of those, the streams of one service or person, whatever keys and sessions they have. */
  readonly maxStreamsOfOne: number;
  /** How often each stream is shown to be alive, and its key or session looked at again. */
  readonly beatEveryMs: number;
  /** How long one look at a key or session is waited for. */
  readonly lookWithinMs: number;
}

export interface Opening extends StreamListeners {
  readonly caller: Caller;
  readonly door: Door;
  readonly request: Request;
  readonly response: Response;
  readonly access: Access;
}

/** All open streams of the process: their number, their heartbeat, their rights and their end. */
export interface OpenStreams {
  /** Null where the reader has gone meanwhile. Throws `unavailable`, before anything was sent. */
  open(opening: Opening): EventStream | null;
  /** Ends them all, and opens no more. */
  close(): void;
}

interface Entry {
  readonly stream: EventStream;
  readonly opening: Opening;
}

const FULL = 'As many event streams are open as this process holds, or it is about to end. Try again, or poll.';
const FULL_OF_ONE = 'You have as many event streams open as one may hold of this process. Close one, or poll.';

const LOOKS_AT_ONCE = 5;

export function createOpenStreams({ log }: Pick<ApiDependencies, 'log'>, options: OpenStreamsOptions): OpenStreams {
  const entries = new Set<Entry>();
  let isClosed = false;
  let isLooking = false;
  const beat = async () => {
    const nowMs = Date.now();
    for (const { stream } of [...entries]) stream.beat(nowMs);
    if (isLooking) return;
    isLooking = true;
    await lookAtRights([...entries], options, log);
    isLooking = false;
  };
  const timer = setInterval(() => void beat(), options.beatEveryMs);
  return {
    open(opening) {
      if (opening.response.closed) return null;
      if (isClosed || entries.size >= options.maxStreams) throw new ProblemError('unavailable', { detail: FULL });
      if (countOf(entries, opening.caller) >= options.maxStreamsOfOne)
        throw new ProblemError('unavailable', { detail: FULL_OF_ONE });
      const onClose = () => {
        entries.delete(entry);
        opening.onClose();
      };
      const listeners = { onCaughtUp: opening.onCaughtUp, onClose };
      const entry: Entry = { stream: new EventStream(opening.response, options, listeners), opening };
      entries.add(entry);
      return entry.stream;
    },
    close() {
      isClosed = true;
      clearInterval(timer);
      for (const { stream } of [...entries]) stream.end();
    },
  };
}

function countOf(entries: Iterable<Entry>, { tenant, actor }: Caller): number {
  return [...entries].filter(({ opening: { caller } }) => caller.tenant === tenant && caller.actor.id === actor.id)
    .length;
}

/** A few at a time: one whose look-up takes long holds up neither the others nor, as it is not waited for long, the next round. */
async function lookAtRights(entries: readonly Entry[], options: OpenStreamsOptions, log: Log): Promise<void> {
  const left = entries.values();
  const look = async () => {
    for (const entry of left) await lookAtOne(entry, options, log);
  };
  await Promise.all(Array.from({ length: LOOKS_AT_ONCE }, look));
}

async function lookAtOne({ stream, opening }: Entry, { lookWithinMs }: OpenStreamsOptions, log: Log): Promise<void> {
  if (!stream.isOpen) return;
  try {
    const caller = await within(lookWithinMs, opening.door.authenticate(opening.request));
    authorize(caller, opening.access);
  } catch (error) {
    // While the store is away nobody is known: who was let in stays.
    if (error instanceof ProblemError) stream.end();
    else log.warn({ err: error }, 'whether an event stream may go on could not be looked at');
  }
}

async function within<T>(milliseconds: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`there was no answer within ${milliseconds} ms`)), milliseconds);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}
