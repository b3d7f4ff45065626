import type { JsonValue } from '../contracts/digest';
import { Payment, type Refund, RefundRequest } from '../tasks/refund-decision/contracts';
import {
  type FakeAnswer,
  type FakeRequest,
  type FakeServer,
  type FakeSystem,
  fakeSystem,
  serveFakes,
} from './bankSystem';
import { SAMPLE_PURCHASES } from './ordersSample';

const PAYMENT = /^\/payments\/(?<id>[^/]+)$/;
const REFUNDS = /^\/payments\/(?<id>[^/]+)\/refunds$/;

/** What happens to a payment behind our back. */
export type PaymentEvent =
  | { readonly kind: 'disputed' | 'charged_back' }
  | { readonly kind: 'refunded_elsewhere'; readonly amountMinor: number };

export interface FakePaymentSystem extends FakeSystem {
  /** Every refund that was made, oldest first: one for each idempotency key. */
  readonly refunds: readonly Refund[];
  /** Puts a payment in place of the one with its id, or beside the others. */
  put(payment: Payment): void;
  /** Throws a RangeError where there is no such payment. */
  befall(paymentId: string, event: PaymentEvent): void;
}

interface Books {
  readonly payments: Map<string, Payment>;
  readonly refunds: Refund[];
}

/**
 * A payment service: `GET /payments/{id}`, `POST /payments/{id}/refunds` with an `Idempotency-Key`, and `GET /payments/{id}/refunds`
 * to see them, with `?key=` the one that was made under it. A key that is used again gets the first refund and
 * `Idempotent-Replayed: true`; with another body, 422. More than what is left is refused with 409.
 */
export function fakePayments(): FakePaymentSystem {
  const books: Books = { payments: new Map(SAMPLE_PURCHASES.map(({ payment }) => [payment.id, payment])), refunds: [] };
  return {
    ...fakeSystem('payments', (request) => answer(request, books)),
    refunds: books.refunds,
    put: (payment) => void books.payments.set(payment.id, Payment.parse(payment)),
    befall: (paymentId, event) => befall(books, paymentId, event),
  };
}

function answer(request: FakeRequest, books: Books): FakeAnswer {
  const { method, path, query } = request;
  const refundsOf = REFUNDS.exec(path)?.groups?.['id'];
  const payment = books.payments.get(refundsOf ?? PAYMENT.exec(path)?.groups?.['id'] ?? '');
  if (!payment) return { status: 404, body: { error: 'no such payment' } };
  if (method === 'GET' && refundsOf === undefined) return { status: 200, body: payment };
  if (method === 'GET') return { status: 200, body: { refunds: refundsUnder(books, payment, query['key']) } };
  if (method === 'POST' && refundsOf !== undefined) return refund(request, { payment, books });
  return { status: 405, body: { error: 'not that way' } };
}

function refundsUnder({ refunds }: Books, { id }: Payment, key: string | undefined): Refund[] {
  return refunds.filter((each) => each.paymentId === id && (key === undefined || each.idempotencyKey === key));
}

function refund(
  { idempotencyKey, body }: FakeRequest,
  { payment, books }: { payment: Payment; books: Books },
): FakeAnswer {
  if (idempotencyKey === null) return { status: 400, body: { error: 'an Idempotency-Key is required' } };
  const parsed = RefundRequest.safeParse(parseJson(body));
  if (!parsed.success) return { status: 422, body: { error: parsed.error.message } };
  const known = books.refunds.find((each) => each.idempotencyKey === idempotencyKey);
  if (known) return replay(known, { paymentId: payment.id, ...parsed.data });
  const refusal = refusalOf(payment, parsed.data);
  if (refusal !== null) return { status: 409, body: { error: refusal, refundableMinor: payment.refundableMinor } };
  const made: Refund = {
    id: `re_${books.refunds.length + 1}`,
    paymentId: payment.id,
    ...parsed.data,
    idempotencyKey,
  };
  books.refunds.push(made);
  books.payments.set(payment.id, after(payment, made.amountMinor));
  return { status: 201, body: made };
}

function refusalOf(payment: Payment, { amountMinor, currency }: RefundRequest): string | null {
  if (payment.status === 'disputed' || payment.status === 'charged_back') return 'payment_with_the_bank';
  if (currency !== payment.currency) return 'other_currency';
  return amountMinor > payment.refundableMinor ? 'more_than_refundable' : null;
}

function replay(known: Refund, asked: Omit<Refund, 'id' | 'idempotencyKey'>): FakeAnswer {
  const isSame =
    known.paymentId === asked.paymentId &&
    known.amountMinor === asked.amountMinor &&
    known.currency === asked.currency &&
    known.reference === asked.reference;
  if (!isSame) return { status: 422, body: { error: 'the key was used with another body' } };
  return { status: 200, body: known, headers: { 'idempotent-replayed': 'true' } };
}

function after(payment: Payment, amountMinor: number): Payment {
  const refundableMinor = payment.refundableMinor - amountMinor;
  const refundedMinor = payment.refundedMinor + amountMinor;
  return { ...payment, refundableMinor, refundedMinor, status: refundableMinor === 0 ? 'refunded' : payment.status };
}

function befall({ payments }: Books, paymentId: string, event: PaymentEvent): void {
  const payment = payments.get(paymentId);
  if (!payment) throw new RangeError(`there is no payment ${paymentId}`);
  const changed =
    event.kind === 'refunded_elsewhere'
      ? after(payment, event.amountMinor)
      : { ...payment, status: event.kind, refundableMinor: 0 };
  payments.set(paymentId, Payment.parse(changed));
}

function parseJson(text: string): JsonValue {
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    return null; // No refund has this form: the caller gets 422.
  }
}

export interface FakePayments
  extends FakeServer, Pick<FakePaymentSystem, 'behave' | 'requests' | 'refunds' | 'put' | 'befall'> {}

/** The payment service alone, for tests. `port` defaults to a free one. */
export async function startFakePayments({ port = 0 }: { port?: number } = {}): Promise<FakePayments> {
  const { serve, behave, requests, refunds, put, befall: happen } = fakePayments();
  return { ...(await serveFakes(port, serve)), behave, requests, refunds, put, befall: happen };
}
