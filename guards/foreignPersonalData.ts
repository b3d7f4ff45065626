import type { JsonValue } from '../contracts/digest';
import type { CheckResult } from '../contracts/words/task';
import { jsonLeaves } from './jsonLeaves';
import { findPersonalData } from './personalData';
import type { PersonalDataKind, PersonalDataSpan } from './personalData';
import type { PhoneRegion } from './phoneNumber';

export interface ForeignPersonalDataOptions {
  readonly reply: string;
  /** The task's own input, context and approved text: data in them may be said. */
  readonly own: readonly JsonValue[];
  /** Default: none; see `findPhoneNumbers`. */
  readonly phoneRegions?: readonly PhoneRegion[];
}

/**
 * Whether a reply holds personal data that is in none of the task's own material: someone else's, or invented. Evidence says kinds
 * and positions. Names and postal addresses are not found.
 */
export function noForeignPersonalData({
  reply,
  own,
  phoneRegions = [],
}: ForeignPersonalDataOptions): Omit<CheckResult, 'name'> {
  const found = findPersonalData(reply, { phoneRegions });
  if (found.length === 0) return { passed: true, reason: null, evidence: {} };
  const known = ownData(own.flatMap(jsonLeaves), phoneRegions);
  const foreign = found.filter((span) => !isOwn(comparableDatum(reply, span), { kind: span.kind, known }));
  if (foreign.length === 0) return { passed: true, reason: null, evidence: {} };
  const evidence = {
    kinds: [...new Set(foreign.map(({ kind }): PersonalDataKind => kind))],
    starts: foreign.map(({ start }) => start),
    ends: foreign.map(({ end }) => end),
  };
  return { passed: false, reason: 'personal_data_at_risk', evidence };
}

/** A longer field is a text, not a datum. */
const MAX_FIELD_LENGTH = 64;
/** The fewest digits in which a national phone number and its international form must agree. */
const MIN_SHARED_DIGITS = 7;

interface OwnData {
  readonly data: ReadonlySet<string>;
  readonly phones: readonly string[];
}

/** What is found in the own material, and each whole field: a CRM may hold a phone number in a form that is not found. */
function ownData(leaves: readonly string[], phoneRegions: readonly PhoneRegion[]): OwnData {
  const found = leaves.flatMap((leaf) =>
    findPersonalData(leaf, { phoneRegions }).map((span) => comparableDatum(leaf, span)),
  );
  const fields = leaves.filter(({ length }) => length <= MAX_FIELD_LENGTH).map(comparable);
  const data = new Set([...found, ...fields]);
  return { data, phones: [...data].filter((datum) => /^\d+$/.test(datum)) };
}

function isOwn(datum: string, { kind, known }: { kind: PersonalDataKind; known: OwnData }): boolean {
  if (known.data.has(datum)) return true;
  if (kind !== 'PHONE') return false;
  const national = datum.replace(/^0/, '');
  return known.phones.some((phone) => sharesEnd(phone.replace(/^0/, ''), national));
}

function sharesEnd(one: string, two: string): boolean {
  return Math.min(one.length, two.length) >= MIN_SHARED_DIGITS && (one.endsWith(two) || two.endsWith(one));
}

function comparableDatum(text: string, { start, end, kind }: PersonalDataSpan): string {
  const datum = comparable(text.slice(start, end));
  // "00" and "+" open the same international number.
  return kind === 'PHONE' ? datum.replace(/^00/, '') : datum;
}

/** Grouping and case don't make it another datum. */
function comparable(text: string): string {
  return text.toLowerCase().replace(/[\s()+/\u00a0-]/g, '');
}
