import { type Case, expecting, toldOrNot } from '../trial';
import { settle } from '../until';

const MANY = 60;
const FIVE_MB = 5_000_000;
const AT_ONCE = 10;
const A_TIME = /\d{4}-\d\d-\d\dT\d\d:\d\d|\b1[5-9]\d{11}\b/;

const gate: Case = {
  number: 27,
  title: 'a failing gate stops, never passes',
  run: async (trial) => {
    const [subject, other] = [trial.newSubject(), trial.newSubject()];
    trial.outside.on('check', subject, () => 'fail');
    const id = await trial.system.start({ subject, isGated: true });
    const goesOn = await trial.system.start({ subject: other, isGated: true });
    const passed = await settle(
      async () => trial.effects(other).calls > 0 || (await trial.system.review(goesOn)) !== null,
      (isOn) => isOn,
      { seconds: 20 },
    );
    const calls = await settle(
      () => trial.effects(subject).calls,
      (count) => count > 0,
      { seconds: 5 },
    );
    const asked = trial.outside.calls.some((call) => call.kind === 'check' && call.subject === subject);
    const status = await trial.system.status(id);
    return expecting(`with the check away, the task is ${status}, and nothing was carried out`, {
      'the check was asked': asked,
      'with the check there, a task goes on': passed,
      'nothing is carried out': calls === 0,
    });
  },
};

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

const recorded: Case = {
  number: 31,
  title: 'who, what, when, why is recorded',
  run: async (trial) => {
    const opened = await trial.open();
    const note = `because of ${opened.subject}`;
    await trial.decide(opened, { person: 'ann', action: 'approve', note });
    await trial.ended(opened.id);
    const trail = (await trial.system.trail?.(opened.id)) ?? '';
    return expecting('the record names the person, the decision, its time and the note', {
      who: trail.includes('ann'),
      what: trail.includes('approve'),
      when: A_TIME.test(trail),
      why: trail.includes(note),
    });
  },
};

const sealed: Case = {
  number: 32,
  title: 'the record can’t be changed unseen',
  run: async (trial) => {
    const opened = await trial.open();
    await trial.decide(opened, { person: 'ann', action: 'approve' });
    await trial.ended(opened.id);
    const before = await trial.system.isIntact?.(opened.id);
    await trial.system.tamper?.(opened.id);
    const after = await trial.system.isIntact?.(opened.id);
    return expecting('a change of the stored record by its owner shows', {
      'it is intact before': before === true,
      'and not after': after === false,
    });
  },
};

const tenants: Case = {
  number: 33,
  title: 'other tenants’ items don’t exist',
  run: async (trial) => {
    const { id } = await trial.open();
    const found = await trial.system.foundBy?.('zoe', id);
    return expecting(found === '' ? 'nothing is found, by list or by id' : `found: ${found}`, {
      'nothing is found': found === '',
    });
  },
};

const masked: Case = {
  number: 34,
  title: 'a masked field stays masked until revealed, and revealing is recorded',
  run: async (trial) => {
    const secret = 'jane.roe@example.com';
    const { id } = await trial.open({ text: `Please write to ${secret} about my card.` });
    const view = { person: 'ann', isRevealed: false } as const;
    const first = (await trial.system.inputSeenBy?.(id, view)) ?? secret;
    const revealed = (await trial.system.inputSeenBy?.(id, { ...view, isRevealed: true })) ?? '';
    const trail = (await trial.system.trail?.(id)) ?? '';
    return expecting('masked at first, then shown, and the record says to whom', {
      'it is masked': !first.includes(secret),
      'it can be revealed': revealed.includes(secret),
      'that is recorded': /reveal/i.test(trail),
    });
  },
};

const complete: Case = {
  number: 35,
  title: 'listing what waits is complete under load',
  run: async (trial) => {
    const expected = new Set<string>();
    let started = 0;
    const work = async () => {
      while (started < MANY) {
        started += 1;
        const isDecided = started % 3 === 0;
        const opened = await trial.open();
        if (!isDecided) expected.add(opened.id);
        else await trial.decide(opened, { person: 'ann', action: 'approve' });
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
    const missing = await settle(
      async () => {
        const listed = new Set((await trial.system.waiting?.()) ?? []);
        return [...expected].filter((id) => !listed.has(id)).length;
      },
      (count) => count === 0,
      { seconds: 10 },
    );
    return expecting(`${expected.size} of ${MANY} wait; ${missing} of them are missing in the list`, {
      'none is missing': missing === 0,
    });
  },
};

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
    const answer = async () =>
      (await trial.system.answer?.(id, 'in March')) ?? { isAccepted: false, decidedBy: null, said: '' };
    const early = await toldOrNot(answer);
    await trial.decide(opened, { person: 'ann', action: 'ask', guidance: 'When was it?' });
    if (!early.isAccepted)
      await settle(
        () => toldOrNot(answer),
        ({ isAccepted }) => isAccepted,
        { seconds: 15 },
      );
    const next = await trial.opened(id, subject, shown.seen);
    return expecting(
      `it was ${early.isAccepted ? 'kept' : 'refused, and taken after the question'}; the next draft came`,
      {
        'the task goes on': next.all.length > 0,
      },
    );
  },
};

export const keepingCases: readonly Case[] = [
  gate,
  cancelled,
  recorded,
  sealed,
  tenants,
  masked,
  complete,
  budget,
  outage,
  large,
  link,
  earlyAnswer,
];
