/** Exact arithmetic on decimal strings, as whole millionths. */
const SCALE = 6;
const ONE = 10n ** BigInt(SCALE);
/** A cent: what rounding one line may cost. */
const CENT = ONE / 100n;

/** Millionths of a decimal string with at most six decimals. */
export function millionths(decimal: string): bigint {
  const [whole = '0', fraction = ''] = decimal.replace('-', '').split('.');
  const value = BigInt(whole) * ONE + BigInt(fraction.slice(0, SCALE).padEnd(SCALE, '0'));
  return decimal.startsWith('-') ? -value : value;
}

export function sum(decimals: readonly string[]): bigint {
  return decimals.reduce((total, decimal) => total + millionths(decimal), 0n);
}

/** A decimal string with two decimals. */
export function toCents(value: bigint): string {
  const magnitude = value < 0n ? -value : value;
  const cents = ((magnitude + CENT / 2n) / CENT).toString().padStart(3, '0');
  return `${value < 0n ? '-' : ''}${cents.slice(0, -2)}.${cents.slice(-2)}`;
}

/** Whether quantity × unit price is the amount, give or take a cent of rounding. */
export function isProduct({
  quantity,
  unitPrice,
  amount,
}: {
  quantity: string;
  unitPrice: string;
  amount: string;
}): boolean {
  const difference = (millionths(quantity) * millionths(unitPrice)) / ONE - millionths(amount);
  return difference <= CENT && difference >= -CENT;
}
