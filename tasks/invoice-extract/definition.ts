import { type GrantDefinition, type TaskDefinition, defineTask } from '../define';
import { invoiceChecks } from './checks';
import { INVOICE_CLASSES, classifyDocument, extractInvoice } from './extract';
import { invoicePrompt } from './prompt';
import { InvoiceInput, InvoiceOutput } from './schemas';

const HOUR = 3_600;

export interface InvoiceExtractOptions {
  /** Classes that their owner lets run alone. Default: none. */
  readonly grants?: readonly GrantDefinition[];
  /** Against which the date of an invoice is plausible. Default: the system's clock. */
  readonly now?: () => Date;
}

/**
 * Reads the text of an invoice. Rules come first: where they find every field and the sums agree they are right and cost nothing; a
 * configured remote model gets what they can't read.
 */
export function invoiceExtract({ grants = [], now = () => new Date() }: InvoiceExtractOptions = {}): TaskDefinition<
  InvoiceInput,
  InvoiceOutput
> {
  return defineTask<InvoiceInput, InvoiceOutput>({
    name: 'invoice-extract',
    version: 1,
    title: 'Invoice extraction',
    description:
      'Reads supplier, number, date, currency, amounts and lines from the text of an invoice; the sums must add up.',
    input: InvoiceInput,
    output: InvoiceOutput,
    maxInputBytes: 1_048_576,
    languages: ['en', 'de'],
    textOf: (input) => input.text,
    classes: { kind: 'rules', names: INVOICE_CLASSES, classify: classifyDocument },
    draft: {
      routes: [{ provider: 'embedded' }, { provider: 'openai' }],
      embedded: extractInvoice,
      prompt: invoicePrompt,
    },
    checks: invoiceChecks(now),
    autonomy: { grants, never: ['reminder'] },
    review: { queue: 'accounts', remindAfterSeconds: [4 * HOUR, 24 * HOUR], leaseSeconds: 600, maxRounds: 3 },
    requirements: { accuracy: 0.97, p95Seconds: 5, maxCostUsd: 0.05 },
    budget: { perTaskUsd: 0.5, perDayUsd: 50 },
  });
}
