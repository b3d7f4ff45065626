import { IANAZone } from 'luxon';
import { z } from 'zod';
import type { BusinessHours } from '../../contracts/words/policy';

const DAYS = ['1', '2', '3', '4', '5', '6', '7'] as const;
const clock = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$|^24:00$/, 'must be HH:MM, from 00:00 to 24:00');

const opening = z
  .strictObject({ from: clock, to: clock })
  // As text they sort as times do.
  .refine(({ from, to }) => from < to, 'must open before it closes');

/** The hours of one queue, by days of the week from 1 (Monday) to 7. */
export const queueHours = z.strictObject({
  queue: z.string().min(1).max(100),
  timeZone: z.string().refine((name) => IANAZone.isValidZone(name), 'must be an IANA time zone, such as Europe/London'),
  days: z
    .partialRecord(z.enum(DAYS), opening)
    .refine((days) => Object.keys(days).length > 0, 'must open on a day: leave the queue out if it is always open'),
  holidays: z.array(z.iso.date()).max(1_000).default([]),
});
type QueueHours = z.output<typeof queueHours>;

/** By queue, as the policies of the task types need them. */
export function hoursByQueue(all: readonly QueueHours[]): Readonly<Record<string, BusinessHours>> {
  return Object.fromEntries(all.map(({ queue, ...hours }) => [queue, hours]));
}
