import type { JsonValue } from '../../contracts/digest';
import { type FakeOpenAi, startFakeOpenAi } from '../../fakes/openai';
import type { BankSupportOutput } from '../../tasks/bank-support/schemas';
import { openTestBank, type TestBank, type TestBankOptions } from '../support/bank';
import { openRefundDesk, type RefundDesk } from '../support/refundDesk';
import { type Receiver, startReceiver } from '../support/receiver';

export const STAGE_NAMES = ['plain', 'hasty', 'modelled', 'shop', 'climbing', 'office'] as const;
export type StageName = (typeof STAGE_NAMES)[number];

/** An installation and everybody who acts on it. */
export interface Stage {
  readonly bank: TestBank;
  readonly desk: RefundDesk;
  readonly receiver: Receiver;
  readonly openai: FakeOpenAi;
  /** What the remote model drafts from now on; it is asked on the stage `modelled` alone. */
  says(reply: JsonValue): void;
  close(): Promise<void>;
}

export const GOOD_REPLY = { intent: 'card_lost', reply: 'Please freeze your card in the app at once.', factsUsed: [] };
/** It names a number and an amount that no fact has. */
export const INVENTED_REPLY = { ...GOOD_REPLY, reply: 'Call 0900 123 456 now and pay £250.' };

export const FALLBACK: BankSupportOutput = {
  intent: 'unclear',
  reply: 'We have received your message.',
  factsUsed: [],
};

/** Every day, so that what is recorded is the same whenever it is. */
const ALWAYS_OPEN = {
  queue: 'support',
  timeZone: 'Europe/London',
  days: Object.fromEntries([1, 2, 3, 4, 5, 6, 7].map((day) => [day, { from: '00:00', to: '24:00' }])),
};

const OPTIONS: Readonly<Record<StageName, TestBankOptions>> = {
  plain: { grants: [{ class: 'exchange_rate', threshold: 0.5, auditRate: 0.01 }] },
  hasty: {
    ...{ remindAfterSeconds: [1, 2], onTimeout: { kind: 'fall_back', afterSeconds: 3, output: FALLBACK } },
    review: { leaseSeconds: 10 },
  },
  modelled: {},
  shop: { refund: { review: { undoSeconds: 1, isClaimRequired: false } }, review: { callerWaitSeconds: 2 } },
  climbing: {
    review: {
      ...{ remindAfterSeconds: [1], onTimeout: { kind: 'keep_waiting' } },
      ladder: [
        { kind: 'widen', afterSeconds: 2, toQueue: 'support-leads', toRole: 'lead' },
        { kind: 'overdue', afterSeconds: 3 },
      ],
    },
  },
  office: { env: { COUNTERSIGN_QUEUE_HOURS: JSON.stringify([ALWAYS_OPEN]) } },
};

export async function openStage(name: StageName): Promise<Stage> {
  let reply: JsonValue = GOOD_REPLY;
  const [openai, receiver] = await Promise.all([startFakeOpenAi({ answer: () => reply }), startReceiver()]);
  const env = name === 'modelled' ? environmentOf(openai) : {};
  const bank = await openTestBank({ ...OPTIONS[name], env });
  const close = async () => {
    await bank.close();
    await Promise.all([openai.close(), receiver.close()]);
  };
  return { bank, desk: await openRefundDesk(bank), receiver, openai, says: (said) => void (reply = said), close };
}

function environmentOf({ url }: FakeOpenAi): Record<string, string> {
  return {
    OPENAI_BASE_URL: url,
    OPENAI_MODEL: 'test-model',
    OPENAI_INPUT_MICRO_USD_PER_MILLION_TOKENS: '1000000',
    OPENAI_OUTPUT_MICRO_USD_PER_MILLION_TOKENS: '2000000',
  };
}
