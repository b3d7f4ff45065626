import { readFileSync, rmSync, writeFileSync } from 'node:fs';

/** Where the product may be killed while it works on a task. `before` and `after` are the two sides of what is named. */
export type CrashPlace =
  /** The call of the API that starts the workflow of an accepted task. */
  | 'start'
  | 'screen'
  | 'classify'
  | 'gather'
  | 'draftLocally'
  | 'validate'
  | 'judge'
  /** The projections that open the review, record the decision, and complete the task. */
  | 'opening'
  | 'deciding'
  | 'completing'
  | 'deliver'
  /** Within `deliver`: `after` is when the other system has done it and nothing of that is recorded. */
  | 'effect'
  /** The webhook that tells the end. */
  | 'notify';

export type CrashPoint = `${CrashPlace}:${'before' | 'after'}`;

interface Armed {
  readonly point: CrashPoint;
  readonly taskId: string;
}

/** From now on, the process that reads this file is killed once: where this task comes to this point. */
export function arm(file: string, armed: Armed): void {
  writeFileSync(file, JSON.stringify(armed));
}

/** Kills this process with SIGKILL, if that is what the file says; the file goes first, so that the next process lives on. */
export function dieIfArmed(file: string, here: Armed): void {
  const armed = readArmed(file);
  if (armed?.point !== here.point || armed.taskId !== here.taskId) return;
  rmSync(file);
  process.kill(process.pid, 'SIGKILL');
  // The signal is on its way; not one more statement of this thread may run.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
}

function readArmed(file: string): Armed | null {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Armed;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}
