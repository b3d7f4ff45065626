import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';

/** A mail server that keeps the text of what it gets. */
export class Mailbox {
  private readonly texts: string[] = [];

  private constructor(private readonly server: SMTPServer) {}

  static async open(): Promise<Mailbox> {
    const server: SMTPServer = new SMTPServer({
      authOptional: true,
      disabledCommands: ['STARTTLS', 'AUTH'],
      onData: (stream, _session, done) => {
        const chunks: Buffer[] = [];
        stream.on('data', (chunk: Buffer) => chunks.push(chunk));
        stream.on('end', () => {
          mailbox.texts.push(plain(Buffer.concat(chunks).toString()));
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

  /** The links of all mails that name this. */
  linksAbout(name: string): readonly string[] {
    const about = this.texts.filter((text) => text.includes(name));
    return [...new Set(about.flatMap((text) => text.match(/https?:\/\/[^\s"<>]+/g) ?? []))];
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
