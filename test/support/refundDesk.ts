import type { Scope } from '../../contracts/words/vocabulary';
import type { Purchase } from '../../fakes/ordersSample';
import { type Answer, ask, eventually, newKey } from '../api/testApi';
import type { TestBank } from './bank';
import { type Desk, type Opened, openDesk } from './desk';
import { type Sale, refundTask, sell } from './shop';

const BROKEN = 'The teapot is broken, I would like a refund please.';
const REVIEWER: readonly Scope[] = ['reviews:read', 'reviews:decide', 'tasks:read'];

/** A refund that is put to review. */
export interface RefundCase extends Opened {
  readonly purchase: Purchase;
}

/** The desk at which people decide about refunds: two reviewers (ann, ben), an approver and a lead. */
export interface RefundDesk extends Desk {
  readonly cho: string;
  readonly lea: string;
  /** Sells something, and has its refund put to review; `more` goes with the task, by default that a person is wanted. */
  refund(sale?: Sale, more?: object): Promise<RefundCase>;
  /** The same, where the customer has marked every line of the order. */
  refundAll(sale: Sale): Promise<RefundCase>;
  /** What was paid back of a purchase. */
  paid(of: RefundCase): readonly { readonly amountMinor: number }[];
  /** What a person does to a review by a verb of its own, such as `claim` or `undo`. */
  act(verb: string, of: Pick<Opened, 'reviewId'>, as: string, json?: object): Promise<Answer>;
  /** The review as its next round is open. */
  round(of: RefundCase, number: number): Promise<RefundCase>;
}

export async function openRefundDesk(bank: TestBank): Promise<RefundDesk> {
  const desk = await openDesk(bank);
  const cho = await bank.key([...REVIEWER, 'reviews:approve']);
  const lea = await bank.key([...REVIEWER, 'reviews:lead']);
  const escalate = async (sale: Sale, more: object, change: Parameters<typeof refundTask>[1] = {}) => {
    const purchase = sell(bank, sale);
    return { ...(await desk.escalated(BROKEN, { ...refundTask(purchase, change), ...more })), purchase };
  };
  return {
    ...desk,
    cho,
    lea,
    refund: (sale = {}, more = { review: 'required' }) => escalate(sale, more),
    refundAll: (sale) => {
      const lines = (sale.lines ?? []).map(({ sku, quantity }) => ({ sku, quantity }));
      return escalate(sale, { review: 'required' }, { lines });
    },
    paid: ({ purchase: { payment } }) => bank.payments.refunds.filter(({ paymentId }) => paymentId === payment.id),
    act: (verb, { reviewId }, as, json) =>
      ask(bank, `POST /v1/reviews/${reviewId}/${verb}`, {
        key: as,
        headers: { 'idempotency-key': newKey() },
        ...(json && { json }),
      }),
    round: async (of, number) => {
      const { digest } = await eventually(
        () => desk.review(of.reviewId),
        ({ round, status }) => round === number && status === 'open',
      );
      return { ...of, digest };
    },
  };
}
