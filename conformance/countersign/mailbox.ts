import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';

interface Mail {
  readonly to: readonly string[];
  readonly text: string;
}

/** As the product says it when it reminds. */
const REMINDS = /still\s+waits\s+for\s+somebody\s+to\s+decide/;

/** A mail server that keeps what it gets. */
export class Mailbox {
  private readonly mails: Mail[] = [];

  private constructor(private readonly server: SMTPServer) {}

  static async open(): Promise<Mailbox> {
    const server: SMTPServer = new SMTPServer({
      authOptional: true,
      disabledCommands: ['STARTTLS', 'AUTH'],
      onData: (stream, { envelope }, done) => {
        const chunks: Buffer[] = [];
        stream.on('data', (chunk: Buffer) => chunks.push(chunk));
        stream.on('end', () => {
          const to = envelope.rcptTo.map(({ address }) => address);
          mailbox.mails.push({ to, text: plain(Buffer.concat(chunks).toString()) });
          done();
        });
      },
    });
    // A sender that is killed leaves a connection that breaks.
    server.on('error', () => undefined);
    const mailbox = new Mailbox(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
    return mailbox;
  }

  get url(): string {
    return `smtp://127.0.0.1:${(this.server.server.address() as AddressInfo).port}`;
  }

  /** The links of the mails that name this: of all, or of those to one address. */
  linksAbout(name: string, address?: string): readonly string[] {
    const about = this.about(name).filter(({ to }) => address === undefined || to.includes(address));
    return [...new Set(about.flatMap(({ text }) => text.match(/https?:\/\/[^\s"<>]+/g) ?? []))];
  }

  /** How many reminders of this came for whoever got most of them. */
  remindersOf(name: string): number {
    const reminded = this.about(name).filter(({ text }) => REMINDS.test(text));
    const addresses = reminded.flatMap(({ to }) => to);
    return Math.max(0, ...addresses.map((address) => addresses.filter((each) => each === address).length));
  }

  private about(name: string): readonly Mail[] {
    return this.mails.filter(({ text }) => text.includes(name));
  }

  close(): Promise<void> {
    return new Promise((resolve) => this.server.close(() => resolve()));
  }
}

/** Without the line breaks and the escapes of quoted-printable (RFC 2045, section 6.7). */
function plain(mail: string): string {
  if (!/quoted-printable/i.test(mail)) return mail;
  const joined = mail.replaceAll('=\r\n', '');
  return joined.replaceAll(/=([0-9A-F]{2})/g, (_all, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}
