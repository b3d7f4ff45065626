import type { JsonValue } from '../../contracts/digest';
import {
  type Account,
  type Card,
  type CoreBankFacts,
  CoreBankFacts as CoreBankContract,
  CustomerProfile,
  type Transaction,
} from './contracts';

/** Everything an approved text may have a slot for. */
export const FACT_NAMES = [
  'customer.firstName',
  'account.name',
  'account.lastFour',
  'account.balance',
  'account.available',
  'account.overdraftLimit',
  'savings.name',
  'savings.lastFour',
  'savings.rate',
  'cards.list',
  'card.lastFour',
  'card.contactlessLimit',
  'card.dailyLimit',
  'card.cashLimit',
  'newCard.lastFour',
  'newCard.sentOn',
  'newCard.expectedBy',
  'pendingTransfer.amount',
  'pendingTransfer.payee',
  'pendingTransfer.on',
  'pendingTransfer.expectedBy',
  'failedTransfer.amount',
  'failedTransfer.payee',
  'failedTransfer.on',
  'failedTransfer.reason',
  'failedTransfer.cure',
  'directDebits.list',
  'refund.amount',
  'refund.merchant',
  'refund.on',
  'refund.state',
  'transactions.period',
] as const;
export type FactName = (typeof FACT_NAMES)[number];
/** Facts as they are written in a reply. What isn't there isn't known, or isn't unambiguous. */
export type Facts = Readonly<Partial<Record<FactName, string>>>;

const FAILURES: Readonly<Record<NonNullable<Transaction['failure']>, { reason: string; cure: string }>> = {
  insufficient_funds: {
    reason: 'the available balance was too low',
    cure: 'Please pay money in first, or send a smaller amount.',
  },
  wrong_details: {
    reason: 'the account details of the payee were not right',
    cure: 'Please ask the payee for the right details first.',
  },
  rejected_by_receiver: {
    reason: 'the other bank did not accept it',
    cure: 'Please ask the payee first whether the account still exists.',
  },
  limit_exceeded: {
    reason: 'it was above your daily limit for transfers',
    cure: 'Please raise the limit in the app under Payments, "Limits" first.',
  },
};

/** The facts of a customer, of what could be gathered. `message` chooses among cards, where it names one by its last four digits. */
export function factsOf(context: Readonly<Record<string, JsonValue>>, message: string): Facts {
  const bank = CoreBankContract.safeParse(context['core-bank']);
  const profile = CustomerProfile.safeParse(context['crm']);
  return {
    ...(profile.success && { 'customer.firstName': profile.data.firstName }),
    ...(bank.success && bankFacts(bank.data, message)),
  };
}

function bankFacts(bank: CoreBankFacts, message: string): Facts {
  return {
    ...accountFacts(only(bank.accounts, (account) => account.kind === 'current')),
    ...savingsFacts(only(bank.accounts, (account) => account.kind === 'savings')),
    ...cardFacts(bank.cards, message),
    ...newCardFacts(only(bank.cards, (card) => card.status === 'sent')),
    ...pendingFacts(only(bank.transactions, isTransfer('pending'))),
    ...failedFacts(bank.transactions.find(isTransfer('failed'))),
    ...directDebitFacts(bank.transactions),
    ...refundFacts(bank.transactions.find((transaction) => transaction.kind === 'refund')),
    'transactions.period': 'last 30 days',
  };
}

/** The one item that fits; nothing where several do, since it is not known which one is meant. */
function only<T>(items: readonly T[], fits: (item: T) => boolean): T | undefined {
  const [first, second] = items.filter(fits);
  return second === undefined ? first : undefined;
}

function isTransfer(status: Transaction['status']): (transaction: Transaction) => boolean {
  return (transaction) => transaction.kind === 'transfer' && transaction.status === status;
}

