import type { JsonValue } from '../contracts/digest';
import { type Interaction, InteractionRequest } from '../tasks/bank-support/contracts';
import { FAKE_CUSTOMERS } from './bankCustomers';
import {
  type FakeAnswer,
  type FakeRequest,
  type FakeServer,
  type FakeSystem,
  fakeSystem,
  serveFakes,
} from './bankSystem';

const CUSTOMER = /^\/customers\/(?<id>[^/]+)$/;
const INTERACTIONS = /^\/customers\/(?<id>[^/]+)\/interactions$/;
const NOT_FOUND: FakeAnswer = { status: 404, body: { error: 'not found' } };

export interface FakeCrmSystem extends FakeSystem {
  /** What was recorded, oldest first: one for each idempotency key. */
  readonly interactions: readonly Interaction[];
}

/**
 * A CRM: `GET /customers/{id}`, `POST /customers/{id}/interactions` with an `Idempotency-Key`, and `GET /interactions` to see what
 * was recorded. A key that is used again gets the first answer and `Idempotent-Replayed: true`; with another body, 409.
 */
export function fakeCrm(): FakeCrmSystem {
  const interactions: Interaction[] = [];
  return { ...fakeSystem('crm', (request) => answer(request, interactions)), interactions };
}

function answer(request: FakeRequest, interactions: Interaction[]): FakeAnswer {
  const { method, path } = request;
  if (method === 'GET' && path === '/interactions') return { status: 200, body: { interactions } };
  const customerId = CUSTOMER.exec(path)?.groups?.['id'];
  if (method === 'GET' && customerId !== undefined) return readProfile(customerId);
  const recordedFor = INTERACTIONS.exec(path)?.groups?.['id'];
  return method === 'POST' && recordedFor !== undefined
    ? record(request, { customerId: recordedFor, interactions })
    : NOT_FOUND;
}

function readProfile(customerId: string): FakeAnswer {
  const customer = FAKE_CUSTOMERS.find(({ profile }) => profile.id === customerId);
  return customer ? { status: 200, body: customer.profile } : NOT_FOUND;
}

function record(
  { idempotencyKey, body }: FakeRequest,
  { customerId, interactions }: { customerId: string; interactions: Interaction[] },
): FakeAnswer {
  if (idempotencyKey === null) return { status: 400, body: { error: 'an Idempotency-Key is required' } };
  if (readProfile(customerId).status !== 200) return NOT_FOUND;
  const parsed = InteractionRequest.safeParse(parseJson(body));
  if (!parsed.success) return { status: 422, body: { error: parsed.error.message } };
  const known = interactions.find((interaction) => interaction.idempotencyKey === idempotencyKey);
  if (known) return replay(known, { customerId, ...parsed.data });
  const interaction: Interaction = { id: `int_${interactions.length + 1}`, customerId, ...parsed.data, idempotencyKey };
  interactions.push(interaction);
  return { status: 201, body: interaction };
}

function replay(known: Interaction, asked: Omit<Interaction, 'id' | 'idempotencyKey'>): FakeAnswer {
  const isSame = known.customerId === asked.customerId && known.intent === asked.intent && known.reply === asked.reply;
  if (!isSame) return { status: 409, body: { error: 'the key was used with another body' } };
  return { status: 200, body: known, headers: { 'idempotent-replayed': 'true' } };
}

function parseJson(text: string): JsonValue {
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    return null; // No interaction has this form: the caller gets 422.
  }
}

export interface FakeCrm extends FakeServer, Pick<FakeCrmSystem, 'behave' | 'requests' | 'interactions'> {}

/** The CRM alone, for tests. `port` defaults to a free one. */
export async function startFakeCrm({ port = 0 }: { port?: number } = {}): Promise<FakeCrm> {
  const { serve, behave, requests, interactions } = fakeCrm();
  return { ...(await serveFakes(port, serve)), behave, requests, interactions };
}
