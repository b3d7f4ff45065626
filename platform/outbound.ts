import { lookup as systemLookup } from 'node:dns';
import type { LookupAddress } from 'node:dns';
import { request as httpRequest } from 'node:http';
import type { ClientRequest, IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { LookupFunction } from 'node:net';
import ipaddr from 'ipaddr.js';

/** All addresses of a name. Fails as `dns.lookup` does. */
export type Resolve = (host: string) => Promise<readonly LookupAddress[]>;

export interface OutboundPolicy {
  /** Private, loopback, link-local and carrier-grade NAT addresses are allowed too. Never the default. */
  readonly allowPrivateAddresses: boolean;
  /** Default: the system's resolver. */
  readonly resolve?: Resolve;
}

export type OutboundRefusal =
  'not_a_url' | 'scheme_not_allowed' | 'credentials_in_url' | 'address_not_allowed' | 'name_unknown';

const SENTENCES: Record<OutboundRefusal, string> = {
  not_a_url: 'It is not a complete URL.',
  scheme_not_allowed: 'Only http and https are allowed.',
  credentials_in_url: 'A URL must not hold a user name or password.',
  address_not_allowed:
    'It leads to a private, loopback, link-local or reserved address. An operator can allow private addresses for webhooks in the configuration.',
  name_unknown: 'Its host name does not exist.',
};

/** A URL that must not be asked. The message says why, and shows no part of the URL. */
export class OutboundRefusedError extends Error {
  override readonly name = 'OutboundRefusedError';
  constructor(readonly why: OutboundRefusal) {
    super(SENTENCES[why]);
  }
}

export interface GuardedRequest {
  readonly url: string;
  readonly method: 'GET' | 'POST';
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly policy: OutboundPolicy;
  /** Of the whole exchange, from look-up to the last byte read. */
  readonly timeoutSeconds: number;
  readonly signal?: AbortSignal;
}

export interface GuardedResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** At most 65,536 bytes of the answer, as UTF-8; the rest is not read. */
  readonly body: string;
}

const MAX_RESPONSE_BYTES = 65_536;

/**
 * Refuses a URL that must not be asked, with an OutboundRefusedError. A name server that can't be reached refuses nothing:
 * `sendGuarded` checks again, on the very addresses it connects to.
 */
export async function checkOutboundUrl(url: string, policy: OutboundPolicy): Promise<void> {
  const { hostname } = parse(url);
  const literal = literalOf(hostname);
  if (literal !== null) return refuseUnless(isAllowed(literal, policy), 'address_not_allowed');
  const addresses = await addressesOf(hostname, policy);
  refuseUnless(
    addresses.every(({ address }) => isAllowed(address, policy)),
    'address_not_allowed',
  );
}

/**
 * Sends one request and reads its answer, whatever its status. Redirects are not followed. The addresses are judged by the
 * connection's own look-up, so that a name that changes between check and connection is refused too. Throws an
 * OutboundRefusedError, or what `http.request` throws; an AbortError or TimeoutError when it took too long.
 */
export async function sendGuarded(request: GuardedRequest): Promise<GuardedResponse> {
  const url = parse(request.url);
  const literal = literalOf(url.hostname);
  if (literal !== null) refuseUnless(isAllowed(literal, request.policy), 'address_not_allowed');
  const timeout = AbortSignal.timeout(request.timeoutSeconds * 1000);
  const signal = request.signal === undefined ? timeout : AbortSignal.any([timeout, request.signal]);
  return new Promise((resolve, reject) => {
    const sent = open(url, { request, signal });
    sent.on('error', (error) => reject(signal.aborted ? signal.reason : error));
    sent.on('response', (response) => {
      read(response).then(resolve, (error: unknown) => reject(signal.aborted ? signal.reason : error));
    });
    sent.end(request.body);
  });
}

