import { type FakeSlack, startFakeSlack } from '../../fakes/slack';
import type { Role } from '../../contracts/words/roles';
import { channelsOf } from '../../worker/notifications/fromConfig';
import { type Notifier, type NotifierSettings, startNotifier } from '../../worker/notifications/notifier';
import type { Sending } from '../../worker/notifications/sendNotification';
import { type Answer, ask } from '../api/testApi';
import { openTestBank, type TestBank, type TestBankOptions } from './bank';
import { type Desk, type Opened, openDesk } from './desk';
import { type Mailbox, openMailbox } from './mailbox';

/** Words that only a customer could have written. */
export const CANARY = 'Quenby Zarathustra of Xanadu';
export const LOST = `I lost my card somewhere in town, what now? ${CANARY}`;
export const CHANNEL = 'C0SUPPORT';
const PUBLIC_URL = 'http://countersign.test';

export interface Person {
  readonly id: string;
  readonly key: string;
  readonly email: string;
  readonly slackUserId: string;
}

/** The product with its members, told over a local mail server and a Slack that speaks the real one's protocol. */
export interface TellingOffice {
  readonly bank: TestBank;
  readonly desk: Desk;
  readonly mailbox: Mailbox;
  readonly slack: FakeSlack;
  readonly admin: string;
  readonly sending: Sending;
  /** Of the running sender: moves its clock. */
  advance(seconds: number): void;
  /** Another sender. */
  another(settings?: NotifierSettings): Notifier;
  person(name: string, roles?: readonly Role[], more?: object): Promise<Person>;
  /** Posts a message with the canary and waits until it is put to review. */
  escalated(): Promise<Opened>;
  /** Everything that left for a mail server or Slack, as it was sent. */
  sent(): string;
  close(): Promise<void>;
}

export interface TellingOfficeOptions extends TestBankOptions {
  readonly isMailing: boolean;
  readonly isSlacking: boolean;
}

const QUICK: NotifierSettings = { everySeconds: 0.2, firstPauseSeconds: 0.2, maxPauseSeconds: 0.5 };

export async function openTellingOffice({
  isMailing,
  isSlacking,
  ...options
}: TellingOfficeOptions): Promise<TellingOffice> {
  const [mailbox, slack] = await Promise.all([openMailbox(), startFakeSlack()]);
  const env = {
    COUNTERSIGN_PUBLIC_URL: PUBLIC_URL,
    ...(isMailing && { COUNTERSIGN_SMTP_URL: mailbox.url, COUNTERSIGN_MAIL_FROM: 'Countersign <cs@bank.example>' }),
    ...(isSlacking && {
      SLACK_BOT_TOKEN: slack.token,
      SLACK_SIGNING_SECRET: slack.signingSecret,
      SLACK_API_URL: slack.apiUrl,
      SLACK_CHANNELS: JSON.stringify([{ queue: 'support', channel: CHANNEL }]),
    }),
  };
  const bank = await openTestBank({ ...options, env: { ...env, ...options.env } });
  const desk = await openDesk(bank);
  const admin = await bank.key(['admin']);
  let offsetMs = 0;
  const { store, keyring, log, config } = bank.dependencies;
  const channels = channelsOf(config);
  if (channels === null) throw new Error('no channel is configured');
  const sending = { ...channels, store, keyring, log, clock: () => new Date(Date.now() + offsetMs) };
  const notifiers: Notifier[] = [];
  const another = (settings: NotifierSettings = QUICK) => {
    const notifier = startNotifier(sending, settings);
    notifiers.push(notifier);
    return notifier;
  };
  another();
  return {
    ...{ bank, desk, mailbox, slack, admin, sending, another },
    advance: (seconds) => void (offsetMs += seconds * 1000),
    person: (name, roles = ['reviewer'], more = {}) => personOf(bank, admin, { name, roles, ...more }),
    escalated: () => desk.escalated(LOST),
    sent: () =>
      [
        ...mailbox.mails.flatMap(({ raw, text, subject }) => [raw, text, subject]),
        ...slack.requests.map(({ body }) => decodeURIComponent(body.replaceAll('+', ' '))),
      ].join('\n'),
    close: async () => {
      await Promise.all(notifiers.map((each) => each.close()));
      await bank.close();
      await Promise.all([slack.close(), mailbox.shut()]);
    },
  };
}

async function personOf(
  bank: TestBank,
  admin: string,
  given: { readonly name: string; readonly roles: readonly Role[] },
): Promise<Person> {
  const address = given.name.toLowerCase().replaceAll(/[^a-z]/g, '');
  const json = { email: `${address}@bank.example`, slackUserId: `U0${address.toUpperCase()}`, ...given };
  const member = await made(ask(bank, 'POST /v1/members', { key: admin, json }));
  const key = await made(ask(bank, 'POST /v1/api-keys', { key: admin, json: { name: 'k', memberId: member.id } }));
  return { id: member.id, key: key.key, email: json.email, slackUserId: json.slackUserId };
}

async function made(asked: Promise<Answer>): Promise<Answer['body']> {
  const { status, body } = await asked;
  if (status !== 201) throw new Error(`it was not made: ${status} ${JSON.stringify(body)}`);
  return body;
}
