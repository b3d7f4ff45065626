import type { Classification } from '../../contracts/words/task';
import { OUT_OF_SCOPE, UNCLEAR } from '../../contracts/words/vocabulary';
import type { DraftMaterial, EmbeddedDraft } from '../define';
import { linesAddUp, totalsAddUp } from './arithmetic';
import { TITLES } from './labels';
import { decimalMarkOf, printedNumbers } from './printedNumbers';
import { type Document, readCurrency, readDate, readNumber, readSupplier, readTotals } from './readHeader';
import { readLines } from './readLines';
import { type InvoiceInput, InvoiceOutput } from './schemas';

export const INVOICE_CLASSES = ['invoice', 'credit_note', 'reminder'] as const;
type InvoiceClass = (typeof INVOICE_CLASSES)[number];

/** What stands behind is no line of an invoice: reading it would only take time. */
const LINE_CHARACTERS = 1_000;
/** Titles below this line, or in longer ones, are prose. */
const TITLE_LINES = 25;
const TITLE_CHARACTERS = 60;

const TITLED_PROBABILITY = 0.98;
const UNCLEAR_PROBABILITY = 0.6;

const FULL_SCORE = 0.97;
const MISSING_FIELD_COST = 0.12;
const WRONG_TOTALS_COST = 0.4;
const WRONG_LINES_COST = 0.15;
const AMBIGUOUS_DATE_COST = 0.2;
const LEAST_SCORE = 0.05;

export function documentOf(text: string): Document {
  const isGerman = /\b(?:rechnung|gutschrift|mwst|ust|datum|betrag)\b/i.test(text);
  const isAmerican = !isGerman && /\bUSD\b|US\$|\$/.test(text) && !/\b(?:VAT|GBP|AUD)\b|£|A\$/.test(text);
  return {
    text,
    lines: text.split(/\r?\n/).map((line) => line.slice(0, LINE_CHARACTERS)),
    mark: decimalMarkOf(text),
    isMonthFirst: isAmerican,
  };
}

/** By its title. A document with amounts and no title is `unclear`, one without amounts is `out_of_scope`. */
export function classifyDocument({ text }: InvoiceInput): Classification {
  const { lines, mark } = documentOf(text);
  const titles = lines
    .filter((line) => line.trim() !== '')
    .slice(0, TITLE_LINES)
    .flatMap((line) => line.split(/\s{2,}|[\t|]/))
    .map((cell) => cell.trim())
    .filter((cell) => cell.length <= TITLE_CHARACTERS);
  const hasAmounts = lines.some((line) => printedNumbers(line, mark).some((number) => number.isMoney));
  const order: readonly InvoiceClass[] = ['credit_note', 'reminder', 'invoice'];
  const name = order.find((candidate) => titles.some((title) => TITLES[candidate].test(title)));
  if (!hasAmounts) return classification(OUT_OF_SCOPE, UNCLEAR_PROBABILITY);
  return name === undefined ? classification(UNCLEAR, UNCLEAR_PROBABILITY) : classification(name, TITLED_PROBABILITY);
}

function classification(name: string, probability: number): Classification {
  return {
    name,
    probability,
    margin: probability,
    runnersUp: [],
    strangeness: name === OUT_OF_SCOPE ? 1 : 0,
    classifier: 'invoice-titles/1',
    calibrator: 'none',
  };
}

/** What rules find in the document. Null for what is neither an invoice nor a credit note. */
export function extractInvoice(material: DraftMaterial<InvoiceInput>): EmbeddedDraft<InvoiceOutput> | null {
  if (material.repair) return null; // The same rules would find the same.
  if (material.class.name !== 'invoice' && material.class.name !== 'credit_note') return null;
  const document = documentOf(material.input.text);
  const date = readDate(document);
  const output: InvoiceOutput = {
    supplier: readSupplier(document),
    number: readNumber(document),
    date: date?.date ?? null,
    currency: readCurrency(document),
    ...readTotals(document),
    lines: [...readLines(document)],
  };
  // More lines or longer numbers than an invoice has: a part of them would be worse than none.
  if (!InvoiceOutput.safeParse(output).success) return null;
  return { output, score: scoreOf(output, date?.isAmbiguous ?? false) };
}

/** Starts from what a document with every field and sums that agree deserves, and takes off what is wrong. */
function scoreOf(output: InvoiceOutput, isDateAmbiguous: boolean): number {
  const missing = missingFields(output).length;
  const cost =
    missing * MISSING_FIELD_COST +
    (totalsAddUp(output) ? 0 : WRONG_TOTALS_COST) +
    (linesAddUp(output).isRight ? 0 : WRONG_LINES_COST) +
    (isDateAmbiguous ? AMBIGUOUS_DATE_COST : 0);
  return Math.max(LEAST_SCORE, Math.round((FULL_SCORE - cost) * 100) / 100);
}

/** Names of the fields that the document should have and of which nothing was found. */
export function missingFields(output: InvoiceOutput): string[] {
  const { lines, ...fields } = output;
  const missing = Object.entries(fields).flatMap(([name, value]) => (value === null ? [name] : []));
  return lines.length === 0 ? [...missing, 'lines'] : missing;
}
