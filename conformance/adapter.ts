/**
 * What a system must offer to be put through the suite. The words are those of anyone who lets people decide for machines, and of no
 * product: a task makes a proposal, a person decides on it, and what was approved is carried out by a call to the outside.
 */
import type { Json } from './json';
import type { Outside } from './outside';

/** People whom an adapter knows. Their names are sent where a system has no notion of who asks. */
export type Person =
  /** Starts tasks, and may decide on those of others. */
  | 'sam'
  /** May decide. */
  | 'ann'
  | 'bob'
  | 'cat'
  /** May decide what needs the role that a task demands. */
  | 'dee'
  /** Of another tenant. */
  | 'zoe';

export interface NewTask {
  /** Names the task to the outside server; used for one task only. */
  readonly subject: string;
  /** What the task is about. Default: something short. */
  readonly text?: string;
  readonly submitter?: Person;
  /** How many people must approve, or which role one needs. Default: one, and none. */
  readonly needs?: 'two approvals' | 'role';
  /** The proposals of a batch, each decided for itself. */
  readonly items?: readonly Json[];
  readonly remindAfterSeconds?: number;
  readonly reassignAfterSeconds?: number;
  readonly fallbackAfterSeconds?: number;
  /** A check that must pass is asked of the outside before anything is proposed. */
  readonly isGated?: boolean;
  /** A decision can be taken back for some seconds. */
  readonly isUndoable?: boolean;
}

/** What a person sees of a proposal that waits. */
export interface Shown {
  /** Names this proposal and no other; it goes with the decision. */
  readonly seen: string;
  readonly proposed: Json;
  readonly item?: number;
  /** Why a person is asked, where a system says so. */
  readonly why?: string;
}

export interface Decision {
  readonly action: 'approve' | 'reject' | 'correct' | 'revise' | 'ask';
  readonly seen: string;
  readonly person: Person;
  /** The same request has the same key, however often it is sent. */
  readonly requestKey: string;
  readonly output?: Json;
  readonly guidance?: string;
  readonly note?: string;
  readonly item?: number;
}

/** What someone who asked for something was told. */
export interface Told {
  readonly isAccepted: boolean;
  /** Who decided, where a refusal says so. */
  readonly decidedBy: string | null;
  /** All of the answer, to compare and to quote. */
  readonly said: string;
}

export type Status = 'working' | 'waiting' | 'ended';

export interface System {
  /** Starts a task and gives its id. */
  start(task: NewTask): Promise<string>;
  /** What waits for a person, one entry for each item; null while nothing does. */
  review(id: string): Promise<readonly Shown[] | null>;
  decide(id: string, decision: Decision): Promise<Told>;
  status(id: string): Promise<Status>;
  /** What a person may put in the place of a proposal, hard to carry over unharmed, and what they may not. */
  corrections(shown: Shown): { readonly valid: Json; readonly invalid: Json };

  /** Kills all processes that run the tasks, as a crash does; engine and store stay. */
  kill(): void;
  /** Starts them again after `kill`, and waits until they can do work. */
  restart(): Promise<void>;
  /** Stops them as an operator does, and starts the next release. */
  deploy(): Promise<void>;
  /** Kills the engine that drives the tasks and starts it again; where it is a library, the process that has it. */
  restartEngine(): Promise<void>;
  /** Kills what keeps the tasks and starts it again. */
  restartStore(): Promise<void>;
  close(): Promise<void>;

  /** All tasks that wait for a person. */
  waiting?(): Promise<readonly string[]>;
  /** Decides on the items of a batch in one go, where a system takes no decision on one of them alone. */
  decideItems?(id: string, decisions: readonly Decision[]): Promise<Told>;
  /** How often people were reminded of a task, where a system tells them in another way than by a call to the outside. */
  reminders?(id: string): Promise<number>;
  /** Makes untrue what an approval of this task rests on, or true again. */
  changeWorld?(subject: string, world: { readonly isAsBefore: boolean }): void;
  cancel?(id: string): Promise<Told>;
  /** Runs the task again from before its proposal; gives the id of what goes on. */
  reset?(id: string): Promise<string>;
  /** The caller's answer to a person's question. */
  answer?(id: string, text: string): Promise<Told>;
  claim?(id: string, claim: { readonly person: Person; readonly leaseSeconds: number }): Promise<Told>;
  /** The shortest lease that a claim can have. Default: one second. */
  readonly shortestLeaseSeconds?: number;
  /** Who may take it now: the queue, role or person that it is assigned to. */
  assignedTo?(id: string): Promise<string>;
  /** What is recorded of what happened to a task: the text of each entry, with all that belongs to it. */
  trail?(id: string): Promise<readonly string[]>;
  /** Changes one entry of the record behind the system's back, as one with the store's password can, and nothing else. */
  tamper?(id: string, place: 'in the middle' | 'at the end'): Promise<void>;
  /** Whether the record is as it was written. */
  isIntact?(id: string): Promise<boolean>;
  /** A decision by someone who can't prove who they are. */
  decideForged?(id: string, decision: Decision): Promise<Told>;
  /** Each way there is to decide: over HTTP, in bulk, by a link, by a signal to the engine, … */
  surfaces?(): readonly string[];
  /** Gets what a person decides by on a surface, such as a link, a button or a token; what it gives decides. */
  wayToDecide?(surface: string, id: string, decision: Decision): Promise<() => Promise<void>>;
  /** Gives a person the role of `needs: 'role'`, or takes it from them; it may take some seconds, and is done when this is. */
  setRole?(person: Person, has: { readonly isGiven: boolean }): Promise<void>;
  decideMany?(decisions: readonly { readonly id: string; readonly decision: Decision }[]): Promise<readonly Told[]>;
  /** Takes from a person the right to decide; it may take some seconds, and is done when this is. */
  dismiss?(person: Person): Promise<void>;
  undo?(id: string, person: Person): Promise<Told>;
  /** All that a person of another tenant finds of a task, in lists and by its id; empty when it does not exist for them. */
  foundBy?(person: Person, id: string): Promise<string>;
  /** What a person sees of a task's input. */
  inputSeenBy?(id: string, view: { readonly person: Person; readonly isRevealed: boolean }): Promise<string>;
  /** Fetches whatever is linked from a notification, as link scanners do; gives how many links there were. */
  fetchNotificationLinks?(id: string): Promise<number>;
  /** Sets what tasks may spend from now on, in paid calls; null: no limit. */
  limitCalls?(calls: number | null): Promise<void>;
}

export interface World {
  readonly outside: Outside;
  /** For logs and whatever the system keeps; removed at the end. */
  readonly folder: string;
}

export interface Adapter {
  readonly name: string;
  readonly title: string;
  /** Name and version of what is tried. */
  version(): string;
  /** For the cases that it can't express: why, in a sentence. */
  readonly notOffered: Readonly<Record<number, string>>;
  open(world: World): Promise<System>;
}
