/** What a case has in hand: the system under test, the outside, and the steps that most cases begin with. */
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { Decision, NewTask, Person, Shown, Status, System, Told } from './adapter';
import type { Outside } from './outside';
import { settle, until, Unmet } from './until';

export interface Outcome {
  readonly result: 'pass' | 'fail' | 'not offered';
  /** What was observed, or why it is not offered: a sentence. */
  readonly observed: string;
}

export interface Case {
  readonly number: number;
  readonly title: string;
  run(trial: Trial): Promise<Outcome>;
}

/** A task whose proposal waits for a person. */
export interface Opened {
  readonly id: string;
  readonly subject: string;
  readonly shown: Shown;
  readonly all: readonly Shown[];
}

/** How long after the last race a second action is waited for. */
const LATE_MS = 2_000;

type Wish = Pick<Decision, 'person' | 'action'> & Partial<Decision>;

export function pass(observed: string): Outcome {
  return { result: 'pass', observed };
}

export function fail(observed: string): Outcome {
  return { result: 'fail', observed };
}

/** Passes when every expectation holds; else says what did not. */
export function expecting(observed: string, expectations: Readonly<Record<string, boolean>>): Outcome {
  const unmet = Object.entries(expectations).filter(([, holds]) => !holds);
  return unmet.length === 0 ? pass(observed) : fail(`not so: ${unmet.map(([what]) => what).join('; ')} (${observed})`);
}

export class Trial {
  private isDown = false;
  private raceResults: Promise<readonly Race[]> | null = null;

  constructor(
    readonly system: System,
    readonly outside: Outside,
    readonly rounds: number,
  ) {}

  newSubject(): string {
    // Letters only: a number could be taken for personal data.
    return randomUUID()
      .replace(/[^0-9a-f]/g, '')
      .slice(0, 14)
      .replace(/[0-9]/g, (digit) => 'ghijklmnop'.charAt(Number(digit)));
  }

  async open(task: Partial<NewTask> = {}): Promise<Opened> {
    const subject = task.subject ?? this.newSubject();
    const id = await this.system.start({ ...task, subject });
    return this.opened(id, subject);
  }

  /** Waits until a proposal of the task is shown: any, or another one than that. */
  async opened(id: string, subject: string, otherThan?: string): Promise<Opened> {
    const isNew = (all: readonly Shown[] | null) => all?.[0] !== undefined && all[0].seen !== otherThan;
    const all = await until('a review', () => this.system.review(id), { isFine: isNew, seconds: 60 });
    const shown = all?.[0];
    if (all === null || shown === undefined) throw new Unmet('no review was shown');
    return { id, subject, shown, all };
  }

  decide({ id, shown }: Opened, wish: Wish): Promise<Told> {
    const item = shown.item === undefined ? {} : { item: shown.item };
    return this.system.decide(id, { seen: shown.seen, requestKey: randomUUID(), ...item, ...wish });
  }

  decisionOn({ shown }: Opened, wish: Wish): Decision {
    return { seen: shown.seen, requestKey: randomUUID(), ...wish };
  }

  /** Decides, again and again under one key while there is no answer or one that only says that something is away. */
  async decideAtLast(opened: Opened, wish: Wish): Promise<Told> {
    const requestKey = randomUUID();
    return until('an answer to the decision', () => this.decide(opened, { requestKey, ...wish }), {
      isFine: ({ isAccepted }) => isAccepted,
      seconds: 60,
    });
  }

  ended(id: string, seconds = 60): Promise<Status> {
    return until('the end of the task', () => this.system.status(id), {
      isFine: (status) => status === 'ended',
      seconds,
    });
  }

  /** How often the outside was asked to carry out something for a subject, and how often it did. */
  effects(subject: string): { readonly calls: number; readonly done: number } {
    const calls = this.outside.calls.filter((call) => call.kind === 'effect' && call.subject === subject);
    return { calls: calls.length, done: this.outside.effectsFor(subject).length };
  }

  /** Waits for the effect; gives how many there are then. */
  async effectsAtLast(subject: string, seconds = 30): Promise<number> {
    return settle(
      () => this.effects(subject).done,
      (done) => done > 0,
      { seconds },
    );
  }

  kill(): void {
    this.isDown = true;
    this.system.kill();
  }

  async restart(): Promise<void> {
    await this.system.restart();
    this.isDown = false;
  }

  /** What a case left down is up for the next. */
  async tidy(): Promise<void> {
    if (this.isDown) await this.restart();
  }

  /** Approve and reject at the same time, from different people; made once for the cases that look at it. */
  races(): Promise<readonly Race[]> {
    this.raceResults ??= this.race();
    return this.raceResults;
  }

  private async race(): Promise<readonly Race[]> {
    const races: Answered[] = [];
    for (let round = 0; round < this.rounds; round += 1) {
      const opened = await this.open();
      const wishes = [
        { person: 'ann', action: 'approve' },
        { person: 'bob', action: 'reject' },
      ] as const;
      // Either may be the first to be sent.
      const order = round % 2 === 0 ? wishes : [wishes[1], wishes[0]];
      const answers = await Promise.all(order.map(async (wish) => ({ wish, told: await this.decide(opened, wish) })));
      await this.ended(opened.id);
      const { subject } = opened;
      await settle(
        () => this.outside.noticesFor(subject),
        (notices) => notices.includes('done') || notices.includes('rejected'),
        { seconds: 30 },
      );
      const winners = answers.filter(({ told: { isAccepted } }) => isAccepted);
      const loser = winners.length === 1 ? answers.find(({ told: { isAccepted } }) => !isAccepted) : undefined;
      races.push({ subject, winners: winners.map(({ wish }) => wish), toldOf: loser?.told.decidedBy ?? null });
    }
    // What came of each is counted when all are over: a second action may be late.
    await pause(LATE_MS);
    return races.map((race) => this.outcomeOf(race));
  }

  private outcomeOf({ subject, winners, toldOf }: Answered): Race {
    const [winner] = winners;
    const effects = this.effects(subject).done;
    const wasRejected = this.outside.noticesFor(subject).includes('rejected');
    const isOnlyWinners = winner?.action === 'approve' ? effects === 1 && !wasRejected : effects === 0 && wasRejected;
    const isTold = winners.length === 1 && toldOf === winner?.person;
    return { effects, wasRejected, accepted: winners.length, isTold, isLoserTold: isTold && isOnlyWinners };
  }
}

interface Answered {
  readonly subject: string;
  readonly winners: readonly { readonly person: Person; readonly action: 'approve' | 'reject' }[];
  /** Who decided, as the one was told who was refused. */
  readonly toldOf: string | null;
}

export interface Race {
  readonly effects: number;
  readonly wasRejected: boolean;
  readonly accepted: number;
  /** One was refused, and told who decided. */
  readonly isTold: boolean;
  /** That was so, and what they wanted was not done. */
  readonly isLoserTold: boolean;
}

/** The answer, or why there was none. */
export async function toldOrNot(work: () => Promise<Told>): Promise<Told> {
  try {
    return await work();
  } catch (error) {
    return { isAccepted: false, decidedBy: null, said: (error as Error).message };
  }
}

/** "3 of 20". */
export function countOf<T>(all: readonly T[], holds: (each: T) => boolean): string {
  return `${all.filter(holds).length} of ${all.length}`;
}
