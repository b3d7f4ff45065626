import type { JsonValue } from '../contracts/digest';
import type { CheckResult } from '../contracts/words/task';
import { isSameDate } from './calendarDate';
import { CLAIM_KINDS, findClaims } from './claims';
import type { Claim, ClaimKind } from './claims';
import { jsonLeaves } from './jsonLeaves';

export interface GroundedOptions {
  readonly reply: string;
  /** What may be said: input, context, approved text. Any JSON; numbers and strings in it count. */
  readonly facts: readonly JsonValue[];
}

/** A longer reply fails unread, in UTF-16 units: nobody is answered with a book. */
const MAX_REPLY_LENGTH = 20_000;
/** Fewer digits than this are too common to take a part of a number for the number. */
const MIN_PHONE_DIGITS = 6;

/**
 * Whether every number, amount, date, time, e-mail address, URL and phone number of a reply occurs in what is known. Evidence says
 * which kinds did not, how many and where, never what. Numbers in words ("three days") are not looked at.
 */
export function grounded({ reply, facts }: GroundedOptions): Omit<CheckResult, 'name'> {
  if (reply.length > MAX_REPLY_LENGTH)
    return { passed: false, reason: 'checks_failed', evidence: { length: reply.length } };
  const unknown = ungroundedClaims(reply, facts);
  if (unknown.length === 0) return { passed: true, reason: null, evidence: {} };
  const evidence = {
    kinds: [...new Set(unknown.map(({ kind }) => kind))],
    starts: unknown.map(({ start }) => start),
    ends: unknown.map(({ end }) => end),
  };
  return { passed: false, reason: 'checks_failed', evidence };
}

/** The claims of a reply that nothing known supports, in order. */
export function ungroundedClaims(reply: string, facts: readonly JsonValue[]): Claim[] {
  const known = knownReadings(facts);
  return findClaims(reply).filter((claim) => !isKnown(claim, known));
}

interface Known {
  readonly readings: Readonly<Record<ClaimKind, ReadonlySet<string>>>;
  readonly dates: readonly string[];
  /** The digits of each known text, apart. */
  readonly digits: string;
}

function knownReadings(facts: readonly JsonValue[]): Known {
  const leaves = facts.flatMap(jsonLeaves);
  const readings = Object.fromEntries(CLAIM_KINDS.map((kind) => [kind, new Set<string>()])) as Record<
    ClaimKind,
    Set<string>
  >;
  for (const { kind, readings: found } of leaves.flatMap(findClaims))
    for (const each of found) readings[kind].add(each);
  return { readings, dates: [...readings.date], digits: leaves.map((leaf) => leaf.replace(/\D/g, '')).join(' ') };
}

function isKnown({ kind, readings }: Claim, known: Known): boolean {
  return readings.some((reading) => {
    if (kind === 'date') return known.dates.some((date) => isSameDate(reading, date));
    if (known.readings[kind].has(reading)) return true;
    // The same digits can look like a phone number in a reply and like a number or a code in a fact.
    if (kind === 'phone') return reading.length >= MIN_PHONE_DIGITS && known.digits.includes(reading);
    return kind === 'number' && known.readings.phone.has(reading);
  });
}
