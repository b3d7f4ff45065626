import type { Person } from '../adapter';
import { type Case, countOf, expecting, type Opened, toldOrNot, type Trial } from '../trial';
import { settle } from '../until';

const CLAIM_ROUNDS = 10;

async function endsWithOneEffect(trial: Trial, { id, subject }: Opened): Promise<boolean> {
  const done = await trial.effectsAtLast(subject);
  await trial.ended(id);
  return done === 1;
}

const ownTask: Case = {
  number: 19,
  title: 'nobody approves their own',
  run: async (trial) => {
    const opened = await trial.open({ submitter: 'sam' });
    const own = await toldOrNot(() => trial.decide(opened, { person: 'sam', action: 'approve' }));
    const { calls } = trial.effects(opened.subject);
    await trial.decide(opened, { person: 'ann', action: 'approve' });
    return expecting('who submitted it was refused, another was not', {
      'the submitter is refused': !own.isAccepted && calls === 0,
      'another may decide': await endsWithOneEffect(trial, opened),
    });
  },
};

const twoPeople: Case = {
  number: 20,
  title: 'two approvals means two people',
  run: async (trial) => {
    const opened = await trial.open({ needs: 'two approvals' });
    const first = await trial.decide(opened, { person: 'ann', action: 'approve' });
    const again = await toldOrNot(() => trial.decide(opened, { person: 'ann', action: 'approve' }));
    const { calls } = trial.effects(opened.subject);
    await trial.decide(opened, { person: 'dee', action: 'approve' });
    return expecting('the first person was refused a second approval; with another person it was carried out', {
      'the first approval counts': first.isAccepted,
      'the same person can’t be the second': !again.isAccepted,
      'one approval carries out nothing': calls === 0,
      'two people do': await endsWithOneEffect(trial, opened),
    });
  },
};

const role: Case = {
  number: 21,
  title: 'a role is required and checked for each surface',
  run: async (trial) => {
    const { system } = trial;
    await system.setRole?.('ann', { isGiven: true });
    const doors = await Promise.all((system.surfaces?.() ?? []).map((surface) => doorTo(trial, surface)));
    await system.setRole?.('ann', { isGiven: false });
    const never = [];
    for (const { opened } of doors)
      never.push(await toldOrNot(() => trial.decide(opened, { person: 'bob', action: 'approve' })));
    for (const { former } of doors) await former();
    const calls = () => doors.map(({ opened }) => trial.effects(opened.subject).calls);
    const passed = await settle(calls, (each) => each.some((count) => count > 0), { seconds: 3 });
    const effects: number[] = [];
    for (const { holder, opened } of doors) {
      await holder();
      effects.push(await trial.effectsAtLast(opened.subject, 10));
    }
    const namesOf = (holds: (i: number) => boolean) =>
      doors.flatMap(({ surface }, i) => (holds(i) ? [surface] : [])).join(', ') || 'none';
    const refused = namesOf((i) => passed[i] === 0);
    return expecting(`refused without the role: ${refused}; carried out with it: ${namesOf((i) => effects[i] === 1)}`, {
      'there is a way to decide': doors.length > 0,
      'who never had the role is refused': never.every(({ isAccepted }) => !isAccepted),
      'who lost the role is refused on each surface': passed.every((count) => count === 0),
      'who has it decides on each surface': effects.every((count) => count === 1),
    });
  },
};

/** A task that needs the role, and what two people hold to decide on it by a surface: one who will lose the role, and one who keeps it. */
async function doorTo(trial: Trial, surface: string) {
  const opened = await trial.open({ needs: 'role' });
  const [former, holder] = await Promise.all([
    wayOf(trial, opened, { surface, person: 'ann' }),
    wayOf(trial, opened, { surface, person: 'dee' }),
  ]);
  return { surface, opened, former, holder };
}

/** An approval by a surface. Whether it was let in shows by what is carried out, not by what is said. */
async function wayOf(
  trial: Trial,
  opened: Opened,
  { surface, person }: { readonly surface: string; readonly person: Person },
): Promise<() => Promise<void>> {
  const decide = await trial.system.wayToDecide?.(
    surface,
    opened.id,
    trial.decisionOn(opened, { person, action: 'approve' }),
  );
  return async () => {
    await decide?.().catch(() => undefined);
  };
}

const exclusive: Case = {
  number: 22,
  title: 'a claim is exclusive',
  run: async (trial) => {
    const holders: number[] = [];
    for (let round = 0; round < Math.min(trial.rounds, CLAIM_ROUNDS); round += 1) {
      const { id } = await trial.open();
      const people = ['ann', 'bob', 'cat'] as const;
      const told = await Promise.all(people.map((person) => toldOrNot(() => claim(trial, id, { person }))));
      holders.push(told.filter(({ isAccepted }) => isAccepted).length);
    }
    return expecting(`of three at once, one got it in ${countOf(holders, (count) => count === 1)}`, {
      'one holder each time': holders.every((count) => count === 1),
    });
  },
};

