import { randomUUID } from 'node:crypto';
import { ProblemError } from './problems';

/** The key that was given, or a new one. Throws `idempotency_key_invalid`. */
export function idempotencyKeyOf(headers: { readonly 'idempotency-key'?: string | undefined }): string {
  const given = headers['idempotency-key'];
  if (given === undefined) return randomUUID();
  if (!/^[\x20-\x7e]{1,255}$/.test(given)) throw new ProblemError('idempotency_key_invalid');
  return given;
}

interface Keyed {
  readonly headers: { readonly 'idempotency-key'?: string | undefined };
  readonly setHeader: (name: string, value: string) => void;
}

/** The same, and the answer tells it, a problem too: whoever gave none needs it to ask again. */
export function toldIdempotencyKey({ headers, setHeader }: Keyed): string {
  const key = idempotencyKeyOf(headers);
  setHeader('Idempotency-Key', key);
  return key;
}
