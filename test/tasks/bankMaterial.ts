import type { JsonValue } from '../../contracts/digest';
import { FAKE_CUSTOMERS } from '../../fakes/bankCustomers';
import type { DraftMaterial } from '../../tasks/define';
import type { BankSupportInput } from '../../tasks/bank-support/schemas';

export interface MaterialChange {
  readonly class: string;
  readonly message?: string;
  readonly customerId?: string;
  readonly guidance?: string | null;
  readonly without?: 'core-bank' | 'crm';
}

/** What drafting is given for a customer of the fake bank. */
export function bankMaterial({
  class: name,
  message = 'hello',
  customerId = 'cus_1001',
  guidance = null,
  without,
}: MaterialChange): DraftMaterial<BankSupportInput> {
  const customer = FAKE_CUSTOMERS.find(({ profile }) => profile.id === customerId);
  if (!customer) throw new RangeError(`the fake bank has no customer ${customerId}`);
  const context: Record<string, JsonValue> = { 'core-bank': customer.bank, crm: customer.profile };
  if (without) delete context[without];
  const classification = {
    probability: 0.95,
    margin: 0.9,
    runnersUp: [],
    strangeness: 0.1,
    classifier: 'test',
    calibrator: 'test',
  };
  return {
    input: { message, customerId },
    class: { name, ...classification },
    context,
    guidance,
    answers: [],
    repair: null,
  };
}
