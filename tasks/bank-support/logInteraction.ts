import type { Effect } from '../define';
import { throwUnlessOk, urlOf } from '../otherSystem';
import { Interaction } from './contracts';
import { CRM } from './integrations';
import type { BankSupportInput, BankSupportOutput } from './schemas';

/** Tells the CRM what the customer was answered. The CRM keeps one interaction for each idempotency key. */
export const logInteraction: Effect<BankSupportInput, BankSupportOutput> = {
  name: 'log_interaction',
  describe: ({ arguments: request }) =>
    `The reply is recorded in the CRM as an interaction about ${String(request['intent'])}.`,
  request: ({ customerId }, { intent, reply }) => ({ customerId, channel: 'message', intent, reply }),
  perform: async ({ arguments: { customerId, ...interaction } }, environment) => {
    const url = urlOf(environment, CRM, `customers/${encodeURIComponent(String(customerId))}/interactions`);
    const response = await fetch(url, {
      method: 'POST',
      signal: environment.signal,
      headers: { 'content-type': 'application/json', 'idempotency-key': environment.idempotencyKey },
      body: JSON.stringify(interaction),
    });
    await throwUnlessOk(response);
    Interaction.parse(await response.json());
    return response.headers.get('idempotent-replayed') === 'true' ? 'done_before' : 'done';
  },
};
