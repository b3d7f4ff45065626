import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';

export interface ReceivedMail {
  readonly to: readonly string[];
  readonly messageId: string;
  readonly subject: string;
  /** Headers and text, as they came. */
  readonly raw: string;
  /** The text, without the line breaks of its encoding. */
  readonly text: string;
}

export interface Mailbox {
  readonly url: string;
  readonly mails: readonly ReceivedMail[];
  /** Answers each recipient with this code from now on; null ends it. */
  refuse(code: 450 | 550 | null): void;
  /** Nothing listens on its port any more, until it is opened again. */
  shut(): Promise<void>;
  open(): Promise<void>;
}

/** A mail server on loopback that keeps what it gets. */
export async function openMailbox(): Promise<Mailbox> {
  const mails: ReceivedMail[] = [];
  const state: { code: number | null; server: SMTPServer; port: number } = { code: null, server: create(), port: 0 };
  function create(): SMTPServer {
    return new SMTPServer({
      authOptional: true,
      disabledCommands: ['STARTTLS'],
      allowInsecureAuth: true,
      onAuth: (_auth, _session, callback) => callback(new Error('nobody is known here')),
      onRcptTo(_address, _session, callback) {
        if (state.code === null) return callback();
        callback(Object.assign(new Error('mailbox is not there'), { responseCode: state.code }));
      },
      onData(stream, session, callback) {
        const chunks: Buffer[] = [];
        stream.on('data', (chunk: Buffer) => chunks.push(chunk));
        stream.on('end', () => {
          mails.push(
            mailOf(
              session.envelope.rcptTo.map(({ address }) => address),
              Buffer.concat(chunks).toString('utf8'),
            ),
          );
          callback();
        });
      },
    });
  }
  const listen = () =>
    new Promise<void>((resolve) => {
      state.server.listen(state.port, '127.0.0.1', () => {
        state.port = (state.server.server.address() as AddressInfo).port;
        resolve();
      });
    });
  await listen();
  return {
    url: `smtp://127.0.0.1:${state.port}`,
    mails,
    refuse: (code) => void (state.code = code),
    shut: () => new Promise<void>((resolve) => state.server.close(() => resolve())),
    open: () => {
      state.server = create();
      return listen();
    },
  };
}

function mailOf(to: readonly string[], raw: string): ReceivedMail {
  const [head = '', ...rest] = raw.split('\r\n\r\n');
  const header = (name: string) =>
    new RegExp(`^${name}: (.*(?:\r\n[ \t].*)*)`, 'im').exec(head)?.[1]?.replaceAll(/\r\n[ \t]+/g, ' ') ?? '';
  const body = rest.join('\r\n\r\n');
  const isQuoted = /quoted-printable/i.test(header('Content-Transfer-Encoding'));
  const text = isQuoted
    ? body
        .replaceAll('=\r\n', '')
        .replaceAll(/=([0-9A-F]{2})/g, (_all, hex: string) => String.fromCharCode(parseInt(hex, 16)))
    : body;
  return { to, messageId: header('Message-ID'), subject: header('Subject'), raw, text };
}
