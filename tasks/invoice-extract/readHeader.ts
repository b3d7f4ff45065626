import { LABELS, LEGAL_FORM, RECIPIENT_LABEL, SUPPLIER_LABEL, TAX_FREE, TITLES } from './labels';
import { sum, toCents } from './decimal';
import { printedDates } from './printedDates';
import { type DecimalMark, printedNumbers } from './printedNumbers';

/** The document, split once: its lines, and how it writes numbers and dates. */
export interface Document {
  readonly text: string;
  readonly lines: readonly string[];
  readonly mark: DecimalMark;
  readonly isMonthFirst: boolean;
}

const SYMBOLS: readonly (readonly [RegExp, string])[] = [
  [/€|\bEURO?\b/g, 'EUR'],
  [/£|\bGBP\b/g, 'GBP'],
  [/\bCHF\b|\bSFr\.?/g, 'CHF'],
  [/\bUS\$|\bUSD\b|(?<![A-Z])\$/g, 'USD'],
  [/\bA\$|\bAUD\b/g, 'AUD'],
  [/¥|\bJPY\b/g, 'JPY'],
  [/\b(?:PLN|zł)\b/g, 'PLN'],
  [/\bSEK\b/g, 'SEK'],
  [/\bNOK\b/g, 'NOK'],
  [/\bDKK\b/g, 'DKK'],
  [/\bCZK\b/g, 'CZK'],
  [/\bCAD\b|\bC\$/g, 'CAD'],
];
const NUMBER_VALUE = /^[\s:.#№|]*(?<value>[A-Z]{1,4} \d+|[A-Za-z0-9][A-Za-z0-9/_.-]*\d[A-Za-z0-9/_-]*|\d+)/;
const SUPPLIER_LINES = 12;

export function readNumber({ lines }: Document): string | null {
  return firstLabelled(lines, LABELS.number, (rest) => NUMBER_VALUE.exec(rest)?.groups?.['value'] ?? null);
}

/** The likeliest reading first; null where no date stands beside a label. */
export function readDate({
  lines,
  isMonthFirst,
}: Document): { readonly date: string; readonly isAmbiguous: boolean } | null {
  return firstLabelled(lines, LABELS.date, (rest) => {
    const [printed] = printedDates(rest, isMonthFirst);
    const [date, other] = printed?.readings ?? [];
    return date === undefined ? null : { date, isAmbiguous: other !== undefined };
  });
}

/** What stands behind a label in its line, or below it where the labels are the heads of columns. */
function firstLabelled<T>(
  lines: readonly string[],
  labels: readonly RegExp[],
  read: (rest: string) => T | null,
): T | null {
  for (const label of labels) {
    for (const [index, line] of lines.entries()) {
      const match = label.exec(line);
      if (!match) continue;
      const value =
        read(line.slice(match.index + match[0].length)) ??
        readBelow(match.index, { line, below: lines[index + 1], read });
      if (value !== null) return value;
    }
  }
  return null;
}

function readBelow<T>(
  at: number,
  { line, below, read }: { line: string; below: string | undefined; read: (rest: string) => T | null },
): T | null {
  if (below === undefined) return null;
  const column = cells(line.slice(0, at)).length - (/(?:\s{2,}|[\t|])\s*$/.test(line.slice(0, at)) || at === 0 ? 0 : 1);
  return read(cells(below)[Math.max(column, 0)] ?? '');
}

function cells(line: string): string[] {
  return line
    .split(/\s{2,}|\s*[\t|]\s*/)
    .map((cell) => cell.trim())
    .filter((cell) => cell !== '');
}

export function readCurrency({ text, lines }: Document): string | null {
  const totals = lines.filter((line) => LABELS.total.some((label) => label.test(line))).join('\n');
  return mostFrequentCurrency(totals) ?? mostFrequentCurrency(text);
}

function mostFrequentCurrency(text: string): string | null {
  let best: { code: string; count: number } | null = null;
  for (const [pattern, code] of SYMBOLS) {
    const count = text.match(pattern)?.length ?? 0;
    if (count > (best?.count ?? 0)) best = { code, count };
  }
  return best?.code ?? null;
}

/** Whether the document names this currency, by code or symbol. */
export function namesCurrency(text: string, code: string): boolean {
  return text.includes(code) || SYMBOLS.some(([pattern, name]) => name === code && text.match(pattern) !== null);
}

export interface Totals {
  readonly net: string | null;
  readonly tax: string | null;
  readonly total: string | null;
}

/** Net, tax (several rates are added up) and total. Without tax by law, tax is `0.00` and the net amount is the total. */
export function readTotals(document: Document): Totals {
  const total = readAmount(document, LABELS.total);
  const net = readAmount(document, LABELS.net);
  const tax = readTax(document);
  if (tax === null && total !== null && TAX_FREE.test(document.text)) return { net: net ?? total, tax: '0.00', total };
  return { net, tax, total };
}

function readAmount({ lines, mark }: Document, labels: readonly RegExp[]): string | null {
  for (const label of labels) {
    // From below: totals stand at the end, and a page may carry over a sum before.
    for (let index = lines.length - 1; index >= 0; index--) {
      const line = lines[index] ?? '';
      const match = label.exec(line);
      if (!match) continue;
      const amount =
        lastMoney(line.slice(match.index + match[0].length), mark) ?? lastMoney(lonelyAmount(lines[index + 1]), mark);
      if (amount !== null) return amount;
    }
  }
  return null;
}

function readTax({ lines, mark }: Document): string | null {
  const amounts: string[] = [];
  for (const line of lines) {
    if (!LABELS.tax.some((label) => label.test(line))) continue;
    const amount = lastMoney(line, mark);
    if (amount !== null) amounts.push(amount);
  }
  return amounts.length === 0 ? null : toCents(sum(amounts));
}

/** A line that holds an amount and no word: it belongs to the label above it. */
function lonelyAmount(line: string | undefined): string {
  return line !== undefined && /^[^a-z]*(?:EUR|GBP|USD|CHF)?[^a-zA-Z]*$/.test(line) ? line : '';
}

function lastMoney(text: string, mark: DecimalMark): string | null {
  return printedNumbers(text, mark).findLast((number) => number.isMoney)?.value ?? null;
}

/** Whom the invoice is from: what a label says, else the first line with a legal form above the recipient, else the first line. */
export function readSupplier({ lines }: Document): string | null {
  const label = lines.findIndex((line) => SUPPLIER_LABEL.test(line));
  if (label >= 0) {
    const name = SUPPLIER_LABEL.exec(lines[label] ?? '')?.groups?.['name']?.trim();
    const found = name || lines[label + 1]?.trim();
    if (found) return cleanName(found);
  }
  const recipient = lines.findIndex((line) => RECIPIENT_LABEL.test(line));
  const head = lines.slice(0, recipient < 0 ? SUPPLIER_LINES : Math.min(recipient, SUPPLIER_LINES)).filter(isName);
  const name = head.find((line) => LEGAL_FORM.test(line)) ?? head[0];
  return name === undefined ? null : cleanName(name);
}

function isName(line: string): boolean {
  const trimmed = line.trim();
  const isTitle = Object.values(TITLES).some((title) => title.test(trimmed));
  return (
    /[A-Za-zÄÖÜ]{2}/.test(trimmed) &&
    !isTitle &&
    !/^\s*(?:page|seite|date|datum)\b/i.test(trimmed) &&
    !trimmed.includes(':')
  );
}

/** The name without what senders print behind it in the same line: the address, or the other column. */
function cleanName(line: string): string {
  const [first = line] = line.trim().split(/\s{3,}|\s*[|·•\t]\s*|\s+[-–]\s+(?=.*\d)/);
  const form = LEGAL_FORM.exec(first);
  const end = form ? form.index + form[0].length : first.length;
  return first.slice(0, end).trim().replace(/,$/, '').slice(0, 200);
}
