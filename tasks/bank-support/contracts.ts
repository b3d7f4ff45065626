import { z } from 'zod';

/** Opaque: `cus_` and 4 to 26 lower-case letters and digits, so that it can stand in a path. */
export const CustomerId = z
  .string()
  .regex(/^cus_[0-9a-z]{4,26}$/, 'must be cus_ and 4 to 26 lower-case letters and digits');

const Currency = z.string().regex(/^[A-Z]{3}$/, 'must be an ISO 4217 code');
/** Whole minor units (pence, cents) of the account's currency. */
const Minor = z.int();
const LastFour = z.string().regex(/^\d{4}$/, 'must be four digits');
const Day = z.iso.date();

export const Account = z.object({
  id: z.string().min(1),
  kind: z.enum(['current', 'savings']),
  name: z.string().min(1).max(80),
  lastFour: LastFour,
  currency: Currency,
  balanceMinor: Minor,
  /** Balance less what is reserved, without the overdraft. */
  availableMinor: Minor,
  /** 0 where none is arranged. */
  overdraftLimitMinor: z.int().min(0),
  /** Yearly, in percent, as a decimal string; null where the account bears no interest. */
  interestPercent: z
    .string()
    .regex(/^\d+\.\d{2}$/, 'must be a decimal like 3.10')
    .nullable(),
});
export type Account = z.infer<typeof Account>;

export const Card = z.object({
  id: z.string().min(1),
  kind: z.enum(['debit', 'credit']),
  lastFour: LastFour,
  /** `sent`: made and posted, not yet activated. */
  status: z.enum(['active', 'sent', 'frozen', 'cancelled']),
  currency: Currency,
  contactlessLimitMinor: z.int().min(0),
  dailyPurchaseLimitMinor: z.int().min(0),
  dailyCashLimitMinor: z.int().min(0),
  sentOn: Day.nullable(),
  expectedBy: Day.nullable(),
});
export type Card = z.infer<typeof Card>;

export const Transaction = z.object({
  id: z.string().min(1),
  kind: z.enum(['transfer', 'card', 'direct_debit', 'refund', 'cash', 'top_up']),
  status: z.enum(['pending', 'booked', 'failed']),
  on: Day,
  /** Negative where money leaves the account. */
  amountMinor: Minor,
  currency: Currency,
  counterparty: z.string().min(1).max(120),
  /** When a pending one should be done. */
  expectedBy: Day.nullable(),
  failure: z.enum(['insufficient_funds', 'wrong_details', 'rejected_by_receiver', 'limit_exceeded']).nullable(),
});
export type Transaction = z.infer<typeof Transaction>;

export const AccountsAnswer = z.object({ accounts: z.array(Account).max(50) });
export const CardsAnswer = z.object({ cards: z.array(Card).max(50) });
/** Newest first, of the last 30 days. */
export const TransactionsAnswer = z.object({ transactions: z.array(Transaction).max(500) });

/** What is gathered of the core bank in one go. */
export const CoreBankFacts = z.object({
  ...AccountsAnswer.shape,
  ...CardsAnswer.shape,
  ...TransactionsAnswer.shape,
});
export type CoreBankFacts = z.infer<typeof CoreBankFacts>;

export const CustomerProfile = z.object({
  id: CustomerId,
  firstName: z.string().min(1).max(80),
  lastName: z.string().min(1).max(80),
  email: z.email(),
  city: z.string().max(80),
  customerSince: Day,
});
export type CustomerProfile = z.infer<typeof CustomerProfile>;

/** What the CRM is told of an answer. Sent with an `Idempotency-Key`. */
export const InteractionRequest = z.object({
  channel: z.literal('message'),
  intent: z.string().min(1).max(64),
  reply: z.string().min(1).max(2_000),
});
export type InteractionRequest = z.infer<typeof InteractionRequest>;

/** 201 where it is new; 200 with the first one and `Idempotent-Replayed: true` where the key was used before. */
export const Interaction = z.object({
  id: z.string().min(1),
  customerId: CustomerId,
  ...InteractionRequest.shape,
  idempotencyKey: z.string().min(1),
});
export type Interaction = z.infer<typeof Interaction>;
