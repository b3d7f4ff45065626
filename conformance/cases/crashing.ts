import { canonical } from '../json';
import { type Case, countOf, expecting, type Opened, toldOrNot, type Trial } from '../trial';
import { settle } from '../until';

/** A crash of the system at the moment when the outside is called, once. */
async function crashAtEffect(trial: Trial, fate: 'drop' | 'done-then-drop') {
  const opened = await trial.open();
  const { subject, id } = opened;
  let crashes = 0;
  trial.outside.on('effect', subject, () => {
    if (crashes > 0) return 'answer';
    crashes += 1;
    trial.kill();
    return fate;
  });
  const told = await toldOrNot(() => trial.decide(opened, { person: 'ann', action: 'approve', requestKey: subject }));
  await settle(
    () => crashes,
    (count) => count > 0,
    { seconds: 20 },
  );
  await trial.restart();
  const status = await settle(
    () => trial.system.status(id),
    (now) => now !== 'working',
    { seconds: 60 },
  );
  // Who was not told that the decision is taken asks again.
  if (status === 'waiting' && !told.isAccepted)
    await trial.decideAtLast(opened, { person: 'ann', action: 'approve', requestKey: subject });
  const end = await settle(
    () => trial.system.status(id),
    (now) => now === 'ended',
    { seconds: 60 },
  );
  const { calls, done } = trial.effects(subject);
  return expecting(`${done} effect from ${calls} calls`, {
    'it was killed there': crashes === 1,
    'one effect': done === 1,
    'the task ends': end === 'ended',
  });
}

/** Disturbs the system while a task waits; then nothing may be lost, and the task can be decided. */
async function disturbWaiting(trial: Trial, disturb: () => Promise<void>) {
  const opened = await trial.open();
  await disturb();
  const again = await trial.opened(opened.id, opened.subject);
  const isSame = JSON.stringify(again.all) === JSON.stringify(opened.all);
  await trial.decideAtLast(again, { person: 'ann', action: 'approve' });
  const done = await trial.effectsAtLast(opened.subject);
  return expecting(`it waited on as before, and was decided; ${done} effect`, {
    'the same proposal is shown': isSame,
    'one effect': done === 1,
  });
}

async function openMany(trial: Trial, count: number): Promise<readonly Opened[]> {
  return Promise.all(Array.from({ length: count }, () => trial.open()));
}

export const crashingCases: readonly Case[] = [
  {
    number: 10,
    title: 'killed between decision and effect: one effect',
    run: (trial) => crashAtEffect(trial, 'drop'),
  },
  {
    number: 11,
    title: 'killed between effect and record: one effect',
    run: (trial) => crashAtEffect(trial, 'done-then-drop'),
  },
  {
    number: 12,
    title: 'killed while waiting: still waiting, nothing lost',
    run: (trial) =>
      disturbWaiting(trial, async () => {
        trial.kill();
        await trial.restart();
      }),
  },
  {
    number: 13,
    title: 'engine restarted: the same',
    run: (trial) => disturbWaiting(trial, () => trial.system.restartEngine()),
  },
  {
    number: 14,
    title: 'store restarted: the same',
    run: (trial) => disturbWaiting(trial, () => trial.system.restartStore()),
  },
  {
    number: 28,
    title: 'a deploy with open reviews loses none',
    run: async (trial) => {
      const open = await openMany(trial, 5);
      await trial.system.deploy();
      for (const each of open) {
        const again = await trial.opened(each.id, each.subject);
        await trial.decideAtLast(again, { person: 'ann', action: 'approve' });
      }
      const effects = await Promise.all(open.map(({ subject }) => trial.effectsAtLast(subject)));
      return expecting(`${countOf(effects, (done) => done === 1)} were decided after it and carried out`, {
        'none is lost': effects.every((done) => done === 1),
      });
    },
  },
  {
    number: 30,
    title: 'reset does not replay an old decision on a new draft',
    run: async (trial) => {
      const opened = await trial.open();
      await trial.decide(opened, { person: 'ann', action: 'approve' });
      await trial.ended(opened.id);
      const before = trial.effects(opened.subject).calls;
      const id = (await trial.system.reset?.(opened.id)) ?? opened.id;
      const again = await settle(
        () => trial.system.review(id),
        (shown) => shown !== null,
        { seconds: 20 },
      );
      const calls = await settle(
        () => trial.effects(opened.subject).calls,
        (count) => count > before,
        { seconds: 2 },
      );
      return expecting(`after the reset ${again === null ? 'nothing waits' : 'the new draft waits'}`, {
        'nothing is carried out without a new decision': calls === before,
        'a new draft waits for a person':
          again !== null && canonical(again[0]?.proposed) !== canonical(opened.shown.proposed),
      });
    },
  },
  {
    number: 44,
    title: 'a decision that was confirmed survives a kill at that instant',
    run: async (trial) => {
      const rounds = Math.min(trial.rounds, 5);
      const effects: number[] = [];
      for (let round = 0; round < rounds; round += 1) {
        const opened = await trial.open();
        await trial.decide(opened, { person: 'ann', action: 'approve' });
        trial.kill();
        await trial.restart();
        effects.push(await trial.effectsAtLast(opened.subject));
      }
      return expecting(`carried out once in ${countOf(effects, (done) => done === 1)}`, {
        'one effect each time': effects.every((done) => done === 1),
      });
    },
  },
  {
    number: 45,
    title: 'a task that was accepted survives a kill at that instant',
    run: async (trial) => {
      const subject = trial.newSubject();
      const id = await trial.system.start({ subject });
      trial.kill();
      await trial.restart();
      const opened = await trial.opened(id, subject);
      await trial.decideAtLast(opened, { person: 'ann', action: 'approve' });
      const done = await trial.effectsAtLast(subject);
      return expecting(`it came to review, and ${done} effect after it`, { 'one effect': done === 1 });
    },
  },
  {
    number: 46,
    title: 'an outside that fails for a while is asked until it did it, once',
    run: async (trial) => {
      const opened = await trial.open();
      let failures = 0;
      trial.outside.on('effect', opened.subject, () => (++failures > 2 ? 'answer' : 'fail'));
      await toldOrNot(() => trial.decide(opened, { person: 'ann', action: 'approve' }));
      await trial.ended(opened.id);
      const { calls, done } = trial.effects(opened.subject);
      return expecting(`${calls} calls, ${done} effect`, { 'one effect': done === 1 });
    },
  },
  {
    number: 48,
    title: 'a task that is posted twice under one key is one task',
    run: async (trial) => {
      const subject = trial.newSubject();
      const [id = '', other] = await Promise.all([trial.system.start({ subject }), trial.system.start({ subject })]);
      const opened = await trial.opened(id, subject);
      await trial.system.start({ subject });
      await trial.decideAtLast(opened, { person: 'ann', action: 'approve' });
      await trial.ended(id);
      const drafts = trial.outside.calls.filter((call) => call.kind === 'draft' && call.subject === subject).length;
      const { done } = trial.effects(subject);
      return expecting(`${drafts} proposals were asked for, ${done} effect`, {
        'it has one id': id === other,
        'it is proposed once': drafts === 1,
        'one effect': done === 1,
      });
    },
  },
];
