import { setTimeout as pause } from 'node:timers/promises';
import { type Case, expecting, type Trial } from '../trial';
import { settle } from '../until';

const SILENCE_SECONDS = 5;
/** Long enough for the reminder to fall due. */
const DOWN_MS = 2_000;

export const silenceCases: readonly Case[] = [
  {
    number: 15,
    title: 'silence reminds',
    run: async (trial) => {
      const { id, subject } = await trial.open({ remindAfterSeconds: 1, fallbackAfterSeconds: 60 });
      const counted = () => remindersOf(trial, { id, subject });
      const reminders = await settle(counted, (count) => count > 0, { seconds: 20 });
      return expecting(`people were reminded ${timesOf(reminders)}`, {
        'a reminder is sent': reminders > 0,
        'the task still waits': (await trial.system.status(id)) === 'waiting',
      });
    },
  },
  {
    number: 16,
    title: 'silence reassigns',
    run: async (trial) => {
      const { id } = await trial.open({ reassignAfterSeconds: 1 });
      const assigned = async () => (await trial.system.assignedTo?.(id)) ?? '';
      const before = await assigned();
      const after = await settle(assigned, (now) => now !== before, { seconds: 20 });
      return expecting(`from ${before} to ${after}`, { 'others may take it': after !== before });
    },
  },
  {
    number: 17,
    title: 'silence falls back as declared',
    run: async (trial) => {
      const { id, subject } = await trial.open({ remindAfterSeconds: 1, fallbackAfterSeconds: 2 });
      await trial.ended(id);
      const notices = await settle(
        () => trial.outside.noticesFor(subject),
        (kinds) => kinds.includes('fallback'),
        { seconds: 10 },
      );
      return expecting(`told: ${notices.join(', ') || 'nothing'}`, {
        'the declared fallback is delivered': notices.includes('fallback'),
        'nothing is carried out': trial.effects(subject).calls === 0,
      });
    },
  },
  {
    number: 18,
    title: 'silence never approves',
    run: async (trial) => {
      const ladders = [{ remindAfterSeconds: 1, fallbackAfterSeconds: 2 }, { remindAfterSeconds: 1 }, {}];
      const open = await Promise.all(ladders.map((ladder) => trial.open(ladder)));
      const subjects = open.map(({ subject }) => subject);
      const effects = () => subjects.map((subject) => trial.effects(subject).calls).reduce((a, b) => a + b);
      const calls = await settle(effects, (count) => count > 0, { seconds: SILENCE_SECONDS });
      return expecting(`nothing was carried out within ${SILENCE_SECONDS} s of silence, whatever was declared`, {
        'nothing is carried out': calls === 0,
      });
    },
  },
  {
    number: 47,
    title: 'a reminder that fell due while everything was down comes once, late',
    run: async (trial) => {
      const { id, subject } = await trial.open({ remindAfterSeconds: 1, fallbackAfterSeconds: 60 });
      trial.kill();
      await pause(DOWN_MS);
      await trial.restart();
      const counted = () => remindersOf(trial, { id, subject });
      await settle(counted, (count) => count > 0, { seconds: 20 });
      const reminders = await settle(counted, (count) => count > 1, { seconds: 2 });
      return expecting(`people were reminded ${timesOf(reminders)}`, { 'one reminder': reminders === 1 });
    },
  },
];

async function remindersOf(
  { system, outside }: Trial,
  { id, subject }: { id: string; subject: string },
): Promise<number> {
  return (await system.reminders?.(id)) ?? outside.noticesFor(subject).filter((kind) => kind === 'reminder').length;
}

function timesOf(count: number): string {
  return count === 1 ? 'once' : `${count} times`;
}
