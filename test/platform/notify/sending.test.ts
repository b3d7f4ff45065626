import { createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type FakeSlack, startFakeSlack } from '../../../fakes/slack';
import { createMailer } from '../../../platform/notify/email';
import { createSlack } from '../../../platform/notify/slack';
import { type Mailbox, openMailbox } from '../../support/mailbox';

const CONTENT = { text: 'a review', blocks: [] };
const MAIL = {
  to: 'ann@bank.example',
  subject: 'Review',
  text: 'Überfällig\n.\nA line of one dot is no end.',
  messageId: '<m1@bank.example>',
  threadId: '<t1@bank.example>',
};

describe('Slack', () => {
  let fake: FakeSlack;
  beforeAll(async () => {
    fake = await startFakeSlack();
  });
  afterAll(() => fake.close());
  const app = (token = fake.token) => createSlack({ token, apiUrl: fake.apiUrl, timeoutMs: 300 });

  it('gets a message, its change, an answer below it, and a whisper', async () => {
    const place = await app().post('C0REVIEWS', CONTENT);
    await app().update(place, { ...CONTENT, text: 'decided' });
    await app().reply(place, 'overdue');
    await app().whisper({ conversation: 'C0REVIEWS', user: 'U0ANN' }, 'too late');
    expect(fake.messages.map(({ versions, threadTs }) => [versions, threadTs])).toEqual([
      [['a review', 'decided'], null],
      [['overdue'], place.ts],
    ]);
    expect(fake.whispers).toEqual([{ channel: 'C0REVIEWS', user: 'U0ANN', text: 'too late' }]);
  });

  it.each([
    ['hangs', { kind: 'hangs_after_doing' as const }, 'timeout', null],
    ['drops the connection', { kind: 'reset' as const }, 'unreachable', null],
    ['fails', { kind: 'down' as const }, 'not_accepted', null],
    ['asks for patience', { kind: 'busy' as const, retryAfterSeconds: 7 }, 'rate_limited', 7],
  ])('that %s is asked once, and the failure says so', async (_what, behaviour, failure, retryAfterSeconds) => {
    fake.behave(behaviour);
    const before = fake.requests.length;
    await expect(app().post('C0REVIEWS', CONTENT)).rejects.toMatchObject({
      name: 'SendingError',
      ...{ failure, retryAfterSeconds },
    });
    expect(fake.requests.length).toBe(before + 1);
    fake.behave({ kind: 'ok' });
  });

  it('that does not know the token says no', async () => {
    await expect(app('xoxb-wrong').post('C0REVIEWS', CONTENT)).rejects.toMatchObject({ failure: 'not_accepted' });
  });
});

describe('a mail server', () => {
  let mailbox: Mailbox;
  beforeAll(async () => {
    mailbox = await openMailbox();
  });
  afterAll(() => mailbox.shut());
  const mailer = (smtpUrl = mailbox.url) =>
    createMailer({ smtpUrl, from: 'Countersign <cs@bank.example>', timeoutMs: 300 });

  it('gets the mail as it was written, marked as sent by a program', async () => {
    await mailer().send(MAIL);
    const [mail] = mailbox.mails;
    expect(mail).toMatchObject({ to: [MAIL.to], subject: 'Review', messageId: MAIL.messageId });
    expect(
      Buffer.from(mail?.text ?? '', 'latin1')
        .toString('utf8')
        .trim(),
    ).toBe(MAIL.text.replaceAll('\n', '\r\n'));
    expect(mail?.raw).toMatch(/^Auto-Submitted: auto-generated\r$/m);
    expect(mail?.raw).toMatch(/^In-Reply-To: <t1@bank\.example>\r$/m);
  });

  it('gets one recipient and no header more, whatever an address or a subject says', async () => {
    const subject = 'Review\r\nBcc: eve@evil.example';
    await mailer().send({ ...MAIL, to: 'ann@bank.example', subject });
    expect(mailbox.mails.at(-1)?.to).toEqual(['ann@bank.example']);
    expect(mailbox.mails.at(-1)?.raw).not.toMatch(/^Bcc:/m);
  });

  it.each([
    [450, 'not_accepted'],
    [550, 'refused'],
  ] as const)('that answers %d has its failure', async (code, failure) => {
    mailbox.refuse(code);
    await expect(mailer().send(MAIL)).rejects.toMatchObject({ name: 'SendingError', failure });
    mailbox.refuse(null);
  });

  it('that does not let us in may do so later', async () => {
    const url = mailbox.url.replace('smtp://', 'smtp://me:secret@');
    const failed = await mailer(url)
      .send(MAIL)
      .catch((error: Error) => error);
    expect(failed).toMatchObject({ failure: 'not_accepted' });
    expect(JSON.stringify(failed) + String(failed)).not.toContain('secret');
  });

  describe('that says nothing', () => {
    let silent: Server;
    const sockets: Socket[] = [];
    beforeAll(async () => {
      silent = createServer((socket) => void sockets.push(socket));
      await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    });
    afterAll(() => {
      for (const socket of sockets) socket.destroy();
      silent.close();
    });
    it('is not waited for', async () => {
      const url = `smtp://127.0.0.1:${(silent.address() as AddressInfo).port}`;
      await expect(mailer(url).send(MAIL)).rejects.toMatchObject({ failure: 'timeout' });
    });
  });

  it('that is not there can not be reached', async () => {
    await expect(mailer('smtp://127.0.0.1:1').send(MAIL)).rejects.toMatchObject({ failure: 'unreachable' });
  });
});
