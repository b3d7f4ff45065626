import { AccountsAnswer, CardsAnswer, TransactionsAnswer } from '../tasks/bank-support/contracts';
import { FAKE_CUSTOMERS } from './bankCustomers';
import {
  type FakeAnswer,
  type FakeRequest,
  type FakeServer,
  type FakeSystem,
  fakeSystem,
  serveFakes,
} from './bankSystem';

const PATH = /^\/customers\/(?<id>[^/]+)\/(?<part>accounts|cards|transactions)$/;
const CONTRACTS = { accounts: AccountsAnswer, cards: CardsAnswer, transactions: TransactionsAnswer };

/** A core bank: `GET /customers/{id}/accounts`, `/cards` and `/transactions` of twelve invented customers, always the same. */
export function fakeBank(): FakeSystem {
  return fakeSystem('bank', answer);
}

function answer({ method, path }: FakeRequest): FakeAnswer {
  const { id, part } = PATH.exec(path)?.groups ?? {};
  if (part !== 'accounts' && part !== 'cards' && part !== 'transactions')
    return { status: 404, body: { error: 'no such route' } };
  if (method !== 'GET') return { status: 405, body: { error: 'read only' } };
  const customer = FAKE_CUSTOMERS.find(({ profile }) => profile.id === id);
  if (!customer) return { status: 404, body: { error: 'no such customer' } };
  return { status: 200, body: CONTRACTS[part].parse(customer.bank) };
}

export interface FakeBank extends FakeServer, Pick<FakeSystem, 'behave' | 'requests'> {}

/** The core bank alone, for tests. `port` defaults to a free one. */
export async function startFakeBank({ port = 0 }: { port?: number } = {}): Promise<FakeBank> {
  const { serve, behave, requests } = fakeBank();
  return { ...(await serveFakes(port, serve)), behave, requests };
}
