import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';

/** An effect that a draft asks for: its name, and what it is called with. */
export interface EffectRequest {
  readonly name: string;
  readonly arguments: JsonObject;
}

export type JsonValue = string | number | boolean | null | readonly JsonValue[] | JsonObject;
export type JsonObject = { readonly [key: string]: JsonValue };

/** What a draft's digest is taken of. A draft without an output (none could be made) has `output: null`. */
export interface DraftContent {
  readonly output: JsonValue;
  readonly effects: readonly EffectRequest[];
}

/** Canonical JSON by RFC 8785. Throws a TypeError on what JSON can't carry (undefined, NaN, functions). */
export function canonicalJson(value: unknown): string {
  const text = canonicalize(value);
  if (text === undefined) throw new TypeError('a value without a JSON form can not be digested');
  return text;
}

/** Lower-case hexadecimal SHA-256. */
export function sha256Hex(text: string | Uint8Array): string {
  return createHash('sha256').update(text).digest('hex');
}

/** The digest that a permit is bound to: of output, effects and policy version, so that none of them can change unseen. */
export function draftDigest(content: DraftContent, policyVersion: string): string {
  return sha256Hex(canonicalJson({ effects: content.effects, output: content.output, policyVersion }));
}

/** The digest of a round that has no draft. */
export function emptyDraftDigest(policyVersion: string): string {
  return draftDigest({ output: null, effects: [] }, policyVersion);
}
