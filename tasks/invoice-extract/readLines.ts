import { isProduct } from './decimal';
import { CONNECTIVES, LABELS, TABLE_HEAD, UNITS } from './labels';
import { type PrintedNumber, printedNumbers } from './printedNumbers';
import type { Document } from './readHeader';
import type { InvoiceLine } from './schemas';

/** Rows with more numbers are no lines of an invoice, and every three of them would have to be tried. */
const MAX_NUMBERS = 12;

/**
 * The invoiced lines: rows whose numbers hold a quantity, a unit price and their product, in whatever order; below the head of a
 * table, also rows that end in an amount.
 */
export function readLines(document: Document): readonly InvoiceLine[] {
  const { lines, mark } = document;
  const head = lines.findIndex((line) => new Set(line.toLowerCase().match(TABLE_HEAD)).size >= 2);
  const found: InvoiceLine[] = [];
  for (let index = head + 1; index < lines.length; index++) {
    const line = lines[index] ?? '';
    if (isTotalLine(line)) {
      if (found.length > 0) break;
      continue;
    }
    const numbers = printedNumbers(line, mark);
    if (numbers.length > MAX_NUMBERS) continue;
    const row = productRow(line, numbers) ?? (head >= 0 ? amountRow(line, numbers) : null);
    if (row) found.push(row);
  }
  return found;
}

function isTotalLine(line: string): boolean {
  return [...LABELS.net, ...LABELS.total].some((label) => {
    const match = label.exec(line);
    return match !== null && line.slice(0, match.index).trim() === '';
  });
}

function productRow(line: string, numbers: readonly PrintedNumber[]): InvoiceLine | null {
  for (const amount of numbers.toReversed()) {
    if (!amount.isMoney) continue;
    for (const unitPrice of numbers.toReversed()) {
      if (!unitPrice.isMoney || unitPrice.start >= amount.start) continue;
      const quantity = numbers.findLast(
        (number) =>
          number !== amount &&
          number !== unitPrice &&
          isProduct({ quantity: number.value, unitPrice: unitPrice.value, amount: amount.value }),
      );
      if (quantity) return invoiceLine(line, { quantity, unitPrice, amount, numbers });
    }
  }
  return null;
}

function amountRow(line: string, numbers: readonly PrintedNumber[]): InvoiceLine | null {
  const amount = numbers.at(-1);
  if (!amount?.isMoney || line.slice(amount.end).replace(/[€£$¥\s|]|EUR|GBP|USD|CHF/g, '') !== '') return null;
  const [quantity, unitPrice] = numbers.slice(0, -1).slice(-2);
  const hasBoth = quantity !== undefined && unitPrice?.isMoney === true;
  return invoiceLine(line, {
    quantity: hasBoth ? quantity : null,
    unitPrice: hasBoth ? unitPrice : null,
    amount,
    numbers,
  });
}

interface Row {
  readonly quantity: PrintedNumber | null;
  readonly unitPrice: PrintedNumber | null;
  readonly amount: PrintedNumber;
  readonly numbers: readonly PrintedNumber[];
}

function invoiceLine(line: string, { quantity, unitPrice, amount, numbers }: Row): InvoiceLine | null {
  const description = describe(line, [quantity, unitPrice, amount], numbers);
  if (description === '') return null;
  return { description, quantity: quantity?.value ?? null, unitPrice: unitPrice?.value ?? null, amount: amount.value };
}

/** The longest run of the row that is none of its numbers, without units, separators and the number of the position. */
function describe(line: string, taken: readonly (PrintedNumber | null)[], numbers: readonly PrintedNumber[]): string {
  const cuts = taken.filter((number) => number !== null).sort((a, b) => a.start - b.start);
  const runs: string[] = [];
  let from = 0;
  for (const { start, end } of cuts) {
    runs.push(line.slice(from, start));
    from = end;
  }
  runs.push(line.slice(from));
  const hasPosition = numbers.length > cuts.length;
  return runs
    .map((run) => cleanRun(run, hasPosition))
    .reduce((best, run) => (run.length > best.length ? run : best), '');
}

function cleanRun(run: string, hasPosition: boolean): string {
  const withoutPosition = hasPosition ? run.replace(/^\s*\d{1,3}[.)]?\s+/, '') : run;
  const words = withoutPosition
    .replace(/[|\t]/g, ' ')
    .replace(/(?:\d{1,2}(?:[.,]\d)?\s?%)?\s*(?:€|£|\$|\bEUR\b|\bGBP\b|\bUSD\b|\bCHF\b)?\s*$/, '')
    .trim()
    .split(/\s+/);
  while (words.length > 0 && UNITS.test(words[0] ?? '')) words.shift();
  while (words.length > 1 && CONNECTIVES.test(words.at(-1) ?? '')) words.pop();
  return words
    .join(' ')
    .replace(/^[-•*–:]+\s*|\s*[-–:@]+$/g, '')
    .slice(0, 500);
}
