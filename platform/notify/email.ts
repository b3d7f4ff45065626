import nodemailer from 'nodemailer';
import { SendingError } from './SendingError';

const CONNECT_TIMEOUT_MS = 10_000;
const SILENCE_TIMEOUT_MS = 20_000;

export interface MailServer {
  /** smtp:// or smtps://, with user and password where it wants them. */
  readonly smtpUrl: string;
  readonly from: string;
  /** How long it may say nothing. Default: 10 s until it greets, 20 s after that. */
  readonly timeoutMs?: number;
}

export interface Mail {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  /** The same for each attempt: `<…@…>`. */
  readonly messageId: string;
  /** What it belongs to, so that mail programs show them together: `<…@…>`. */
  readonly threadId: string;
}

/** Sends one mail at a time over a connection of its own. Throws a SendingError. */
export interface Mailer {
  send(mail: Mail): Promise<void>;
}

/** Over the server of an smtp:// or smtps:// address. Nothing in a mail can make it read a file or ask another address. */
export function createMailer({ smtpUrl, from, timeoutMs }: MailServer): Mailer {
  const transport = nodemailer.createTransport({
    url: smtpUrl,
    connectionTimeout: timeoutMs ?? CONNECT_TIMEOUT_MS,
    greetingTimeout: timeoutMs ?? CONNECT_TIMEOUT_MS,
    socketTimeout: timeoutMs ?? SILENCE_TIMEOUT_MS,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  return {
    async send({ to, subject, text, messageId, threadId }) {
      const headers = { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'All' };
      const thread = { inReplyTo: threadId, references: threadId };
      try {
        await transport.sendMail({ from, to: { name: '', address: to }, subject, text, messageId, headers, ...thread });
      } catch (error) {
        throw sendingErrorOf(error);
      }
    },
  };
}

/** 5xx of the server is for good (RFC 5321, 4.2.1), save that it does not let us in, which its operator can mend. */
function sendingErrorOf(error: unknown): SendingError {
  const { code, responseCode } = Object(error) as { code?: string; responseCode?: number };
  if (code === 'EAUTH' || responseCode === 530 || responseCode === 535) return new SendingError('not_accepted');
  if (code === 'ETIMEDOUT') return new SendingError('timeout');
  if (responseCode !== undefined) return new SendingError(responseCode >= 500 ? 'refused' : 'not_accepted');
  // The cause of what has no answer is of the network: it names hosts at most.
  return new SendingError('unreachable', null, { cause: error });
}
