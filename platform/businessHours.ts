import { DateTime, type DateTimeMaybeValid } from 'luxon';
import type { BusinessHours } from '../contracts/words/policy';

/** A queue that opens less often than this is taken for one that never does. */
const MAX_DAYS = 3_660;

interface Opening {
  readonly fromMs: number;
  readonly toMs: number;
}

/**
 * The time that is `seconds` of business hours after `from`, RFC 3339 UTC. Within an opening time runs as the clock does, also on days when the
 * clock changes. 0 seconds after a time outside gives the next opening. Throws a RangeError where the hours never open.
 */
export function afterBusinessSeconds(hours: BusinessHours, from: string, seconds: number): string {
  const start = Date.parse(from);
  let leftMs = seconds * 1000;
  for (const { fromMs, toMs } of openingsSince(hours, start)) {
    const begin = Math.max(fromMs, start);
    if (begin + leftMs <= toMs && begin < toMs) return new Date(begin + leftMs).toISOString();
    leftMs -= Math.max(0, toMs - begin);
  }
  throw new RangeError('the business hours of the queue do not open often enough for its ladder');
}

/** How many seconds of business hours lie between two times; 0 where `to` is not after `from`. */
export function businessSecondsBetween(hours: BusinessHours, from: string, to: string): number {
  const [start, end] = [Date.parse(from), Date.parse(to)];
  let totalMs = 0;
  for (const { fromMs, toMs } of openingsSince(hours, start)) {
    if (fromMs >= end) break;
    totalMs += Math.max(0, Math.min(toMs, end) - Math.max(fromMs, start));
  }
  return totalMs / 1000;
}

function* openingsSince({ timeZone, days, holidays }: BusinessHours, startMs: number): Generator<Opening> {
  // One day earlier: an opening may run past midnight UTC.
  let day: DateTimeMaybeValid = DateTime.fromMillis(startMs, { zone: timeZone }).startOf('day').minus({ days: 1 });
  if (!day.isValid) throw new RangeError(`the time zone ${timeZone} is not known`);
  for (let count = 0; count < MAX_DAYS; count += 1, day = day.plus({ days: 1 })) {
    const open = days[String(day.weekday)];
    if (open === undefined || holidays.includes(day.toFormat('yyyy-MM-dd'))) continue;
    const [fromMs, toMs] = [timeOf(day, open.from), timeOf(day, open.to)];
    if (toMs > startMs) yield { fromMs, toMs };
  }
}

/** `24:00` is the end of the day. A time that the clock skips is the one an hour later. */
function timeOf(day: DateTime, clock: string): number {
  const [hour = 0, minute = 0] = clock.split(':').map(Number);
  return (hour === 24 ? day.plus({ days: 1 }) : day.set({ hour, minute })).toMillis();
}
