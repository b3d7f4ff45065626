import type { ServerResponse } from 'node:http';
import { z } from 'zod';
import { fakeBank } from './bank';
import { Behaviour, type FakeRequest, type FakeServer, type FakeSystem, sendAnswer, serveFakes } from './bankSystem';
import { fakeCrm } from './crm';

/** What `POST /_fake/behave` takes: how a system behaves from now on, or for so many requests. */
const BehaveBody = z.intersection(
  z.object({ system: z.enum(['bank', 'crm']), times: z.int().min(1).max(1_000_000).optional() }),
  z.looseObject({ kind: z.string() }),
);
const BANK_PATH = /^\/customers\/[^/]+\/(?:accounts|cards|transactions)$/;

/**
 * Core bank and CRM in one server, below `/bank` and `/crm`. Their paths differ, so that both can be reached without a prefix as
 * well: then one address is enough for both. `port` defaults to a free one.
 */
export function startFakeBankAndCrm({ port = 0 }: { port?: number } = {}): Promise<FakeServer> {
  const systems = { bank: fakeBank(), crm: fakeCrm() };
  return serveFakes(port, (request, response) => {
    if (request.path === '/_fake/behave' && request.method === 'POST') return control(systems, request, response);
    const prefix = /^\/(bank|crm)(?=\/)/.exec(request.path);
    const path = request.path.slice(prefix?.[0].length ?? 0);
    const isBank = prefix ? prefix[1] === 'bank' : BANK_PATH.test(path);
    systems[isBank ? 'bank' : 'crm'].serve({ ...request, path }, response);
  });
}

function control(
  systems: Readonly<Record<'bank' | 'crm', FakeSystem>>,
  { body }: FakeRequest,
  response: ServerResponse,
): void {
  try {
    const { system, times, ...behaviour } = BehaveBody.parse(JSON.parse(body));
    systems[system].behave(Behaviour.parse(behaviour), times);
    sendAnswer(response, { status: 200, body: { system, ...behaviour } });
  } catch (error) {
    sendAnswer(response, { status: 422, body: { error: error instanceof Error ? error.message : String(error) } });
  }
}
