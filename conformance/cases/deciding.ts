import { canonical } from '../json';
import { type Case, countOf, expecting, fail, pass, toldOrNot } from '../trial';
import { until } from '../until';

const oneWins: Case = {
  number: 1,
  title: 'one of approve and reject wins',
  run: async (trial) => {
    const races = await trial.races();
    const actedOnBoth = countOf(races, ({ effects, wasRejected }) => effects > 0 && wasRejected);
    const once = races.filter(({ effects, wasRejected }) => effects + Number(wasRejected) === 1).length;
    return once === races.length
      ? pass(`at the same time from two people: acted once in ${races.length} of ${races.length}`)
      : fail(`at the same time from two people: acted on both in ${actedOnBoth}, once in ${once}`);
  },
};

const loserIsTold: Case = {
  number: 2,
  title: 'the loser is told who won',
  run: async (trial) => {
    const races = await trial.races();
    if (races.every(({ isLoserTold }) => isLoserTold)) return pass(`refused, with who decided, in all ${races.length}`);
    const bothOk = countOf(races, ({ accepted }) => accepted === 2);
    const done = countOf(races, ({ isTold, isLoserTold }) => isTold && !isLoserTold);
    const told = countOf(races, ({ isLoserTold }) => isLoserTold);
    return fail(
      `both were told that all was well in ${bothOk}; told who won: ${told}; told so, and acted on all the same: ${done}`,
    );
  },
};

const repeated: Case = {
  number: 3,
  title: 'a repeated request gets the same answer',
  run: async (trial) => {
    const opened = await trial.open();
    const wish = { person: 'ann', action: 'approve', requestKey: `key-${opened.subject}` } as const;
    const together = await Promise.all([1, 2].map(() => toldOrNot(() => trial.decide(opened, wish))));
    await trial.ended(opened.id);
    const answers = [...together, await toldOrNot(() => trial.decide(opened, wish))];
    const { done } = trial.effects(opened.subject);
    const isSame = new Set(answers.map(({ said }) => said)).size === 1;
    return expecting(`${countOf(answers, ({ isAccepted }) => isAccepted)} were accepted, ${done} effect`, {
      'all three answers are the same': isSame,
      'accepted each time': answers.every(({ isAccepted }) => isAccepted),
      'one effect': done === 1,
    });
  },
};

const rejected: Case = {
  number: 4,
  title: 'reject means not executed',
  run: async (trial) => {
    const opened = await trial.open();
    const told = await trial.decide(opened, { person: 'ann', action: 'reject' });
    await trial.ended(opened.id);
    const { calls } = trial.effects(opened.subject);
    return expecting(`the task ended with ${calls} calls to carry it out`, {
      'the rejection is accepted': told.isAccepted,
      'no effect': calls === 0,
    });
  },
};

const early: Case = {
  number: 5,
  title: 'a decision before the wait began is kept or refused, never lost',
  run: async (trial) => {
    const { shown } = await trial.open();
    const subject = trial.newSubject();
    let release = (): void => undefined;
    const isReleased = new Promise<void>((resolve) => (release = resolve));
    trial.outside.on('draft', subject, () => isReleased.then(() => 'answer'));
    const id = await trial.system.start({ subject });
    const wish = { seen: shown.seen, person: 'ann', action: 'approve', requestKey: `key-${subject}` } as const;
    const told = await toldOrNot(() => trial.system.decide(id, wish));
    release();
    if (told.isAccepted) {
      const kept = await trial.effectsAtLast(subject, 15);
      return kept === 1
        ? pass('it was accepted and carried out once the proposal was there')
        : fail('it was accepted and lost');
    }
    const opened = await trial.opened(id, subject);
    const again = await trial.decide(opened, { person: 'ann', action: 'approve' });
    const done = await trial.effectsAtLast(subject);
    return expecting('it was refused; one made later was carried out', {
      'the later decision counts': again.isAccepted && done === 1,
    });
  },
};

const late: Case = {
  number: 6,
  title: 'a late decision is refused',
  run: async (trial) => {
    const opened = await trial.open();
    await trial.decide(opened, { person: 'ann', action: 'reject' });
    await trial.ended(opened.id);
    const told = await toldOrNot(() => trial.decide(opened, { person: 'bob', action: 'approve' }));
    const { calls } = trial.effects(opened.subject);
    return expecting(told.isAccepted ? 'it was told that all is well' : 'refused', {
      'the late decision is refused': !told.isAccepted,
      'it has no effect': calls === 0,
    });
  },
};

