/** What the programs of the peers share: an HTTP door for the suite, and the outside systems they call. */
import { createServer } from 'node:http';

/** What a door refuses: the caller gets it as a refusal, not as a failure. */
export class Refusal extends Error {
  /**
   * @param {string} message
   * @param {{ decidedBy?: string }} [more]
   */
  constructor(message, { decidedBy } = {}) {
    super(message);
    this.decidedBy = decidedBy ?? null;
  }
}

/**
 * Serves `POST /{name}` with a JSON body for each operation, and says on standard output when it is ready.
 * @param {Record<string, (body: any) => Promise<unknown>>} operations
 */
export function openDoor(operations) {
  const server = createServer((request, response) => {
    void answer(request, operations).then(({ status, body }) => {
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(JSON.stringify(body));
    });
  });
  server.listen(0, '127.0.0.1', () => {
    const address = /** @type {import('node:net').AddressInfo} */ (server.address());
    process.stdout.write(`peer ready http://127.0.0.1:${address.port}\n`);
  });
}

/**
 * @param {import('node:http').IncomingMessage} request
 * @param {Record<string, (body: any) => Promise<unknown>>} operations
 */
async function answer(request, operations) {
  try {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const operation = operations[(request.url ?? '').slice(1)];
    if (operation === undefined) return { status: 404, body: { message: 'there is no such operation' } };
    const body = JSON.parse(Buffer.concat(chunks).toString() || '{}');
    return { status: 200, body: { result: (await operation(body)) ?? null } };
  } catch (error) {
    if (error instanceof Refusal) return { status: 409, body: { message: error.message, decidedBy: error.decidedBy } };
    const message = error instanceof Error ? error.message : String(error);
    return { status: 500, body: { message } };
  }
}

/**
 * Calls the outside server; anything but 200 is thrown.
 * @param {string} path
 * @param {object} body
 * @param {string} [idempotencyKey]
 */
export async function callOutside(path, body, idempotencyKey) {
  const response = await fetch(`${process.env.OUTSIDE_URL}${path}`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey }),
    },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`the outside answered ${response.status}`);
  return response.json();
}

/** What a person may put in the place of a proposal. */
export function isValidOutput(/** @type {unknown} */ output) {
  return typeof output === 'object' && output !== null && 'text' in output && typeof output.text === 'string';
}
