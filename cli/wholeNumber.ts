import { InvalidArgumentError } from 'commander';

/** The value of an option that counts something; commander tells the option along with the rule. */
export function wholeNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('It must be a whole number.');
  return Number(text);
}
