import { isProduct, millionths, sum } from './decimal';
import type { InvoiceOutput } from './schemas';

/** Net and tax are exactly the total. False where one of them is missing. */
export function totalsAddUp({ net, tax, total }: InvoiceOutput): boolean {
  return net !== null && tax !== null && total !== null && millionths(net) + millionths(tax) === millionths(total);
}

/**
 * Each line is its quantity times its price, give or take a cent, and all lines are the net amount (or the total, where prices
 * include tax). `wrong` holds the indices of lines that are not.
 */
export function linesAddUp({ lines, net, total }: InvoiceOutput): {
  readonly isRight: boolean;
  readonly wrong: readonly number[];
} {
  const wrong = lines.flatMap(({ quantity, unitPrice, amount }, index) =>
    quantity === null || unitPrice === null || isProduct({ quantity, unitPrice, amount }) ? [] : [index],
  );
  const amounts = sum(lines.map((line) => line.amount));
  const isSum = [net, total].some((value) => value !== null && millionths(value) === amounts);
  return { isRight: lines.length > 0 && wrong.length === 0 && isSum, wrong };
}
