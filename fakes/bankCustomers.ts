import type { Account, Card, CoreBankFacts, CustomerProfile, Transaction } from '../tasks/bank-support/contracts';

/** An invented customer, as both systems know them. */
export interface FakeCustomer {
  readonly profile: CustomerProfile;
  readonly bank: CoreBankFacts;
}

/** The day the data are about: they never change, so that a demonstration can be told in advance. */
const TODAY = '2026-05-20';
const SINCE = '2019-03-01';

function profile(id: string, firstName: string, lastName: string): CustomerProfile {
  const email = `${firstName}.${lastName}@example.com`.toLowerCase();
  return { id, firstName, lastName, email, city: 'Bristol', customerSince: SINCE };
}

function current(lastFour: string, balanceMinor: number, more: Partial<Account> = {}): Account {
  return {
    id: `acc_${lastFour}`,
    kind: 'current',
    name: 'Everyday Account',
    lastFour,
    currency: 'GBP',
    balanceMinor,
    availableMinor: balanceMinor,
    overdraftLimitMinor: 0,
    interestPercent: null,
    ...more,
  };
}

function savings(lastFour: string, balanceMinor: number, interestPercent: string): Account {
  return { ...current(lastFour, balanceMinor), kind: 'savings', name: 'Instant Saver', interestPercent };
}

function card(lastFour: string, more: Partial<Card> = {}): Card {
  return {
    id: `card_${lastFour}`,
    kind: 'debit',
    lastFour,
    status: 'active',
    currency: 'GBP',
    contactlessLimitMinor: 10_000,
    dailyPurchaseLimitMinor: 250_000,
    dailyCashLimitMinor: 50_000,
    sentOn: null,
    expectedBy: null,
    ...more,
  };
}

type Booking = Pick<Transaction, 'kind' | 'amountMinor' | 'counterparty'> & Partial<Transaction>;

function booking(id: string, entry: Booking): Transaction {
  return { id: `trx_${id}`, status: 'booked', on: TODAY, currency: 'GBP', expectedBy: null, failure: null, ...entry };
}

const GYM = { kind: 'direct_debit', amountMinor: -2_999, counterparty: 'Ironworks Gym', on: '2026-05-01' } as const;
const BROADBAND = {
  kind: 'direct_debit',
  amountMinor: -3_400,
  counterparty: 'Brightwave Broadband',
  on: '2026-05-04',
} as const;
const GROCERIES = { kind: 'card', amountMinor: -4_275, counterparty: 'Green Basket', on: '2026-05-18' } as const;