function parse(text: string): URL {
  if (!URL.canParse(text)) throw new OutboundRefusedError('not_a_url');
  const url = new URL(text);
  refuseUnless(url.protocol === 'http:' || url.protocol === 'https:', 'scheme_not_allowed');
  refuseUnless(url.username === '' && url.password === '', 'credentials_in_url');
  return url;
}

function refuseUnless(isFine: boolean, why: OutboundRefusal): void {
  if (!isFine) throw new OutboundRefusedError(why);
}

/** The address that a URL names directly. The URL parser has made 0x7f.1 and 2130706433 into 127.0.0.1 already. */
function literalOf(hostname: string): string | null {
  const bare = hostname.startsWith('[') ? hostname.slice(1, -1) : hostname;
  return ipaddr.isValid(bare) ? bare : null;
}

const PRIVATE_RANGES: ReadonlySet<string> = new Set([
  'private',
  'loopback',
  'linkLocal',
  'uniqueLocal',
  'carrierGradeNat',
]);

/** Where clouds give out credentials: refused whatever is configured. */
const METADATA_ADDRESSES: ReadonlySet<string> = new Set(['169.254.169.254', '169.254.170.2', 'fd00:ec2::254']);

/** IPv4 written as IPv6 (`::1.2.3.4`), deprecated by RFC 4291 and unknown to the ranges of ipaddr.js. */
const IPV4_COMPATIBLE = ipaddr.parseCIDR('::/96') as [ipaddr.IPv6, number];

function isAllowed(text: string, policy: OutboundPolicy): boolean {
  const address = ipaddr.process(text);
  if (METADATA_ADDRESSES.has(address.toString())) return false;
  const range = address.range();
  if (policy.allowPrivateAddresses && PRIVATE_RANGES.has(range)) return true;
  if (address.kind() === 'ipv6' && (address as ipaddr.IPv6).match(IPV4_COMPATIBLE)) return false;
  return range === 'unicast';
}

async function addressesOf(hostname: string, policy: OutboundPolicy): Promise<readonly LookupAddress[]> {
  try {
    return await (policy.resolve ?? resolveBySystem)(hostname);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOTFOUND') throw new OutboundRefusedError('name_unknown');
    return [];
  }
}

function resolveBySystem(host: string): Promise<readonly LookupAddress[]> {
  return new Promise((resolve, reject) => {
    systemLookup(host, { all: true }, (error, addresses) => (error === null ? resolve(addresses) : reject(error)));
  });
}

/** Judges what the connection is about to use. One address that is not allowed refuses the name. */
function guardedLookup(policy: OutboundPolicy): LookupFunction {
  return (hostname, options, callback) => {
    (policy.resolve ?? resolveBySystem)(hostname).then(
      (addresses) => {
        const [first] = addresses;
        const areFine = addresses.every(({ address }) => isAllowed(address, policy));
        if (first === undefined) return callback(new OutboundRefusedError('name_unknown'), '');
        if (!areFine) return callback(new OutboundRefusedError('address_not_allowed'), '');
        if (options.all === true) return callback(null, [...addresses]);
        callback(null, first.address, first.family);
      },
      (error: NodeJS.ErrnoException) => callback(error, ''),
    );
  };
}

function open(url: URL, { request, signal }: { request: GuardedRequest; signal: AbortSignal }): ClientRequest {
  const send = url.protocol === 'https:' ? httpsRequest : httpRequest;
  return send(url, {
    method: request.method,
    headers: { ...request.headers, 'content-length': Buffer.byteLength(request.body) },
    lookup: guardedLookup(request.policy),
    // A connection of its own: a pooled one could have been opened under another policy.
    agent: false,
    signal,
  });
}

async function read(response: IncomingMessage): Promise<GuardedResponse> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    chunks.push(chunk.subarray(0, MAX_RESPONSE_BYTES - bytes));
    bytes += chunk.length;
    if (bytes >= MAX_RESPONSE_BYTES) break;
  }
  response.destroy();
  return { status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks).toString('utf8') };
}
