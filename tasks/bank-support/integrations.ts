import { HttpStatusError, type Integration, type IntegrationEnvironment } from '../define';
import { CoreBankFacts, CustomerProfile } from './contracts';
import type { BankSupportInput } from './schemas';

export const CORE_BANK = 'core-bank';
export const CRM = 'crm';

/** Accounts, cards and recent transactions. Without them nothing true can be said about an account. */
export const coreBank: Integration<BankSupportInput> = {
  name: CORE_BANK,
  isRequired: true,
  timeoutSeconds: 3,
  maxAttempts: 3,
  freshSeconds: 60,
  contract: CoreBankFacts,
  fetch: async ({ customerId }, environment) => {
    const parts = ['accounts', 'cards', 'transactions'].map((part) =>
      getJson(urlOf(environment, CORE_BANK, `customers/${customerId}/${part}`), environment),
    );
    return Object.assign({}, ...(await Promise.all(parts))) as unknown;
  },
};

/** The customer's profile. A reply can do without: it then greets without a name. */
export const crm: Integration<BankSupportInput> = {
  name: CRM,
  isRequired: false,
  timeoutSeconds: 2,
  maxAttempts: 2,
  freshSeconds: 3_600,
  contract: CustomerProfile,
  fetch: ({ customerId }, environment) => getJson(urlOf(environment, CRM, `customers/${customerId}`), environment),
};

/** Throws a TypeError where the process was given no address, so that a forgotten setting is seen at once. */
export function urlOf({ baseUrls }: IntegrationEnvironment, integration: string, path: string): string {
  const baseUrl = baseUrls[integration];
  if (baseUrl === undefined) {
    throw new TypeError(
      `no address is configured for the integration '${integration}': set its base URL in the configuration`,
    );
  }
  return `${baseUrl.replace(/\/+$/, '')}/${path}`;
}

async function getJson(url: string, { signal }: IntegrationEnvironment): Promise<unknown> {
  const response = await fetch(url, { signal, headers: { accept: 'application/json' } });
  await throwUnlessOk(response);
  return response.json();
}

/** Frees the connection before it throws: an unread body would keep it. */
export async function throwUnlessOk(response: Response): Promise<void> {
  if (response.ok) return;
  await response.body?.cancel();
  throw new HttpStatusError(response.status, retryAfterSeconds(response.headers.get('retry-after')));
}

/** The delta-seconds form of RFC 9110, section 10.2.3; null for the date form, which clocks can't be trusted with. */
function retryAfterSeconds(header: string | null): number | null {
  return header !== null && /^\d{1,6}$/.test(header) ? Number(header) : null;
}
