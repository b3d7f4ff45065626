import { z } from 'zod';

/**
 * Amounts are decimal strings with a point and no separators of thousands, such as `1234.50` or `-80.00`: exact where JSON's
 * floats are not, with the decimals as printed, and readable for the person who corrects them.
 */
export const Decimal = z.string().regex(/^-?\d{1,12}(\.\d{1,4})?$/, 'must be a decimal like 1234.50');

export const InvoiceInput = z.object({
  text: z.string().min(1).max(200_000).describe('The text of the document, with its line breaks'),
});
export type InvoiceInput = z.infer<typeof InvoiceInput>;

export const InvoiceLine = z.object({
  description: z.string().min(1).max(500),
  quantity: Decimal.nullable(),
  unitPrice: Decimal.nullable(),
  amount: Decimal,
});
export type InvoiceLine = z.infer<typeof InvoiceLine>;

/** A field is null where the document doesn't have it. */
export const InvoiceOutput = z.object({
  supplier: z.string().min(1).max(200).nullable(),
  number: z.string().min(1).max(64).nullable(),
  date: z.iso.date().nullable().describe('Of the invoice, ISO 8601'),
  currency: z
    .string()
    .regex(/^[A-Z]{3}$/, 'must be an ISO 4217 code')
    .nullable(),
  net: Decimal.nullable(),
  tax: Decimal.nullable(),
  total: Decimal.nullable(),
  lines: z.array(InvoiceLine).max(500),
});
export type InvoiceOutput = z.infer<typeof InvoiceOutput>;
