import type { Span } from './span';

export interface DateFound extends Span {
  /** Each way to read it, as `2026-11-24`, or `--11-24` where no year was given. */
  readonly readings: readonly string[];
}

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const MONTH =
  '(jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\\.?';
const DAY = '(\\d{1,2})(?:st|nd|rd|th)?';

const ISO = /(?<!\d)(\d{4})-(\d{2})-(\d{2})(?!\d)/g;
const NUMERIC = /(?<![\d./-])(\d{1,2})([./-])(\d{1,2})\2(\d{4})(?!\d)/g;
const DAY_FIRST = new RegExp(`\\b${DAY} (?:of )?${MONTH}(?:,? (\\d{4}))?\\b`, 'gi');
const MONTH_FIRST = new RegExp(`\\b${MONTH} ${DAY}(?:,? (\\d{4}))?\\b`, 'gi');

/** Dates of the calendar in ISO, numeric and English forms. A numeric one is read with the day first and with the month first. */
export function findDates(text: string): DateFound[] {
  return [
    ...matches(text, ISO, ([, year, month, day]) => [reading(year, month, day)]),
    ...matches(text, NUMERIC, ([, one, , two, year]) => [reading(year, two, one), reading(year, one, two)]),
    ...matches(text, DAY_FIRST, ([, day, month, year]) => [reading(year, monthNumber(month), day)]),
    ...matches(text, MONTH_FIRST, ([, month, day, year]) => [reading(year, monthNumber(month), day)]),
  ];
}

function matches(
  text: string,
  pattern: RegExp,
  read: (found: RegExpMatchArray) => readonly (string | null)[],
): DateFound[] {
  const dates: DateFound[] = [];
  for (const found of text.matchAll(pattern)) {
    const readings = read(found).filter((each) => each !== null);
    if (readings.length > 0) dates.push({ start: found.index, end: found.index + found[0].length, readings });
  }
  return dates;
}

function reading(year: string | undefined, month: string | undefined, day: string | undefined): string | null {
  const [monthOfYear, dayOfMonth] = [Number(month), Number(day)];
  if (!(monthOfYear >= 1 && monthOfYear <= 12 && dayOfMonth >= 1 && dayOfMonth <= 31)) return null;
  return `${year ?? '-'}-${String(monthOfYear).padStart(2, '0')}-${String(dayOfMonth).padStart(2, '0')}`;
}

function monthNumber(name: string | undefined): string {
  return String(MONTHS.indexOf((name ?? '').slice(0, 3).toLowerCase()) + 1);
}

/** Whether a date was said that the other says too; one without a year agrees with the same day of any year. */
export function isSameDate(said: string, known: string): boolean {
  return said === known || (said.startsWith('--') && known.endsWith(said.slice(1)));
}
