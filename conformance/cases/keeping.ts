import { setTimeout as pause } from 'node:timers/promises';
import { type Case, countOf, expecting, toldOrNot, type Trial } from '../trial';
import { settle } from '../until';

const MANY = 60;
const FIVE_MB = 5_000_000;
const AT_ONCE = 10;
/** Between two lists under load. */
const LOOK_MS = 50;

const gate: Case = {
  number: 27,
  title: 'a failing gate stops, never passes',
  run: async (trial) => {
    const [subject, other] = [trial.newSubject(), trial.newSubject()];
    trial.outside.on('check', subject, () => 'fail');
    const id = await trial.system.start({ subject, isGated: true });
    const control = await trial.system.start({ subject: other, isGated: true });
    await carriedOut(trial, { id: control, subject: other });
    const asked = await settle(
      () => trial.outside.calls.some((call) => call.kind === 'check' && call.subject === subject),
      (isAsked) => isAsked,
      { seconds: 10 },
    );
    // Whoever is asked meanwhile approves: that is no check, either.
    await carriedOut(trial, { id, subject }, 8);
    const status = await trial.system.status(id);
    return expecting(`with the check away, the task is ${status}, and nothing was carried out, whoever approved`, {
      'the check was asked': asked,
      'with the check there, it is carried out': trial.effects(other).done === 1,
      'nothing is carried out': trial.effects(subject).calls === 0,
    });
  },
};

/** Approves whatever a person is shown until something is carried out, or for so long. */
async function carriedOut(trial: Trial, { id, subject }: { id: string; subject: string }, seconds = 20): Promise<void> {
  const step = async () => {
    const [shown] = (await trial.system.review(id)) ?? [];
    if (shown !== undefined)
      await toldOrNot(() => trial.decide({ id, subject, shown, all: [shown] }, { person: 'ann', action: 'approve' }));
    return trial.effects(subject).done;
  };
  await settle(step, (done) => done > 0, { seconds });
}

const cancelled: Case = {
  number: 29,
  title: 'cancelled while waiting closes the review',
  run: async (trial) => {
    const opened = await trial.open();
    await trial.system.cancel?.(opened.id);
    const review = await settle(
      () => trial.system.review(opened.id),
      (shown) => shown === null,
      { seconds: 20 },
    );
    const told = await toldOrNot(() => trial.decide(opened, { person: 'ann', action: 'approve' }));
    const waiting = (await trial.system.waiting?.()) ?? [];
    return expecting(told.isAccepted ? 'it could be approved all the same' : 'closed; an approval was refused', {
      'no review is shown': review === null && !waiting.includes(opened.id),
      'a decision is refused': !told.isAccepted,
      'nothing is carried out': trial.effects(opened.subject).calls === 0,
    });
  },
};

const complete: Case = {
  number: 35,
  title: 'listing what waits is complete under load',
  run: async (trial) => {
    const { waiting, decided, gaps } = await underLoad(trial);
    const read = async () => {
      const listed = await listedBy(trial);
      const missing = waiting.filter((id) => !listed.has(id)).length;
      return { missing, tooMany: decided.filter((id) => listed.has(id)).length };
    };
    const { missing, tooMany } = await settle(read, (now) => now.missing + now.tooMany === 0, { seconds: 10 });
    const without = `${countOf(gaps, (gap) => gap > 0)} lists taken meanwhile lacked one`;
    return expecting(`${waiting.length} of ${MANY} wait, and are listed; ${without}`, {
      'it was listed under load': gaps.length > 0,
      'no list taken under load lacks one': gaps.every((gap) => gap === 0),
      'none is missing': missing === 0,
      'what was decided is not listed': tooMany === 0,
    });
  },
};

/** Starts many tasks, some of which are decided at once, and lists what waits all the while. */
async function underLoad(trial: Trial) {
  const waiting: string[] = [];
  const decided: string[] = [];
  const gaps: number[] = [];
  let started = 0;
  const work = async () => {
    while (started < MANY) {
      started += 1;
      const isDecided = started % 3 === 0;
      const opened = await trial.open();
      if (isDecided) await trial.decide(opened, { person: 'ann', action: 'approve' });
      (isDecided ? decided : waiting).push(opened.id);
    }
  };
  const isOver = Promise.all(Array.from({ length: AT_ONCE }, work)).then(() => true);
  do {
    const known = [...waiting];
    const listed = await listedBy(trial);
    gaps.push(known.filter((id) => !listed.has(id)).length);
  } while (!(await Promise.race([isOver, pause(LOOK_MS, false)])));
  return { waiting, decided, gaps };
}

