import type { InvoiceOutput } from '../../tasks/invoice-extract/schemas';

/** Documents written for these tests: layouts, languages and number formats that occur, and ways in which they are broken. */
export interface InvoiceDocument {
  readonly title: string;
  readonly text: string;
  readonly class: string;
  /** Null: there is no draft. */
  readonly expected: InvoiceOutput | null;
  /** Names of the checks that fail for it. */
  readonly failing: readonly string[];
}

const line = (
  description: string,
  quantity: string | null,
  unitPrice: string | null,
  amount: string,
): InvoiceOutput['lines'][number] => ({
  description,
  quantity,
  unitPrice,
  amount,
});

export const INVOICE_DOCUMENTS: readonly InvoiceDocument[] = [
  {
    title: 'an English invoice in columns of spaces',
    class: 'invoice',
    failing: [],
    text: `Northgate Paper Ltd
14 Quay Street, Bristol BS1 4XX
VAT Reg No: GB 123 4567 89

INVOICE

Invoice No: NP-2026-0417
Invoice date: 3 May 2026
Due date: 2 June 2026

Bill to:
Larkfield Bank plc

Description                 Qty    Unit price    Amount
Copy paper A4, box           12         21.50    258.00
Envelopes C5, 500             4         18.75     75.00
Delivery                      1         12.00     12.00

Subtotal                                         345.00
VAT 20%                                           69.00
Total due                                       £414.00`,
    expected: {
      supplier: 'Northgate Paper Ltd',
      number: 'NP-2026-0417',
      date: '2026-05-03',
      currency: 'GBP',
      net: '345.00',
      tax: '69.00',
      total: '414.00',
      lines: [
        line('Copy paper A4, box', '12', '21.50', '258.00'),
        line('Envelopes C5, 500', '4', '18.75', '75.00'),
        line('Delivery', '1', '12.00', '12.00'),
      ],
    },
  },
  {
    title: 'a German invoice with points for thousands',
    class: 'invoice',
    failing: [],
    text: `Brunner Elektrotechnik GmbH · Lindenweg 8 · 70190 Stuttgart

Larkfield Bank
Hafenstraße 2
20457 Hamburg

Rechnung

Rechnungsnummer: RE-20260311
Rechnungsdatum: 11.03.2026
Lieferdatum: 09.03.2026

Pos  Bezeichnung                     Menge   Einzelpreis      Betrag
1    Montage Schaltschrank            8 Std.      85,00 €     680,00 €
2    Schaltschrank 800x600            2 Stk.   1.249,50 €   2.499,00 €
3    Kabel NYM-J 5x2,5              150 m         1,89 €     283,50 €

Nettobetrag                                                3.462,50 €
zzgl. 19% MwSt.                                              657,88 €
Gesamtbetrag                                               4.120,38 €

USt-IdNr.: DE123456789`,
    expected: {
      supplier: 'Brunner Elektrotechnik GmbH',
      number: 'RE-20260311',
      date: '2026-03-11',
      currency: 'EUR',
      net: '3462.50',
      tax: '657.88',
      total: '4120.38',
      lines: [
        line('Montage Schaltschrank', '8', '85.00', '680.00'),
        line('Schaltschrank 800x600', '2', '1249.50', '2499.00'),
        line('Kabel NYM-J 5x2,5', '150', '1.89', '283.50'),
      ],
    },
  },
  {
    title: 'an American invoice with the month first',
    class: 'invoice',
    failing: [],
    text: `INVOICE                                   Invoice #: 10482
                                          Date: 04/17/2026
From: Cedar Ridge Software Inc.
To: Larkfield Bank

Item | Hours | Rate | Amount
Code review | 14 | $150.00 | $2,100.00
Architecture workshop | 2 | $1,200.00 | $2,400.00

Subtotal: $4,500.00
Sales tax (8.25%): $371.25
TOTAL: $4,871.25`,
    expected: {
      supplier: 'Cedar Ridge Software Inc.',
      number: '10482',
      date: '2026-04-17',
      currency: 'USD',
      net: '4500.00',
      tax: '371.25',
      total: '4871.25',
      lines: [line('Code review', '14', '150.00', '2100.00'), line('Architecture workshop', '2', '1200.00', '2400.00')],
    },
  },
  {
    title: 'a small business that charges no tax by law',
    class: 'invoice',
    failing: [],
    text: `Fotostudio Anke Reimers
Deichgasse 5, 25813 Husum

Rechnung Nr. 2026/17
Husum, den 4. Februar 2026

Leistung                         Anzahl    Preis      Gesamt
Porträtaufnahmen Team                1    480,00      480,00
Bildbearbeitung je Foto             15     12,00      180,00

Gesamtbetrag                                      660,00 EUR

Gemäß § 19 UStG wird keine Umsatzsteuer berechnet.`,
    expected: {
      supplier: 'Fotostudio Anke Reimers',
      number: '2026/17',
      date: '2026-02-04',
      currency: 'EUR',
      net: '660.00',
      tax: '0.00',
      total: '660.00',
      lines: [
        line('Porträtaufnahmen Team', '1', '480.00', '480.00'),
        line('Bildbearbeitung je Foto', '15', '12.00', '180.00'),
      ],
    },
  },
  {
    title: 'a Swiss invoice with apostrophes and labels as heads of columns',
    class: 'invoice',
    failing: [],
    text: `Alpwerk Maschinen AG
Industriestrasse 40
8304 Wallisellen

Rechnung

Rechnungsnummer    Rechnungsdatum    Kundennummer
77120-3            28.01.2026        K4410

Artikel                    Menge    Preis CHF     Betrag CHF
Fräskopf FK 40                 3     1'150.00       3'450.00
Wartung vor Ort                1       890.00         890.00

Summe netto                                       4'340.00
MwSt. 8.1%                                          351.54
Rechnungsbetrag CHF                               4'691.54`,
    expected: {
      supplier: 'Alpwerk Maschinen AG',
      number: '77120-3',
      date: '2026-01-28',
      currency: 'CHF',
      net: '4340.00',
      tax: '351.54',
      total: '4691.54',
      lines: [line('Fräskopf FK 40', '3', '1150.00', '3450.00'), line('Wartung vor Ort', '1', '890.00', '890.00')],
    },
  },
  {
    title: 'two rates of tax, which are added up',
    class: 'invoice',
    failing: [],
    text: `Hofladen Petersen e.K.
Rechnung-Nr.: HP 0991
Datum: 15.04.26

Bezeichnung            Menge   Einzelpreis   Gesamtpreis
Apfelsaft 1 l             24          2,10         50,40
Geschenkkorb groß          6         35,00        210,00

Zwischensumme                                     260,40
USt 7%                                              3,53
USt 19%                                            39,90
Endbetrag EUR                                     303,83`,
    expected: {
      supplier: 'Hofladen Petersen e.K.',
      number: 'HP 0991',
      date: '2026-04-15',
      currency: 'EUR',
      net: '260.40',
      tax: '43.43',
      total: '303.83',
      lines: [line('Apfelsaft 1 l', '24', '2.10', '50.40'), line('Geschenkkorb groß', '6', '35.00', '210.00')],
    },
  },
  {
    title: 'lines written as quantity times price',
    class: 'invoice',
    failing: [],
    text: `Tax Invoice

Supplier: Harrow & Finch Catering
Invoice number HF/2231
Issued on 2026-02-19

3 x Lunch buffet @ 140.00 = 420.00
2 x Coffee break @ 65.50 = 131.00

Net total: GBP 551.00
VAT amount: GBP 110.20
Amount due: GBP 661.20`,
    expected: {
      supplier: 'Harrow & Finch Catering',
      number: 'HF/2231',
      date: '2026-02-19',
      currency: 'GBP',
      net: '551.00',
      tax: '110.20',
      total: '661.20',
      lines: [line('Lunch buffet', '3', '140.00', '420.00'), line('Coffee break', '2', '65.50', '131.00')],
    },
  },
  {
    title: 'a German credit note with negative amounts',
    class: 'credit_note',
    failing: [],
    text: `Brunner Elektrotechnik GmbH
Lindenweg 8, 70190 Stuttgart

Gutschrift

Gutschriftsnummer: GS-0042
Belegdatum: 20.03.2026
zu Rechnung RE-20260311

Artikel               Menge   Einzelpreis      Betrag
Schaltschrank 800x600    -1      1.249,50   -1.249,50

Summe netto                                 -1.249,50 €
19% USt                                       -237,41 €
Gutschriftsbetrag                           -1.486,91 €`,
    expected: {
      supplier: 'Brunner Elektrotechnik GmbH',
      number: 'GS-0042',
      date: '2026-03-20',
      currency: 'EUR',
      net: '-1249.50',
      tax: '-237.41',
      total: '-1486.91',
      lines: [line('Schaltschrank 800x600', '-1', '1249.50', '-1249.50')],
    },
  },
  {
    title: 'totals that do not add up',
    class: 'invoice',
    failing: ['totals_add_up'],
    text: `Kestrel Couriers Ltd
Invoice no. KC-5509
Invoice date 12/04/2026

Description           Qty   Price   Amount
Same-day courier        6   22.00   132.00

Net                                 132.00
VAT 20%                              26.40
Total due                          £185.40`,
    expected: {
      supplier: 'Kestrel Couriers Ltd',
      number: 'KC-5509',
      date: '2026-04-12',
      currency: 'GBP',
      net: '132.00',
      tax: '26.40',
      total: '185.40',
      lines: [line('Same-day courier', '6', '22.00', '132.00')],
    },
  },
  {
    title: 'a line whose product is wrong',
    class: 'invoice',
    failing: ['lines_add_up'],
    text: `Malerbetrieb Scholz GmbH
Rechnungs-Nr. 26-118
Rechnungsdatum: 30.04.2026

Leistung               Menge   Einzelpreis    Betrag
Wände streichen qm        80          9,50    760,00
Türen lackieren            5         60,00    360,00

Netto                                       1.060,00 €
MwSt 19%                                      201,40 €
Gesamtbetrag                                1.261,40 €`,
    expected: {
      supplier: 'Malerbetrieb Scholz GmbH',
      number: '26-118',
      date: '2026-04-30',
      currency: 'EUR',
      net: '1060.00',
      tax: '201.40',
      total: '1261.40',
      lines: [line('Wände streichen qm', '80', '9.50', '760.00'), line('Türen lackieren', '5', '60.00', '360.00')],
    },
  },
  {
    title: 'a date in the far future and no number',
    class: 'invoice',
    failing: ['fields_found', 'date_plausible'],
    text: `Invoice

Osprey Window Cleaning Ltd
Date: 1 September 2039

Description        Qty   Price   Amount
Office windows       2   95.00   190.00

Subtotal  190.00
VAT 20%    38.00
Total     £228.00`,
    expected: {
      supplier: 'Osprey Window Cleaning Ltd',
      number: null,
      date: '2039-09-01',
      currency: 'GBP',
      net: '190.00',
      tax: '38.00',
      total: '228.00',
      lines: [line('Office windows', '2', '95.00', '190.00')],
    },
  },
  {
    title: 'an invoice without lines and tax',
    class: 'invoice',
    failing: ['fields_found', 'totals_add_up', 'lines_add_up'],
    text: `Rechnung

Lieferant: Praxis Dr. Vogt
Rechnungsnummer: 5512
Datum: 02.03.2026

Zu zahlen: 312,40 EUR`,
    expected: {
      supplier: 'Praxis Dr. Vogt',
      number: '5512',
      date: '2026-03-02',
      currency: 'EUR',
      net: null,
      tax: null,
      total: '312.40',
      lines: [],
    },
  },
  {
    title: 'totals below their labels, in tabs',
    class: 'invoice',
    failing: [],
    text: `Sales Invoice
Penrose Translations LLP\tPage 1
Invoice Number:\tPT-88-2026
Issue date:\t22 January 2026

Service\tQuantity\tUnit price\tAmount
Translation EN-DE, words\t2,450\t0.12\t294.00
Proofreading, hours\t3.5\t48.00\t168.00

Total excl. VAT
462.00
VAT (20%)\t92.40
Total incl. VAT\t554.40 GBP`,
    expected: {
      supplier: 'Penrose Translations LLP',
      number: 'PT-88-2026',
      date: '2026-01-22',
      currency: 'GBP',
      net: '462.00',
      tax: '92.40',
      total: '554.40',
      lines: [
        line('Translation EN-DE, words', '2450', '0.12', '294.00'),
        line('Proofreading, hours', '3.5', '48.00', '168.00'),
      ],
    },
  },
  {
    title: 'a table of descriptions and amounts only',
    class: 'invoice',
    failing: [],
    text: `Anwaltskanzlei Dr. Lorenz & Partner
Rechnung Nr. 2026-0088 vom 18.02.2026
Rechnungsdatum: 18.02.2026

Beschreibung                              Betrag
Prüfung Mietvertrag                     1.150,00
Auslagenpauschale                          20,00

Netto-Betrag                            1.170,00 EUR
Umsatzsteuer 19 %                         222,30 EUR
Rechnungsbetrag                         1.392,30 EUR`,
    expected: {
      supplier: 'Anwaltskanzlei Dr. Lorenz & Partner',
      number: '2026-0088',
      date: '2026-02-18',
      currency: 'EUR',
      net: '1170.00',
      tax: '222.30',
      total: '1392.30',
      lines: [line('Prüfung Mietvertrag', null, null, '1150.00'), line('Auslagenpauschale', null, null, '20.00')],
    },
  },
  {
    title: 'a reminder',
    class: 'reminder',
    failing: [],
    text: `Northgate Paper Ltd
Payment reminder

Invoice NP-2026-0417 of 3 May 2026 over £414.00 has not been paid. Please pay within 7 days.`,
    expected: null,
  },
  {
    title: 'a delivery slip with amounts and no title',
    class: 'unclear',
    failing: [],
    text: `Delivery slip 5531
4 boxes, declared value 120.00 EUR
Received by: ______`,
    expected: null,
  },
  {
    title: 'a letter',
    class: 'out_of_scope',
    failing: [],
    text: `Dear team,
thank you for the friendly conversation on Monday. I look forward to working with you.
Best wishes, Amira`,
    expected: null,
  },
];