/** Twelve customers, each with something that customers write about. */
export const FAKE_CUSTOMERS: readonly FakeCustomer[] = [
  {
    profile: profile('cus_1001', 'Mara', 'Okafor'),
    bank: {
      accounts: [current('4410', 124_550, { availableMinor: 118_025 }), savings('9031', 850_000, '3.10')],
      cards: [card('4821')],
      transactions: [booking('1001a', GROCERIES), booking('1001b', GYM), booking('1001c', BROADBAND)],
    },
  },
  {
    profile: profile('cus_1002', 'Tom', 'Bellamy'),
    bank: {
      accounts: [current('2207', 61_380, { overdraftLimitMinor: 50_000 })],
      cards: [card('7754')],
      transactions: [
        booking('1002a', {
          kind: 'transfer',
          status: 'pending',
          amountMinor: -30_000,
          counterparty: 'Hollis Building Works',
          on: '2026-05-19',
          expectedBy: '2026-05-21',
        }),
        booking('1002b', GROCERIES),
      ],
    },
  },
  {
    profile: profile('cus_1003', 'Aisha', 'Rahman'),
    bank: {
      accounts: [current('5518', 3_912)],
      cards: [card('1190'), card('6632', { kind: 'credit', dailyPurchaseLimitMinor: 150_000 })],
      transactions: [
        booking('1003a', {
          kind: 'transfer',
          status: 'failed',
          amountMinor: -82_000,
          counterparty: 'Quayside Lettings',
          failure: 'insufficient_funds',
        }),
      ],
    },
  },
  {
    profile: profile('cus_1004', 'Piotr', 'Zielinski'),
    bank: {
      accounts: [current('8093', 242_100)],
      cards: [
        card('3347', { status: 'cancelled' }),
        card('5016', { status: 'sent', sentOn: '2026-05-15', expectedBy: '2026-05-22' }),
      ],
      transactions: [booking('1004a', BROADBAND)],
    },
  },
  {
    profile: profile('cus_1005', 'Grace', 'Linden'),
    bank: {
      accounts: [current('1276', 98_745)],
      cards: [card('9905', { contactlessLimitMinor: 5_000 })],
      transactions: [
        booking('1005a', { kind: 'refund', amountMinor: 8_900, counterparty: 'Northern Sky Travel', on: '2026-05-17' }),
        booking('1005b', { kind: 'card', amountMinor: -8_900, counterparty: 'Northern Sky Travel', on: '2026-04-28' }),
      ],
    },
  },
  {
    profile: profile('cus_1006', 'Daniel', 'Frost'),
    bank: {
      accounts: [current('3380', -21_460, { availableMinor: -21_460, overdraftLimitMinor: 100_000 })],
      cards: [card('2078')],
      transactions: [],
    },
  },
  {
    profile: profile('cus_1007', 'Yuki', 'Tanaka'),
    bank: {
      accounts: [current('6645', 450_000), current('6652', 12_000, { name: 'Household Account' })],
      cards: [card('8123')],
      transactions: [
        booking('1007a', {
          kind: 'transfer',
          status: 'pending',
          amountMinor: -12_500,
          counterparty: 'K. Mori',
          expectedBy: '2026-05-22',
        }),
        booking('1007b', {
          kind: 'transfer',
          status: 'pending',
          amountMinor: -4_000,
          counterparty: 'Riverside Nursery',
          expectedBy: '2026-05-21',
        }),
      ],
    },
  },
  {
    profile: profile('cus_1008', 'Helen', 'Marsh'),
    bank: {
      accounts: [current('7719', 1_830_205), savings('7726', 4_200_000, '3.45')],
      cards: [card('4460', { kind: 'credit' })],
      transactions: [
        booking('1008a', { kind: 'card', amountMinor: -1_299, counterparty: 'ZX Media', on: '2026-05-12' }),
      ],
    },
  },
  {
    profile: profile('cus_1009', 'Omar', 'Said'),
    bank: {
      accounts: [current('9954', 40_010)],
      cards: [card('6071', { status: 'frozen' })],
      transactions: [
        booking('1009a', {
          kind: 'transfer',
          status: 'failed',
          amountMinor: -25_000,
          counterparty: 'L. Said',
          on: '2026-05-16',
          failure: 'wrong_details',
        }),
        booking('1009b', GYM),
      ],
    },
  },
  {
    profile: profile('cus_1010', 'Ines', 'Duarte'),
    bank: {
      accounts: [current('2863', 77_701)],
      cards: [card('3598')],
      transactions: [
        booking('1010a', {
          kind: 'refund',
          status: 'pending',
          amountMinor: 4_550,
          counterparty: 'Loft & Loom',
          on: '2026-05-19',
        }),
      ],
    },
  },
  {
    profile: profile('cus_1011', 'Robert', 'Hale'),
    bank: {
      accounts: [current('5091', 260)],
      cards: [],
      transactions: [
        booking('1011a', {
          kind: 'cash',
          amountMinor: -8_000,
          counterparty: 'Cash machine, Queen Square',
          on: '2026-05-13',
        }),
      ],
    },
  },
  {
    profile: profile('cus_1012', 'Leonie', 'Brandt'),
    bank: {
      accounts: [current('8817', 315_999)],
      cards: [card('7240', { dailyPurchaseLimitMinor: 500_000 })],
      transactions: [
        booking('1012a', { kind: 'top_up', amountMinor: 5_000, counterparty: 'Debit card ending in 0412' }),
      ],
    },
  },
];