const expires: Case = {
  number: 23,
  title: 'a claim expires',
  run: async (trial) => {
    const opened = await trial.open();
    const leaseSeconds = trial.system.shortestLeaseSeconds ?? 1;
    await claim(trial, opened.id, { person: 'ann', leaseSeconds });
    const during = await toldOrNot(() => claim(trial, opened.id, { person: 'bob' }));
    const after = await settle(
      () => toldOrNot(() => claim(trial, opened.id, { person: 'bob' })),
      ({ isAccepted }) => isAccepted,
      { seconds: leaseSeconds + 20 },
    );
    return expecting(`a lease of ${leaseSeconds} s kept another out, and then not`, {
      'it holds while it lasts': !during.isAccepted,
      'another gets it after it': after.isAccepted,
    });
  },
};

const unclaimed: Case = {
  number: 24,
  title: 'a decision without the claim is refused',
  run: async (trial) => {
    const opened = await trial.open();
    await claim(trial, opened.id, { person: 'ann' });
    const other = await toldOrNot(() => trial.decide(opened, { person: 'bob', action: 'approve' }));
    const { calls } = trial.effects(opened.subject);
    await trial.decide(opened, { person: 'ann', action: 'approve' });
    return expecting('another was refused while it was held; the holder was not', {
      'another is refused': !other.isAccepted && calls === 0,
      'the holder decides': await endsWithOneEffect(trial, opened),
    });
  },
};

const forged: Case = {
  number: 41,
  title: 'a decision by someone who can’t prove who they are is refused',
  run: async (trial) => {
    const opened = await trial.open();
    const wish = trial.decisionOn(opened, { person: 'ann', action: 'approve' });
    const told = await trial.system.decideForged?.(opened.id, wish);
    const done = await trial.effectsAtLast(opened.subject, 3);
    const status = await trial.system.status(opened.id);
    await toldOrNot(() => trial.decide(opened, { person: 'ann', action: 'approve' }));
    return expecting(`${told?.isAccepted === true ? 'accepted' : 'refused'}; then it was ${status}`, {
      'it is refused': told?.isAccepted === false,
      'nothing is carried out': done === 0,
      'it still waits': status === 'waiting',
      'who can prove it decides': await endsWithOneEffect(trial, opened),
    });
  },
};

const bulk: Case = {
  number: 42,
  title: 'of decisions in bulk, a bad one stops no other',
  run: async (trial) => {
    const open = [await trial.open(), await trial.open(), await trial.open()];
    const decisions = open.map((opened, index) => {
      const decision = trial.decisionOn(opened, { person: 'ann', action: 'approve' });
      // What was shown for another task.
      return { id: opened.id, decision: index === 1 ? { ...decision, seen: open[0]?.shown.seen ?? '' } : decision };
    });
    const told = (await trial.system.decideMany?.(decisions)) ?? [];
    const effects = [];
    for (const [index, { subject }] of open.entries())
      effects.push(await trial.effectsAtLast(subject, index === 1 ? 2 : 30));
    return expecting(`accepted: ${told.map(({ isAccepted }) => (isAccepted ? 'yes' : 'no')).join(', ')}`, {
      'each has an answer of its own': told.map(({ isAccepted }) => isAccepted).join() === 'true,false,true',
      'the good ones are carried out, and no other': effects.join() === '1,0,1',
    });
  },
};

const undone: Case = {
  number: 40,
  title: 'undo within the window prevents the effect',
  run: async (trial) => {
    const opened = await trial.open({ isUndoable: true });
    await trial.decide(opened, { person: 'ann', action: 'approve' });
    const told = await trial.system.undo?.(opened.id, 'ann');
    const again = await trial.opened(opened.id, opened.subject);
    const done = await trial.effectsAtLast(opened.subject, 8);
    return expecting('it was taken back, and the review is open again', {
      'the undo is accepted': told?.isAccepted === true,
      'nothing is carried out': done === 0,
      'it waits for a person': again.all.length > 0,
    });
  },
};

const dismissed: Case = {
  number: 49,
  title: 'who lost the right to decide is refused, also on what they were shown before',
  run: async (trial) => {
    const opened = await trial.open();
    const surfaces = trial.system.surfaces?.() ?? [];
    const held = await Promise.all(surfaces.map((surface) => wayOf(trial, opened, { surface, person: 'cat' })));
    await trial.system.dismiss?.('cat');
    const told = await toldOrNot(() => trial.decide(opened, { person: 'cat', action: 'approve' }));
    for (const decide of held) await decide();
    const calls = await settle(
      () => trial.effects(opened.subject).calls,
      (count) => count > 0,
      { seconds: 3 },
    );
    await toldOrNot(() => trial.decide(opened, { person: 'ann', action: 'approve' }));
    return expecting(`refused, also by what they held before (${surfaces.join(', ')}); another could decide`, {
      'they are refused': !told.isAccepted,
      'nothing is carried out on what they held': calls === 0,
      'another decides': await endsWithOneEffect(trial, opened),
    });
  },
};

async function claim(
  trial: Trial,
  id: string,
  { person, leaseSeconds = 60 }: { person: 'ann' | 'bob' | 'cat'; leaseSeconds?: number },
) {
  const told = await trial.system.claim?.(id, { person, leaseSeconds });
  return told ?? { isAccepted: false, decidedBy: null, said: 'there are no claims' };
}

export const peopleCases: readonly Case[] = [
  ownTask,
  twoPeople,
  role,
  exclusive,
  expires,
  unclaimed,
  undone,
  forged,
  bulk,
  dismissed,
];
