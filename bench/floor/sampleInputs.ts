/** Inputs that the embedded model drafts an answer for; each task gets one of its own. */
export const SAMPLE_INPUTS: Readonly<Record<string, (index: number) => unknown>> = {
  'invoice-extract': (index) => ({
    text: [
      'Harbour Paper Ltd',
      `Invoice number: HP-${20_000 + index}`,
      'Invoice date: 2026-03-14',
      '',
      'Description  Qty  Unit price  Amount',
      'Copy paper A4, box  4  20.00  80.00',
      'Envelopes C5, pack  2  10.00  20.00',
      '',
      'Net  EUR 100.00',
      'VAT 20 %  EUR 20.00',
      'Total  EUR 120.00',
    ].join('\n'),
  }),
  'bank-support': (index) => ({
    message: `I lost my card somewhere in town, what now? (${index})`,
    customerId: 'cus_1001',
  }),
};
