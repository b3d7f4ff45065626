import express from 'express';
import type { Request, Response } from 'express';
import type { z } from 'zod';
import { ProblemError } from './problems';

const MAX_DEPTH = 64;

export interface JsonBody {
  readonly value: unknown;
  readonly bytes: number;
}

/**
 * Reads and parses the body of a request. Throws a ProblemError: unsupported_media_type, input_too_large, not_json,
 * or input_invalid where it is nested more than 64 levels deep. An empty body counts as `{}` where the schema takes that.
 */
export async function readJson(request: Request, { response, schema, maxBytes }: Reading): Promise<JsonBody> {
  const bytes = await readBytes(request, response, maxBytes);
  if (bytes.length === 0) {
    if (schema.safeParse({}).success) return { value: {}, bytes: 0 };
    throw new ProblemError('not_json', { detail: 'The body is empty. Send one JSON text in UTF-8.' });
  }
  requireJson(request);
  requireShallow(bytes);
  return { value: parse(bytes), bytes: bytes.length };
}

interface Reading {
  readonly response: Response;
  readonly schema: z.ZodType;
  readonly maxBytes: number;
}

async function readBytes(request: Request, response: Response, maxBytes: number): Promise<Buffer> {
  const read = express.raw({ type: () => true, limit: maxBytes, inflate: false });
  await new Promise<void>((resolve, reject) => {
    read(request, response, (error?: unknown) => (error === undefined ? resolve() : reject(error)));
  });
  return Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
}

function requireJson(request: Request): void {
  const [type, ...parameters] = (request.headers['content-type'] ?? '').toLowerCase().split(';');
  const charset = parameters.map((each) => each.trim()).find((each) => each.startsWith('charset='));
  const isUtf8 = charset === undefined || /^charset="?utf-?8"?$/.test(charset);
  if (type?.trim() !== 'application/json' || !isUtf8) throw new ProblemError('unsupported_media_type');
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPENING = new Set([0x5b, 0x7b]);
const CLOSING = new Set([0x5d, 0x7d]);

/** Counts brackets outside strings, without recursion, before a parser or a schema recurses into them. */
function requireShallow(bytes: Buffer): void {
  let depth = 0;
  for (let at = 0; at < bytes.length; at += 1) {
    // In UTF-8 no byte of a longer character looks like a quote or a bracket.
    const byte = bytes[at] ?? 0;
    if (byte === QUOTE) at = endOfString(bytes, at + 1);
    else if (OPENING.has(byte)) depth += 1;
    else if (CLOSING.has(byte)) depth -= 1;
    if (depth > MAX_DEPTH) {
      throw new ProblemError('input_invalid', {
        errors: [{ path: '', message: `is nested more than ${MAX_DEPTH} levels deep` }],
      });
    }
  }
}

function endOfString(bytes: Buffer, start: number): number {
  let at = start;
  while (at < bytes.length && bytes[at] !== QUOTE) at += bytes[at] === BACKSLASH ? 2 : 1;
  return at;
}

function parse(bytes: Buffer): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    // The parser's own message repeats a part of the text.
    throw new ProblemError('not_json');
  }
}
