const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** A length of time in one unit, rounded down: `42 s`, `7 min`, `3 h`, `5 d`. Nothing is shorter than `0 s`. */
export function durationWords(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  if (whole < MINUTE) return `${whole} s`;
  if (whole < HOUR) return `${Math.floor(whole / MINUTE)} min`;
  if (whole < 2 * DAY) return `${Math.floor(whole / HOUR)} h`;
  return `${Math.floor(whole / DAY)} d`;
}

/** How long ago an RFC 3339 time was. */
export function ageWords(time: string, nowMs: number): string {
  return durationWords((nowMs - Date.parse(time)) / 1000);
}

/** How far off a time is: `in 7 min`, `3 h overdue`; `–` where there is no such time. */
export function dueWords(time: string | null, nowMs: number): string {
  if (time === null) return '–';
  const seconds = (Date.parse(time) - nowMs) / 1000;
  return seconds >= 0 ? `in ${durationWords(seconds)}` : `${durationWords(-seconds)} overdue`;
}

/** An RFC 3339 time to the second, as a person reads it: `2026-10-01 14:03:09 UTC`. */
export function timeWords(time: string): string {
  const at = new Date(time);
  if (Number.isNaN(at.getTime())) return time;
  return `${at.toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

/** A probability to two digits; `–` where there is none. Never rounded up to certainty. */
export function probabilityWords(probability: number | null | undefined): string {
  if (probability === null || probability === undefined) return '–';
  return (Math.floor(probability * 100 + 1e-9) / 100).toFixed(2);
}

export function dollars(microUsd: number): string {
  return `$${(microUsd / 1_000_000).toFixed(microUsd % 10_000 === 0 ? 2 : 6)}`;
}

/** A number of people: `1 person`, `2 people`. */
export function peopleWords(count: number): string {
  return `${count} ${count === 1 ? 'person' : 'people'}`;
}

/** Closed words on a screen: `waiting_for_review` is `waiting for review`. */
export function spaced(word: string): string {
  return word.replaceAll('_', ' ');
}
