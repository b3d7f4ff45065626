import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface ListeningDoor {
  readonly url: string;
  /** The JSON bodies that went through it, oldest first. */
  readonly sent: readonly unknown[];
  close(): Promise<void>;
}

/** Passes everything on to the API behind it, and keeps what was sent. */
export async function openListeningDoor(behind: string): Promise<ListeningDoor> {
  const sent: unknown[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString('utf8');
      if (body !== '') sent.push(JSON.parse(body));
      const { authorization = '', 'idempotency-key': key } = request.headers;
      const headers = {
        authorization,
        ...(typeof key === 'string' && { 'idempotency-key': key }),
        ...(body !== '' && { 'content-type': 'application/json' }),
      };
      const passed = { method: request.method ?? 'GET', headers, ...(body !== '' && { body }) };
      void fetch(behind + (request.url ?? ''), passed).then(async (answer) => {
        const type = answer.headers.get('content-type') ?? 'application/json';
        response.writeHead(answer.status, { 'content-type': type }).end(await answer.text());
      });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const close = () => new Promise<void>((resolve) => server.close(() => resolve()));
  return { url: `http://127.0.0.1:${port}`, sent, close };
}
