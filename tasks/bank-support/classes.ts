/** What customers of a retail bank write about. The examples of each are in examples.jsonl, the approved texts in knowledge.ts. */
export const BANK_CLASSES = [
  'card_lost',
  'card_stolen',
  'card_arrival',
  'pin_blocked',
  'transfer_pending',
  'transfer_failed',
  'wrong_amount',
  'unknown_charge',
  'direct_debit_cancel',
  'balance',
  'statement',
  'fees',
  'exchange_rate',
  'top_up',
  'loan',
  'mortgage',
  'address_change',
  'name_change',
  'close_account',
  'open_account',
  'overdraft',
  'savings_rate',
  'contactless_limit',
  'card_limit',
  'travel_notice',
  'cash_abroad',
  'refund_status',
  'complaint',
  'fraud_report',
  'login_problem',
] as const;
export type BankClass = (typeof BANK_CLASSES)[number];

/** A wrong answer to these does lasting harm: they never run alone, whatever is granted. */
export const NEVER_ALONE = [
  'card_stolen',
  'unknown_charge',
  'fraud_report',
  'complaint',
  'close_account',
] as const satisfies readonly BankClass[];

export function isBankClass(name: string): name is BankClass {
  return (BANK_CLASSES as readonly string[]).includes(name);
}
