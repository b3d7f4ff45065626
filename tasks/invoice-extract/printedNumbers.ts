export type DecimalMark = '.' | ',';

/** A number as it is printed: where, and what it says. */
export interface PrintedNumber {
  readonly value: string;
  readonly start: number;
  readonly end: number;
  /** Has decimals, or a currency beside it: can be an amount of money. */
  readonly isMoney: boolean;
}

const SPACE = '\\u0020\\u00a0\\u202f';
// Groups of three behind a separator, or plain digits; then decimals. The sign may stand before or, in accounts, behind.
const NUMBER = new RegExp(
  `(?<![\\w.,/-])(?<minus>[-−–]\\s?)?(?:(?:[€£$¥]|\\b(?:EUR|GBP|USD|CHF))[${SPACE}]?)?(?<inner>[-−])?` +
    `(?<digits>\\d{1,3}(?:(?:[.'’${SPACE}]\\d{3})+(?:,\\d{1,4})?|(?:[,'’${SPACE}]\\d{3})+(?:\\.\\d{1,4})?)(?!\\d)|\\d+(?:[.,]\\d{1,4})?)` +
    `(?<after>-(?![\\w]))?(?![\\w/]|[.,-]\\d)(?<percent>\\s?%)?`,
  'g',
);
const CURRENCY_BEHIND = /^\s?(?:[€£$¥]|EUR\b|GBP\b|USD\b|CHF\b)/;

/** The decimal mark that most numbers of a document are unmistakably written with. A point where none is. */
export function decimalMarkOf(text: string): DecimalMark {
  const commas = text.match(/\d,\d{2}(?![\d.,]{0,20}\d)/g)?.length ?? 0;
  const points = text.match(/\d\.\d{2}(?![\d.,]{0,20}\d)/g)?.length ?? 0;
  return commas > points ? ',' : '.';
}

/** The numbers of one line in order, without percentages. */
export function printedNumbers(line: string, mark: DecimalMark): readonly PrintedNumber[] {
  const numbers: PrintedNumber[] = [];
  for (const match of line.matchAll(NUMBER)) {
    const { digits = '', minus, inner, after, percent } = match.groups ?? {};
    if (percent !== undefined) continue;
    const value = decimalOf(digits, mark);
    const isNegative = (minus ?? inner ?? after) !== undefined && Number(value) !== 0;
    const end = match.index + match[0].length;
    const hasCurrency = /[€£$¥A-Z]/.test(match[0]) || CURRENCY_BEHIND.test(line.slice(end));
    numbers.push({
      value: isNegative ? `-${value}` : value,
      start: match.index,
      end,
      isMoney: value.includes('.') || hasCurrency,
    });
  }
  return numbers;
}

/** `1.234,50`, `1,234.50`, `1'234.50` and `1 234,50` are all `1234.50`. */
export function decimalOf(digits: string, mark: DecimalMark): string {
  const compact = digits.replace(/['’\s\u00a0\u202f]/g, '');
  const decimals = decimalPosition(compact, mark);
  const whole = compact
    .slice(0, decimals ?? undefined)
    .replace(/[.,]/g, '')
    .replace(/^0+(?=\d)/, '');
  return decimals === null ? whole : `${whole}.${compact.slice(decimals + 1)}`;
}

function decimalPosition(digits: string, mark: DecimalMark): number | null {
  const last = Math.max(digits.lastIndexOf('.'), digits.lastIndexOf(','));
  if (last < 0) return null;
  const separator = digits[last];
  const isOnlyOne = digits.indexOf(separator ?? '') === last;
  const hasBoth = digits.includes('.') && digits.includes(',');
  if (hasBoth) return isOnlyOne ? last : null;
  if (!isOnlyOne) return null;
  // `1.234` and `1,234` are told apart by what the rest of the document does.
  return digits.length - last - 1 === 3 && separator !== mark ? null : last;
}
