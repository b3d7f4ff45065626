import type { Integration } from '../define';
import { getJson, urlOf } from '../otherSystem';
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
