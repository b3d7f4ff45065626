/** How invoices call their fields, English and German. The first pattern of a field that is found in a document is taken. */
export const LABELS = {
  number: [
    /\b(?:tax )?invoice\s*(?:number|num\b\.?|no\b\.?|nr\b\.?|id\b|#|№)/i,
    /\brechnungs?\s*-?\s*(?:nummer|nr\b\.?|no\b\.?)/i,
    /\b(?:credit note|credit memo)\s*(?:number|no\b\.?|#)/i,
    /\bgutschrifts?\s*-?\s*(?:nummer|nr\b\.?)/i,
    /\b(?:bill|document)\s*(?:number|no\b\.?|#)/i,
    /\bbeleg\s*-?\s*(?:nummer|nr\b\.?)/i,
    /\b(?:invoice|credit note|rechnung|gutschrift)(?=[ :]+[a-z]{0,5}[-/]?\d)/i,
  ],
  date: [
    /\b(?:invoice|issue|credit note|bill|tax point)\s*date\b/i,
    /\bdate (?:of (?:invoice|issue)|issued)\b/i,
    /\b(?:rechnungs|ausstellungs|beleg)\s*-?\s*datum\b/i,
    /\bissued(?: on)?\b/i,
    /(?<!due |delivery |order |ship |payment |service |value )\bdate\b(?!\s*due)/i,
    /(?<!liefer|bestell|fälligkeits|leistungs)\bdatum\b/i,
    /,\s*(?:den\s+)?(?=\d{1,2}\.\s?(?:\d{1,2}\.|[A-Zä]))/i,
  ],
  net: [
    /\b(?:total net|net total|net amount|net value|netto\s*-?\s*(?:betrag|summe)|(?:gesamt|summe|betrag)\s*\(?netto\)?)/i,
    /\b(?:total|amount)\s*\(?(?:excl?(?:uding|\.)?|before|without|ex)\.?\s*(?:vat|tax|gst)\)?/i,
    /\bsub\s*-?\s*total\b/i,
    /\bzwischensumme\b/i,
    /^\s*(?:net|netto)\b/i,
  ],
  tax: [
    /^(?!.*\b(?:total|net|gesamt\w*|summe|amount|netto|brutto)\b)(?!.*\b(?:reg|no|number|nr|id|ident\w*|ust-?id\w*)\b[.:\s-]).*?(?:\b(?:vat|gst|sales tax|tax)\b|\b(?:ust|mwst|umsatzsteuer|mehrwertsteuer)\b)/i,
    /\b(?:total (?:vat|tax)|(?:vat|tax) (?:amount|total)|steuerbetrag|(?:mwst|ust)\s*-?\s*betrag)\b/i,
  ],
  total: [
    /\b(?:grand total|total (?:amount )?(?:due|payable)|amount (?:due|payable)|balance due|invoice total|total to pay|total credit)\b/i,
    /\b(?:rechnungs|gesamt|end|brutto|zahl|gutschrifts)\s*-?\s*(?:betrag|summe)\b/i,
    /\b(?:zu zahlen(?:der betrag)?|zahlbetrag|gesamt\s*\(?brutto\)?|summe\s*\(?brutto\)?)/i,
    /\b(?:total|gesamt|summe)\s*\(?(?:incl?(?:uding|\.)?|inkl\.?|with|gross|brutto)\b/i,
    /^\s*(?:total|gesamt|summe)\b(?!\s*\(?(?:net|excl?|before|ex|vat|tax))/i,
  ],
} as const;

/** Titles by class. They count where they begin a short line near the top, so that "see our credit note" below does not. */
export const TITLES = {
  credit_note: /^\W*(?:credit note|credit memo|gutschrift|storno(?:rechnung)?|rechnungskorrektur)\b/i,
  reminder:
    /^\W*(?:\d\.\s*)?(?:(?:first|second|third|final|friendly) )?(?:payment reminder|reminder|overdue (?:notice|invoice)|final notice|(?:letzte )?mahnung|zahlungserinnerung)\b/i,
  invoice:
    /^\W*(?:(?:tax|sales|commercial|proforma) )?(?:invoice|rechnung|bill\b(?! to)|faktura)|\brechnung\s*-?\s*(?:nr|nummer)|\binvoice\s*(?:no|number|#)/i,
} as const;

export const SUPPLIER_LABEL =
  /^\s*(?:from|supplier|seller|vendor|issued by|lieferant|rechnungssteller|von|verkäufer)\s*:\s*(?<name>.*)$/i;
export const RECIPIENT_LABEL =
  /^\s*(?:bill(?:ed)? to|invoice to|sold to|ship to|to|customer|an|kunde|rechnungsempfänger|rechnung an|empfänger)\b\s*:?/i;
export const LEGAL_FORM =
  /\b(?:GmbH(?: & Co\. KG)?|AG|UG|KG|OHG|e\.\s?K\.?|e\.\s?V\.|GbR|Ltd\.?|Limited|LLP|LLC|PLC|plc|Inc\.?|Corp\.?|B\.V\.|S\.A\.|SARL|Pty)(?=$|[\s,|·])/;

/** Words of a table's head. Two in one line begin the lines of the invoice. */
export const TABLE_HEAD =
  /\b(?:description|item|details|service|qty|quantity|hours|unit price|price|rate|amount|pos|bezeichnung|beschreibung|leistung|artikel|menge|anzahl|einzelpreis|e-preis|preis|betrag|gesamtpreis|gesamt|total)\b/gi;

/** Tax is not charged, and the document says so. */
export const TAX_FREE =
  /§\s?19\b|kleinunternehmer|reverse charge|vat exempt|exempt from vat|not vat registered|no vat (?:is )?(?:charged|due)|steuerschuldnerschaft|ohne umsatzsteuer|zero[- ]rated/i;

/** Words between a description and its price. */
export const CONNECTIVES = /^(?:x|×|@|à|=|je|at)$/i;

export const UNITS =
  /^(?:x|×|pcs?\.?|pieces?|units?|ea\.?|each|hrs?\.?|hours?|h|days?|months?|kg|m|l|std\.?|stk\.?|stück|st\.?|tage?|psch\.?|pauschal|monate?|@|à|a|=|je|at)$/i;
