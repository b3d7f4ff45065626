import { workflowIdOf } from '../../contracts/words/names';
import { DECIDE_SIGNAL } from '../../contracts/words/review';
import { ask } from '../api/testApi';
import type { TestBank } from './bank';
import type { Opened } from './desk';

/** Lets the API mint a token that carries one decision. */
export async function mint(
  bank: TestBank,
  { reviewId, digest }: Pick<Opened, 'reviewId' | 'digest'>,
  { as, json }: { readonly as: string; readonly json: object },
): Promise<string> {
  const answer = await ask(bank, `POST /v1/reviews/${reviewId}/decision-tokens`, {
    key: as,
    json: { digest, ...json },
  });
  if (answer.status !== 201) throw new Error(`no token was minted: ${answer.status} ${JSON.stringify(answer.body)}`);
  return answer.body.token as string;
}

/** The token with another decision in it, under the old signature. */
export function forge(token: string): string {
  const [payload = '', mac = ''] = token.split('.');
  const changed = payloadOf(token).replace('"approve"', '"decline"');
  if (Buffer.from(changed).toString('base64url') === payload) throw new Error('there was nothing to forge');
  return `${Buffer.from(changed).toString('base64url')}.${mac}`;
}

/** The token as it would be an hour after it ran out, rightly signed. */
export function expire({ dependencies }: TestBank, token: string): string {
  const payload = JSON.parse(payloadOf(token)) as object;
  return dependencies.keyring.sign(
    JSON.stringify({ ...payload, expiresAt: new Date(Date.now() - 3_600_000).toISOString() }),
  );
}

function payloadOf(token: string): string {
  return Buffer.from(token.split('.')[0] ?? '', 'base64url').toString('utf8');
}

/** Sends the signal `decide`, as the Temporal UI or another service would. */
export function signalDecide({ dependencies, tenant }: TestBank, taskId: string, token: unknown): Promise<void> {
  return dependencies.client.workflow.getHandle(workflowIdOf(tenant, taskId)).signal(DECIDE_SIGNAL, token);
}
