import type { CheckResult } from '../../contracts/words/task';
import type { DraftCheck } from '../define';
import { linesAddUp, totalsAddUp } from './arithmetic';
import { millionths } from './decimal';
import { documentOf, missingFields } from './extract';
import { TAX_FREE } from './labels';
import { printedDates } from './printedDates';
import { type DecimalMark, printedNumbers } from './printedNumbers';
import { namesCurrency } from './readHeader';
import type { InvoiceInput, InvoiceOutput } from './schemas';

type Check = DraftCheck<InvoiceInput, InvoiceOutput>;

const DAY_MS = 86_400_000;
const OLDEST_DAYS = 3_650;
/** Invoices are dated ahead now and then, but not by more than a month. */
const NEWEST_DAYS = 31;

/** `now` is asked when a draft is checked, for the plausibility of its date. */
export function invoiceChecks(now: () => Date): readonly Check[] {
  return [fieldsFound, totalsCheck, linesCheck, datePlausible(now), currencyKnown, grounded];
}

function result(passed: boolean, evidence: CheckResult['evidence']): Omit<CheckResult, 'name'> {
  return { passed, reason: passed ? null : 'checks_failed', evidence };
}

const fieldsFound: Check = {
  name: 'fields_found',
  check: (_, output) => {
    const missing = missingFields(output);
    return result(missing.length === 0, { missing });
  },
};

const totalsCheck: Check = {
  name: 'totals_add_up',
  check: (_, output) => result(totalsAddUp(output), { fields: ['net', 'tax', 'total'] }),
};

const linesCheck: Check = {
  name: 'lines_add_up',
  check: (_, output) => {
    const { isRight, wrong } = linesAddUp(output);
    return result(isRight, { lines: output.lines.length, wrongLines: wrong });
  },
};

function datePlausible(now: () => Date): Check {
  return {
    name: 'date_plausible',
    check: (_, { date }) => {
      if (date === null) return result(false, { ageDays: null });
      const ageDays = Math.floor((now().getTime() - Date.parse(`${date}T00:00:00Z`)) / DAY_MS);
      return result(ageDays <= OLDEST_DAYS && ageDays >= -NEWEST_DAYS, { ageDays });
    },
  };
}

const CURRENCIES = new Set(Intl.supportedValuesOf('currency'));

const currencyKnown: Check = {
  name: 'currency_known',
  check: (_, { currency }) => result(currency !== null && CURRENCIES.has(currency), { isGiven: currency !== null }),
};

/** Each value stands in the document, however it is printed there. What is missing is the concern of `fields_found`. */
const grounded: Check = {
  name: 'grounded',
  check: ({ input }, output) => {
    const ungrounded = ungroundedFields(input.text, output);
    return result(ungrounded.length === 0, { fields: ungrounded });
  },
};

function ungroundedFields(text: string, output: InvoiceOutput): string[] {
  const printed = printedValues(text);
  const has = {
    words: (value: string | null) => value === null || printed.words.includes(squeezed(value)),
    amount: (value: string | null) => value === null || printed.amounts.has(millionths(value)),
  };
  const fields: Record<string, boolean> = {
    supplier: has.words(output.supplier),
    number: has.words(output.number),
    date: output.date === null || printed.dates.has(output.date),
    currency: output.currency === null || namesCurrency(text, output.currency),
    net: has.amount(output.net),
    tax: isTaxGrounded(text, output, printed.amounts),
    total: has.amount(output.total),
  };
  output.lines.forEach((line, index) => {
    fields[`lines.${index}.description`] = has.words(line.description);
    for (const name of ['quantity', 'unitPrice', 'amount'] as const)
      fields[`lines.${index}.${name}`] = has.amount(line[name]);
  });
  return Object.entries(fields).flatMap(([name, isGrounded]) => (isGrounded ? [] : [name]));
}

/** No tax is grounded by the words that say so; the tax of several rates by the amounts it is the sum of. */
function isTaxGrounded(text: string, { tax }: InvoiceOutput, amounts: ReadonlySet<bigint>): boolean {
  if (tax === null || amounts.has(millionths(tax))) return true;
  const value = millionths(tax);
  if (value === 0n) return TAX_FREE.test(text);
  return [...amounts].some((amount) => amount > 0n && amount < value && amounts.has(value - amount));
}

interface PrintedValues {
  readonly words: string;
  readonly amounts: ReadonlySet<bigint>;
  readonly dates: ReadonlySet<string>;
}

function printedValues(text: string): PrintedValues {
  const { lines, mark } = documentOf(text);
  const amounts = new Set(lines.flatMap((line) => amountsOf(line, mark)));
  const dates = new Set(lines.flatMap((line) => printedDates(line, false).flatMap(({ readings }) => readings)));
  return { words: squeezed(text), amounts, dates };
}

/** Amounts with and without their sign: a credit may be printed either way. */
function amountsOf(line: string, mark: DecimalMark): bigint[] {
  return printedNumbers(line, mark).flatMap(({ value }) => [millionths(value), -millionths(value)]);
}

function squeezed(text: string): string {
  return text.toLowerCase().replace(/\s+/g, ' ').trim();
}