const outdated: Case = {
  number: 7,
  title: 'approval of an older draft is refused',
  run: async (trial) => {
    const first = await trial.open();
    const { id, subject } = first;
    await trial.decide(first, { person: 'ann', action: 'revise', guidance: 'shorter' });
    const second = await trial.opened(id, subject, first.shown.seen);
    const told = await toldOrNot(() => trial.decide(first, { person: 'bob', action: 'approve' }));
    const before = trial.effects(subject).calls;
    const fresh = await trial.decideAtLast(second, { person: 'ann', action: 'approve' });
    const done = await trial.effectsAtLast(subject);
    return expecting(
      told.isAccepted ? 'the older draft could be approved' : 'refused; the newer one was approved then',
      {
        'the older draft is refused': !told.isAccepted && before === 0,
        'the newer draft is carried out': fresh.isAccepted && done === 1,
      },
    );
  },
};

const exact: Case = {
  number: 8,
  title: 'what is executed is what was approved, byte for byte',
  run: async (trial) => {
    const asProposed = await trial.open();
    // A model asked a second time would say something else.
    trial.kill();
    await trial.restart();
    await trial.decideAtLast(asProposed, { person: 'ann', action: 'approve' });
    await trial.effectsAtLast(asProposed.subject);
    const asCorrected = await trial.open();
    const { valid } = trial.system.corrections(asCorrected.shown);
    await trial.decide(asCorrected, { person: 'ann', action: 'correct', output: valid });
    await trial.effectsAtLast(asCorrected.subject);
    const performed = (subject: string) => canonical(trial.outside.effectsFor(subject)[0]?.body['performed']);
    return expecting('a proposal across a crash, and a correction full of hard characters', {
      'the proposal that was seen is carried out':
        performed(asProposed.subject) === canonical(asProposed.shown.proposed),
      'the correction is carried out as it was given': performed(asCorrected.subject) === canonical(valid),
    });
  },
};

const preconditions: Case = {
  number: 9,
  title: 'approved but changed preconditions go back to a person',
  run: async (trial) => {
    const opened = await trial.open();
    const { id, subject, shown } = opened;
    trial.system.changeWorld?.(subject, { isAsBefore: false });
    const told = await trial.decide(opened, { person: 'ann', action: 'approve' });
    const again = await until('a review that is shown anew', () => trial.system.review(id), {
      isFine: (all) => all?.[0] !== undefined && (all[0].seen !== shown.seen || all[0].why !== shown.why),
    });
    const { calls } = trial.effects(subject);
    trial.system.changeWorld?.(subject, { isAsBefore: true });
    const anew = { ...opened, shown: again?.[0] ?? shown };
    const second = await trial.decide(anew, { person: 'bob', action: 'approve' });
    await trial.ended(id);
    const done = await trial.effectsAtLast(subject);
    return expecting('it came back to a person anew; approved again once things were as before, it was carried out', {
      'the approval is accepted': told.isAccepted,
      'nothing was carried out on it': calls === 0,
      'it can be approved again': second.isAccepted,
      'that is carried out once': done === 1 && trial.effects(subject).calls === 1,
    });
  },
};

const validated: Case = {
  number: 25,
  title: 'corrected output is validated',
  run: async (trial) => {
    const opened = await trial.open();
    const { valid, invalid } = trial.system.corrections(opened.shown);
    const told = await toldOrNot(() => trial.decide(opened, { person: 'ann', action: 'correct', output: invalid }));
    const now = await trial.opened(opened.id, opened.subject);
    const calls = trial.effects(opened.subject).calls;
    await trial.decideAtLast(now, { person: 'ann', action: 'correct', output: valid });
    const done = await trial.effectsAtLast(opened.subject);
    return expecting(told.isAccepted ? 'the person was asked again' : 'refused', {
      'what is not valid is not carried out': calls === 0,
      'a valid correction is': done === 1,
    });
  },
};

const byItem: Case = {
  number: 26,
  title: 'decided per item within a batch',
  run: async (trial) => {
    const items = [1, 2, 3].map((line) => ({ text: `line ${line}`, amount: line }));
    const opened = await trial.open({ items });
    const actions = ['approve', 'reject', 'approve'] as const;
    const shown = (index: number) => opened.all.find(({ item }) => item === index);
    const decisions = actions.map(
      (action, item) =>
        ({
          seen: shown(item)?.seen ?? '',
          requestKey: `${opened.subject}-${item}`,
          item,
          person: 'ann',
          action,
        }) as const,
    );
    if (trial.system.decideItems === undefined)
      for (const decision of decisions) await trial.system.decide(opened.id, decision);
    else await trial.system.decideItems(opened.id, decisions);
    await trial.ended(opened.id);
    const performed = trial.outside.effectsFor(opened.subject).map(({ body }) => canonical(body['performed']));
    const expected = [items[0], items[2]].map((item) => canonical(item));
    return expecting(`${performed.length} of 3 items were carried out`, {
      'the approved items and no other are carried out': performed.sort().join() === expected.sort().join(),
    });
  },
};

export const decidingCases: readonly Case[] = [
  oneWins,
  loserIsTold,
  repeated,
  rejected,
  early,
  late,
  outdated,
  exact,
  preconditions,
  validated,
  byItem,
];
