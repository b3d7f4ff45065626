import type { Response } from 'express';

export interface StreamLimits {
  /** What may wait for a slow reader, in this process; events beyond it are left out. */
  readonly maxWaitingBytes: number;
  /** How long a reader may leave that unread before it is disconnected. */
  readonly maxBehindMs: number;
}

export interface StreamListeners {
  /** Events were left out for a reader who was behind, and who has read the rest now. */
  readonly onCaughtUp: () => void;
  /** Called once: the reader has gone, or nothing is sent any more. */
  readonly onClose: () => void;
}

/** How long a browser waits before it connects again. */
const RETRY_MS = 2_000;

/**
 * One answer as Server-Sent Events (WHATWG HTML, 9.2). Written by hand: the library at hand writes to a reader that doesn't read
 * without a bound. What a slow reader would have to wait for is left out, and told by `onCaughtUp` once it has read the rest.
 * `response` must not be closed: it says so only once.
 */
export class EventStream {
  #behindSince: number | null = null;
  #isOpen = true;

  constructor(
    private readonly response: Response,
    private readonly limits: StreamLimits,
    private readonly listeners: StreamListeners,
  ) {
    response.status(200);
    response.setHeader('Content-Type', 'text/event-stream; charset=utf-8');
    // Compressed, events would wait in the compressor; proxies that buffer would keep them too.
    response.setHeader('Cache-Control', 'no-store, no-transform');
    response.setHeader('X-Accel-Buffering', 'no');
    response.flushHeaders();
    response.write(`retry: ${RETRY_MS}\n\n`);
    response.on('drain', () => this.#caughtUp());
    response.once('close', () => this.#close());
    response.on('error', () => undefined);
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** `data` is JSON, which has no line break. False where it was left out. */
  send(name: string, data: string, id?: string): boolean {
    return this.#write(`${id === undefined ? '' : `id: ${id}\n`}event: ${name}\ndata: ${data}\n\n`);
  }

  /** A comment, which readers skip: it tells both sides that the connection is alive. Disconnects who is behind for too long. */
  beat(nowMs: number): void {
    const isTooSlow = this.#behindSince !== null && nowMs - this.#behindSince >= this.limits.maxBehindMs;
    if (isTooSlow) this.response.destroy();
    else this.#write(': still here\n\n');
  }

  end(): void {
    this.#close();
    // What a slow reader has not read yet would keep the connection open.
    if (this.#behindSince === null) this.response.end();
    else this.response.destroy();
  }

  #close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.listeners.onClose();
  }

  #write(text: string): boolean {
    if (!this.#isOpen || this.#behindSince !== null) return false;
    // Only where it says that the reader is slow will it say, by `drain`, that it has caught up.
    const isSlow = !this.response.write(text);
    if (isSlow && this.response.writableLength > this.limits.maxWaitingBytes) this.#behindSince = Date.now();
    return true;
  }

  #caughtUp(): void {
    if (this.#behindSince === null || !this.#isOpen) return;
    this.#behindSince = null;
    this.listeners.onCaughtUp();
  }
}
