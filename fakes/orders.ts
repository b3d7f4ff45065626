import { Order } from '../tasks/refund-decision/contracts';
import {
  type FakeAnswer,
  type FakeRequest,
  type FakeServer,
  type FakeSystem,
  fakeSystem,
  serveFakes,
} from './bankSystem';
import { SAMPLE_PURCHASES } from './ordersSample';

const ORDER = /^\/orders\/(?<id>[^/]+)$/;

export interface FakeOrderSystem extends FakeSystem {
  /** Puts an order in place of the one with its id, or beside the others. */
  put(order: Order): void;
  /** Something has happened to it: a status, a price, a date. Throws a RangeError where there is no such order. */
  change(orderId: string, change: Partial<Order>): void;
}

/** An order system: `GET /orders/{id}` of the sample orders and of those that are put in. */
export function fakeOrders(): FakeOrderSystem {
  const orders = new Map(SAMPLE_PURCHASES.map(({ order }) => [order.id, order]));
  return {
    ...fakeSystem('orders', (request) => answer(request, orders)),
    put: (order) => void orders.set(order.id, Order.parse(order)),
    change: (orderId, change) => {
      const order = orders.get(orderId);
      if (!order) throw new RangeError(`there is no order ${orderId}`);
      orders.set(orderId, Order.parse({ ...order, ...change }));
    },
  };
}

function answer({ method, path }: FakeRequest, orders: ReadonlyMap<string, Order>): FakeAnswer {
  const { id } = ORDER.exec(path)?.groups ?? {};
  if (id === undefined) return { status: 404, body: { error: 'no such route' } };
  if (method !== 'GET') return { status: 405, body: { error: 'read only' } };
  const order = orders.get(id);
  return order ? { status: 200, body: order } : { status: 404, body: { error: 'no such order' } };
}

export interface FakeOrders extends FakeServer, Pick<FakeOrderSystem, 'behave' | 'requests' | 'put' | 'change'> {}

/** The order system alone, for tests. `port` defaults to a free one. */
export async function startFakeOrders({ port = 0 }: { port?: number } = {}): Promise<FakeOrders> {
  const { serve, behave, requests, put, change } = fakeOrders();
  return { ...(await serveFakes(port, serve)), behave, requests, put, change };
}
