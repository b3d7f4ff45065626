import type { ServerResponse } from 'node:http';
import { z } from 'zod';
import { assertNever } from '../contracts/words/assertNever';
import { Order, Payment } from '../tasks/refund-decision/contracts';
import { fakeBank } from './bank';
import { Behaviour, type FakeRequest, type FakeServer, sendAnswer, serveFakes } from './bankSystem';
import { fakeCrm } from './crm';
import { fakeOrders } from './orders';
import { fakePayments } from './payments';

const SYSTEMS = ['bank', 'crm', 'orders', 'payments'] as const;
type SystemName = (typeof SYSTEMS)[number];

/** What `POST /_fake/behave` takes: how a system behaves from now on, or for so many requests. */
const BehaveBody = z.intersection(
  z.object({ system: z.enum(SYSTEMS), times: z.int().min(1).max(1_000_000).optional() }),
  z.looseObject({ kind: z.string() }),
);

/** What `POST /_fake/happen` takes: what befalls the shop behind our back. */
const HappenBody = z.discriminatedUnion('kind', [
  /** Takes the place of an order and a payment with these ids. */
  z.strictObject({ kind: z.literal('bought'), order: Order, payment: Payment }),
  z.strictObject({ kind: z.literal('order_changed'), orderId: z.string(), change: Order.partial() }),
  z.strictObject({ kind: z.literal('disputed'), paymentId: z.string() }),
  z.strictObject({ kind: z.literal('charged_back'), paymentId: z.string() }),
  z.strictObject({ kind: z.literal('refunded_elsewhere'), paymentId: z.string(), amountMinor: z.int().min(1) }),
]);

/** Whose path it is, where no prefix says so; the CRM has the rest. */
const PATHS: readonly (readonly [SystemName, RegExp])[] = [
  ['bank', /^\/customers\/[^/]+\/(?:accounts|cards|transactions)$/],
  ['orders', /^\/orders\/[^/]+$/],
  ['payments', /^\/payments\/[^/]+(?:\/refunds)?$/],
];

function fakeSystems() {
  return { bank: fakeBank(), crm: fakeCrm(), orders: fakeOrders(), payments: fakePayments() };
}
type FakeSystems = ReturnType<typeof fakeSystems>;

/**
 * Core bank, CRM, order system and payment service in one server; bank and CRM also below `/bank` and `/crm`. Their paths differ, so
 * that one address is enough for all. `port` defaults to a free one.
 */
export function startFakeSystems({ port = 0 }: { port?: number } = {}): Promise<FakeServer> {
  const systems = fakeSystems();
  return serveFakes(port, (request, response) => {
    if (request.method === 'POST' && request.path === '/_fake/behave')
      return control(request, response, (body) => behave(systems, body));
    if (request.method === 'POST' && request.path === '/_fake/happen')
      return control(request, response, (body) => happen(systems, body));
    const prefix = /^\/(bank|crm)(?=\/)/.exec(request.path);
    const path = request.path.slice(prefix?.[0].length ?? 0);
    const name = prefix?.[1] ?? PATHS.find(([, pattern]) => pattern.test(path))?.[0];
    systems[SYSTEMS.find((each) => each === name) ?? 'crm'].serve({ ...request, path }, response);
  });
}

function behave(systems: FakeSystems, body: unknown): void {
  const { system, times, ...behaviour } = BehaveBody.parse(body);
  systems[system].behave(Behaviour.parse(behaviour), times);
}

function happen({ orders, payments }: FakeSystems, body: unknown): void {
  const event = HappenBody.parse(body);
  switch (event.kind) {
    case 'bought':
      orders.put(event.order);
      return payments.put(event.payment);
    case 'order_changed':
      return orders.change(event.orderId, definedOf(event.change));
    case 'disputed':
    case 'charged_back':
    case 'refunded_elsewhere':
      return payments.befall(event.paymentId, event);
    default:
      return assertNever(event);
  }
}

function definedOf(change: Partial<{ [K in keyof Order]: Order[K] | undefined }>): Partial<Order> {
  return Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
}

function control({ body }: FakeRequest, response: ServerResponse, act: (body: unknown) => void): void {
  try {
    act(JSON.parse(body));
    sendAnswer(response, { status: 200, body: { done: true } });
  } catch (error) {
    sendAnswer(response, { status: 422, body: { error: error instanceof Error ? error.message : String(error) } });
  }
}
