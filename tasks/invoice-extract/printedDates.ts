/** A date as it is printed. `05/03/2026` may be the 5th of March or the 3rd of May: both are given, the likelier one first. */
export interface PrintedDate {
  readonly readings: readonly string[];
  readonly start: number;
}

const MONTHS: readonly (readonly string[])[] = [
  ['january', 'jan', 'januar', 'jänner'],
  ['february', 'feb', 'februar'],
  ['march', 'mar', 'märz', 'maerz', 'mrz'],
  ['april', 'apr'],
  ['may', 'mai'],
  ['june', 'jun', 'juni'],
  ['july', 'jul', 'juli'],
  ['august', 'aug'],
  ['september', 'sep', 'sept'],
  ['october', 'oct', 'oktober', 'okt'],
  ['november', 'nov'],
  ['december', 'dec', 'dezember', 'dez'],
];
const WORD = '(?<month>[A-Za-zä]{3,9})';
const ISO = /(?<!\d)(?<year>\d{4})-(?<month>\d{2})-(?<day>\d{2})(?!\d)/g;
const NUMERIC = /(?<![\d.,])(?<first>\d{1,2})(?<mark>[./-])(?<second>\d{1,2})\k<mark>(?<year>\d{4}|\d{2})(?![\d])/g;
const DAY_FIRST = new RegExp(
  `(?<!\\d)(?<day>\\d{1,2})(?:st|nd|rd|th)?\\.?[ -]${WORD}\\.?,?[ -](?<year>\\d{4})(?!\\d)`,
  'g',
);
const MONTH_FIRST = new RegExp(`\\b${WORD}\\.? (?<day>\\d{1,2})(?:st|nd|rd|th)?,? (?<year>\\d{4})(?!\\d)`, 'g');

/** The dates of a line in order. `isMonthFirst` is how slashes are read where both readings are possible. */
export function printedDates(line: string, isMonthFirst: boolean): readonly PrintedDate[] {
  const dates: PrintedDate[] = [];
  const add = (start: number, readings: readonly (string | null)[]): void => {
    const possible = [...new Set(readings.filter((reading) => reading !== null))];
    if (possible.length > 0) dates.push({ readings: possible, start });
  };
  for (const { index, groups = {} } of line.matchAll(ISO))
    add(index, [isoDate(groups['year'], groups['month'], groups['day'])]);
  for (const { index, groups = {} } of line.matchAll(NUMERIC)) add(index, numericReadings(groups, isMonthFirst));
  for (const pattern of [DAY_FIRST, MONTH_FIRST]) {
    for (const { index, groups = {} } of line.matchAll(pattern))
      add(index, [isoDate(groups['year'], monthOf(groups['month']), groups['day'])]);
  }
  return dates.sort((a, b) => a.start - b.start);
}

type Groups = Readonly<Record<string, string | undefined>>;

function numericReadings({ first, second, mark, year = '' }: Groups, isMonthFirst: boolean): (string | null)[] {
  const fullYear = year.length === 2 ? `20${year}` : year;
  const dayFirst = isoDate(fullYear, second, first);
  if (mark !== '/') return [dayFirst];
  const monthFirst = isoDate(fullYear, first, second);
  return isMonthFirst ? [monthFirst, dayFirst] : [dayFirst, monthFirst];
}

function monthOf(word: string | undefined): string | undefined {
  const index = MONTHS.findIndex((names) => names.includes(word?.toLowerCase() ?? ''));
  return index < 0 ? undefined : String(index + 1);
}

/** ISO 8601, or null where there is no such day. */
function isoDate(year: string | undefined, month: string | undefined, day: string | undefined): string | null {
  if (year === undefined || month === undefined || day === undefined) return null;
  const iso = `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`;
  const time = Date.parse(`${iso}T00:00:00Z`);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(iso) ? iso : null;
}
