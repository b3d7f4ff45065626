import type { Classification } from '../contracts/words/task';
import type { ModelProvider } from '../models/provider';
import type { Keyring } from '../platform/encryption/keyring';
import type { Log } from '../platform/log';
import type { OutboundPolicy } from '../platform/outbound';
import type { TellingBy } from '../store/queueNotifications';
import type { Store } from '../store/store';
import type { ResolvedTask } from '../tasks/resolve';
import type { TextCache } from './textCache';

/** What a text is about, by the examples of one task type. */
export type Classify = (text: string) => Promise<Classification>;

/** Everything the steps need arrives here; no step reaches for the environment. */
export interface StepDependencies {
  readonly store: Store;
  readonly keyring: Keyring;
  readonly taskTypes: ReadonlyMap<string, ResolvedTask>;
  /** By task type, for those that are classified by examples. */
  readonly classifiers: ReadonlyMap<string, Classify>;
  readonly providers: ReadonlyMap<string, ModelProvider>;
  /** Addresses of the other systems, by integration name. */
  readonly baseUrls: Readonly<Record<string, string>>;
  readonly webhooks: { readonly timeoutSeconds: number; readonly outbound: OutboundPolicy };
  /** Default: one of its own for each set of activities. */
  readonly textCache?: TextCache;
  /** By which channels members are told of reviews. Default: none. */
  readonly tellingBy?: TellingBy;
  readonly clock: () => Date;
  readonly log: Log;
}

/** The task type of a task. One that this worker doesn't know is a deploy in progress: another worker may know it. */
export function taskTypeOf(dependencies: StepDependencies, type: string): ResolvedTask {
  const found = dependencies.taskTypes.get(type);
  if (!found) throw new Error(`this worker does not know the task type ${type}; deploy one that does`);
  return found;
}