async function listedBy({ system }: Trial): Promise<ReadonlySet<string>> {
  return new Set((await system.waiting?.()) ?? []);
}

const budget: Case = {
  number: 36,
  title: 'a budget stops the next call, not the next day',
  run: async (trial) => {
    await trial.system.limitCalls?.(2);
    const subjects = Array.from({ length: 6 }, () => trial.newSubject());
    const ids = await Promise.all(subjects.map((subject) => trial.system.start({ subject })));
    await Promise.all(ids.map((id, index) => trial.opened(id, subjects[index] ?? '')));
    await trial.system.limitCalls?.(null);
    const calls = trial.outside.calls.filter((call) => call.kind === 'draft' && subjects.includes(call.subject)).length;
    return expecting(`${calls} calls of 6 tasks at once under a budget for 2; the others wait for a person`, {
      'no call too many': calls <= 2,
      'what the budget is for is spent': calls === 2,
    });
  },
};

const outage: Case = {
  number: 37,
  title: 'provider outage ends with a person',
  run: async (trial) => {
    const subject = trial.newSubject();
    trial.outside.on('draft', subject, () => 'fail');
    const id = await trial.system.start({ subject });
    const opened = await trial.opened(id, subject);
    const { calls } = trial.effects(subject);
    return expecting('a person is asked, and nothing was carried out', {
      'a person is asked': opened.all.length > 0,
      'nothing is carried out': calls === 0,
    });
  },
};

const large: Case = {
  number: 38,
  title: 'large payloads (5 MB) neither fail nor block',
  run: async (trial) => {
    const text = 'All work and no play. '.repeat(FIVE_MB / 22);
    const big = trial.open({ text });
    // It is awaited later, and may have failed by then.
    big.catch(() => undefined);
    const startedAt = performance.now();
    const small = await trial.open();
    await trial.decide(small, { person: 'ann', action: 'approve' });
    await trial.effectsAtLast(small.subject);
    const seconds = (performance.now() - startedAt) / 1000;
    const opened = await big;
    await trial.decideAtLast(opened, { person: 'ann', action: 'approve' });
    const done = await trial.effectsAtLast(opened.subject);
    return expecting(`carried out; a small task beside it took ${seconds.toFixed(1)} s`, {
      'the large one is carried out': done === 1,
      'a small one beside it takes less than 10 s': seconds < 10,
    });
  },
};

const link: Case = {
  number: 39,
  title: 'a notification link can’t decide by being fetched',
  run: async (trial) => {
    const { id, subject } = await trial.open();
    const links = (await trial.system.fetchNotificationLinks?.(id)) ?? 0;
    const done = await trial.effectsAtLast(subject, 2);
    return expecting(`${links} links were fetched; it still waits`, {
      'there was a link': links > 0,
      'nothing is carried out': done === 0,
      'it still waits': (await trial.system.status(id)) === 'waiting',
    });
  },
};

const earlyAnswer: Case = {
  number: 43,
  title: 'the caller’s answer to a question is kept or refused, never lost, even when it comes first',
  run: async (trial) => {
    const opened = await trial.open();
    const { id, subject, shown } = opened;
    const text = 'it was in spring';
    const answer = async () =>
      (await trial.system.answer?.(id, text)) ?? { isAccepted: false, decidedBy: null, said: '' };
    const early = await toldOrNot(answer);
    await trial.decide(opened, { person: 'ann', action: 'ask', guidance: 'When was it?' });
    if (!early.isAccepted)
      await settle(
        () => toldOrNot(answer),
        ({ isAccepted }) => isAccepted,
        { seconds: 15 },
      );
    const next = await trial.opened(id, subject, shown.seen);
    const last = trial.outside.calls.findLast((call) => call.kind === 'draft' && call.subject === subject);
    return expecting(
      `it was ${early.isAccepted ? 'kept' : 'refused, and taken after the question'}; the next draft was made with it`,
      {
        'the task goes on': next.all.length > 0,
        'the next draft is made with the answer': JSON.stringify(last?.body ?? null).includes(text),
      },
    );
  },
};

export const keepingCases: readonly Case[] = [gate, cancelled, complete, budget, outage, large, link, earlyAnswer];
