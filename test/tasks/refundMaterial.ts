import { SAMPLE_PURCHASES, type Purchase, TODAY } from '../../fakes/ordersSample';
import type { DraftMaterial } from '../../tasks/define';
import type { RefundDecisionInput } from '../../tasks/refund-decision/schemas';

export interface RefundChange extends Partial<
  Pick<RefundDecisionInput, 'message' | 'receivedOn' | 'requested' | 'lines' | 'refundsInLast90Days'>
> {
  readonly class: string;
  /** The number of a sample order; default 2001. */
  readonly order?: string;
  readonly guidance?: string | null;
  /** What the customer answered to the reviewer's questions. */
  readonly answers?: readonly string[];
  readonly without?: 'orders' | 'payments';
}

export function samplePurchase(key: string): Purchase {
  const found = SAMPLE_PURCHASES.find(({ order }) => order.id === `ord_${key}`);
  if (!found) throw new RangeError(`there is no sample order ${key}`);
  return found;
}

/** What drafting is given for a customer of the shop. */
export function refundMaterial(change: RefundChange): DraftMaterial<RefundDecisionInput> {
  const { class: name, order: key = '2001', guidance = null, answers = [], without, ...input } = change;
  const { order, payment } = samplePurchase(key);
  const classification = {
    probability: 0.95,
    margin: 0.9,
    runnersUp: [],
    strangeness: 0.1,
    classifier: 'test',
    calibrator: 'test',
  };
  return {
    input: {
      orderId: order.id,
      customerId: order.customerId,
      paymentId: payment.id,
      message: 'hello',
      receivedOn: TODAY,
      refundsInLast90Days: order.customerRefundsInLast90Days,
      ...input,
    },
    class: { name, ...classification },
    context: { ...(without !== 'orders' && { orders: order }), ...(without !== 'payments' && { payments: payment }) },
    guidance,
    answers: answers.map((answer) => ({ question: 'Which one is it?', answer })),
    repair: null,
  };
}