function accountFacts(account: Account | undefined): Facts {
  if (!account) return {};
  const { name, lastFour, currency } = account;
  return {
    'account.name': name,
    'account.lastFour': lastFour,
    'account.balance': money(account.balanceMinor, currency),
    'account.available': money(account.availableMinor, currency),
    ...(account.overdraftLimitMinor > 0 && { 'account.overdraftLimit': money(account.overdraftLimitMinor, currency) }),
  };
}

function savingsFacts(account: Account | undefined): Facts {
  if (!account?.interestPercent) return {};
  return {
    'savings.name': account.name,
    'savings.lastFour': account.lastFour,
    'savings.rate': account.interestPercent,
  };
}

function cardFacts(cards: readonly Card[], message: string): Facts {
  const active = cards.filter((card) => card.status === 'active' || card.status === 'frozen');
  if (active.length === 0) return {};
  const meant = only(active, (card) => message.includes(card.lastFour)) ?? only(active, () => true);
  const endings = active.map((card) => card.lastFour);
  return {
    'cards.list': meant ? `your card ending in ${meant.lastFour}` : `the card (yours end in ${listed(endings)})`,
    ...(meant && {
      'card.lastFour': meant.lastFour,
      'card.contactlessLimit': money(meant.contactlessLimitMinor, meant.currency),
      'card.dailyLimit': money(meant.dailyPurchaseLimitMinor, meant.currency),
      'card.cashLimit': money(meant.dailyCashLimitMinor, meant.currency),
    }),
  };
}

function newCardFacts(card: Card | undefined): Facts {
  if (!card?.sentOn || !card.expectedBy) return {};
  return {
    'newCard.lastFour': card.lastFour,
    'newCard.sentOn': day(card.sentOn),
    'newCard.expectedBy': day(card.expectedBy),
  };
}

function pendingFacts(transfer: Transaction | undefined): Facts {
  if (!transfer?.expectedBy) return {};
  return {
    'pendingTransfer.amount': money(Math.abs(transfer.amountMinor), transfer.currency),
    'pendingTransfer.payee': transfer.counterparty,
    'pendingTransfer.on': day(transfer.on),
    'pendingTransfer.expectedBy': day(transfer.expectedBy),
  };
}

function failedFacts(transfer: Transaction | undefined): Facts {
  if (!transfer?.failure) return {};
  const { reason, cure } = FAILURES[transfer.failure];
  return {
    'failedTransfer.amount': money(Math.abs(transfer.amountMinor), transfer.currency),
    'failedTransfer.payee': transfer.counterparty,
    'failedTransfer.on': day(transfer.on),
    'failedTransfer.reason': reason,
    'failedTransfer.cure': cure,
  };
}

function directDebitFacts(transactions: readonly Transaction[]): Facts {
  const names = transactions
    .filter((transaction) => transaction.kind === 'direct_debit')
    .map(({ counterparty }) => counterparty);
  const companies = [...new Set(names)].sort();
  return companies.length === 0 ? {} : { 'directDebits.list': listed(companies) };
}

function refundFacts(refund: Transaction | undefined): Facts {
  if (!refund) return {};
  return {
    'refund.amount': money(Math.abs(refund.amountMinor), refund.currency),
    'refund.merchant': refund.counterparty,
    'refund.on': day(refund.on),
    'refund.state': refund.status === 'booked' ? 'on your account' : 'still being processed',
  };
}

function listed(names: readonly string[]): string {
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}

/** `1,234.56 GBP`. All currencies of the bank have two decimals. */
function money(minor: number, currency: string): string {
  return `${(minor / 100).toLocaleString('en-GB', { minimumFractionDigits: 2, maximumFractionDigits: 2 })} ${currency}`;
}

/** `3 May 2026` */
function day(isoDate: string): string {
  return new Date(`${isoDate}T00:00:00Z`).toLocaleDateString('en-GB', {
    day: 'numeric',
    month: 'long',
    year: 'numeric',
    timeZone: 'UTC',
  });
}
