import type { Request, Response } from 'express';
import type { Access } from '../contracts/http/operation';
import { authorize } from './authorize';
import type { ApiDependencies } from './dependencies';
import { EventStream, type StreamLimits } from './eventStream';
import { ProblemError } from './problems';
import type { Door } from './route';

export interface OpenStreamsOptions extends StreamLimits {
  /** Streams that this process holds open at most; one more is answered 503. */
  readonly maxStreams: number;
  /** How often each stream is shown to be alive, and its key or session looked at again. */
  readonly beatEveryMs: number;
}

export interface Opening {
  readonly door: Door;
  readonly request: Request;
  readonly response: Response;
  readonly access: Access;
  /** Events were left out for a reader who was behind, and who has read the rest now. */
  readonly onCaughtUp: () => void;
  readonly onClose: () => void;
}

/** All open streams of the process: their number, their heartbeat, their rights and their end. */
export interface OpenStreams {
  /** Throws `unavailable`, before anything was sent. */
  open(opening: Opening): EventStream;
  /** Ends them all, and opens no more. */
  close(): void;
}

interface Entry {
  readonly stream: EventStream;
  readonly opening: Opening;
}

const FULL = 'As many event streams are open as this process holds, or it is about to end. Try again, or poll.';

export function createOpenStreams({ log }: Pick<ApiDependencies, 'log'>, options: OpenStreamsOptions): OpenStreams {
  const entries = new Set<Entry>();
  let isClosed = false;
  let isBeating = false;
  const beat = async () => {
    if (isBeating) return;
    isBeating = true;
    for (const entry of [...entries]) await beatOne(entry, log);
    isBeating = false;
  };
  const timer = setInterval(() => void beat(), options.beatEveryMs);
  return {
    open(opening) {
      if (isClosed || entries.size >= options.maxStreams) throw new ProblemError('unavailable', { detail: FULL });
      const entry = { stream: new EventStream(opening.response, options, opening.onCaughtUp), opening };
      entries.add(entry);
      opening.response.once('close', () => {
        entries.delete(entry);
        opening.onClose();
      });
      return entry.stream;
    },
    close() {
      isClosed = true;
      clearInterval(timer);
      for (const { stream } of entries) stream.end();
    },
  };
}

async function beatOne({ stream, opening }: Entry, log: ApiDependencies['log']): Promise<void> {
  stream.beat(Date.now());
  try {
    authorize(await opening.door.authenticate(opening.request), opening.access);
  } catch (error) {
    // While the store is away nobody is known: who was let in stays.
    if (error instanceof ProblemError) stream.end();
    else log.warn({ err: error }, 'whether an event stream may go on could not be looked at');
  }
}
