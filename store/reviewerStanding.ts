import { sql } from 'kysely';
import { type Accuracy, reviewerAccuracies } from '../autonomy/reviewers/accuracy';
import { missRate, type MissRate } from '../autonomy/reviewers/missRate';
import { rubberStampFlag, type WrongGold } from '../autonomy/reviewers/rubberStamp';
import { decodeCursor, type OrderKey, type Page, pageLimit, pageOf, type PageRequest } from './page';
import type { TenantTx } from './store';

/** What is known of one reviewer from their decisions. How long they take is no part of it. */
export interface ReviewerStanding {
  readonly actor: string;
  readonly decisions: number;
  /** Gold items that count, and those decided wrongly: a wrong draft that was approved, or a right one that was not. */
  readonly goldSeen: number;
  readonly goldMissed: number;
  readonly accuracy: Accuracy;
  /** From gold with a wrong draft alone. */
  readonly missRate: MissRate;
  /** Verdicts on drafts that others gave a verdict on too, counted once for each of them. */
  readonly compared: number;
  readonly agreed: number;
  /** When and why they were flagged as a rubber-stamper, by their gold of all task types; null if they are not. */
  readonly flag: { readonly since: string; readonly because: 'probation' | 'sequence' } | null;
}

/** A record as it is judged. Two records with the same item are about the same draft. */
interface VerdictRecord {
  readonly actor: string;
  readonly type: string;
  readonly item: string;
  readonly saysRight: boolean;
  readonly isRight: boolean | null;
  readonly at: string;
}

/** Of the verdicts that can be compared, so many, the newest. */
const MOST_COMPARED = 20_000;

/**
 * All who decided, by actor; of one task type if it is named, but for the flag: its promise is one for a reviewer, and looking at each of
 * several types would give an honest one as many chances to be flagged.
 */
export async function readReviewerStandings(
  tx: TenantTx,
  { type }: { readonly type?: string | undefined },
): Promise<readonly ReviewerStanding[]> {
  const decisions = await decisionsByActor(tx, type);
  const allGold = await goldRecords(tx);
  const gold = allGold.filter((record) => type === undefined || record.type === type);
  const shared = await sharedRecords(tx, type);
  // Alone on an item, which says nothing: those without gold and without comparison are in the answer too.
  const everyone = [...decisions.keys()].map((actor) => ({
    reviewer: actor,
    item: `of ${actor}`,
    saysRight: true,
    isRight: null,
  }));
  const verdicts = [...gold, ...shared].map(({ actor, type: _, ...verdict }) => ({ reviewer: actor, ...verdict }));
  const accuracies = reviewerAccuracies([...everyone, ...verdicts]);
  const agreement = agreementOf(shared);
  return [...accuracies].map(([actor, accuracy]) =>
    standingOf(actor, {
      decisions: decisions.get(actor) ?? 0,
      gold: gold.filter((record) => record.actor === actor),
      allGold: allGold.filter((record) => record.actor === actor),
      accuracy,
      ...(agreement.get(actor) ?? { compared: 0, agreed: 0 }),
    }),
  );
}

const BY_ACTOR: readonly OrderKey<ReviewerStanding>[] = [
  { name: 'actor', kind: 'text', expression: sql`actor`, isDescending: false, valueOf: ({ actor }) => actor },
];

/** A page of what was read whole, since everybody's accuracy hangs on the others'. */
export function pageOfStandings(standings: readonly ReviewerStanding[], request: PageRequest): Page<ReviewerStanding> {
  const limit = pageLimit(request);
  const sorted = [...standings].sort((a, b) => (a.actor < b.actor ? -1 : 1));
  const [behind] = request.cursor === undefined ? [''] : decodeCursor(BY_ACTOR, request.cursor);
  const rest = sorted.filter(({ actor }) => actor > String(behind));
  return pageOf(rest.slice(0, limit + 1), BY_ACTOR, limit);
}

function standingOf(
  actor: string,
  {
    gold,
    allGold,
    ...known
  }: Pick<ReviewerStanding, 'decisions' | 'accuracy' | 'compared' | 'agreed'> & {
    readonly gold: readonly VerdictRecord[];
    readonly allGold: readonly VerdictRecord[];
  },
): ReviewerStanding {
  const { atGold, because } = rubberStampFlag(whatBecameOfWrong(allGold));
  const since = atGold === null ? undefined : wrongOf(allGold)[atGold - 1]?.at;
  return {
    actor,
    ...known,
    goldSeen: gold.length,
    goldMissed: gold.filter(({ saysRight, isRight }) => saysRight !== isRight).length,
    missRate: missRate(whatBecameOfWrong(gold)),
    flag: since === undefined || because === null ? null : { since, because },
  };
}

/** Gold with a wrong draft. */
function wrongOf(gold: readonly VerdictRecord[]): readonly VerdictRecord[] {
  return gold.filter(({ isRight }) => isRight === false);
}

function whatBecameOfWrong(gold: readonly VerdictRecord[]): WrongGold[] {
  return wrongOf(gold).map(({ saysRight }) => (saysRight ? 'missed' : 'caught'));
}

async function decisionsByActor(tx: TenantTx, type: string | undefined): Promise<Map<string, number>> {
  const rows = await tx.db
    .selectFrom('reviewerRecords')
    .select(({ fn }) => ['actor', fn.countAll<number>().as('count')])
    .where('tenant', '=', tx.tenant)
    .$if(type !== undefined, (query) => query.where('type', '=', type ?? ''))
    .groupBy('actor')
    .orderBy('actor')
    .execute();
  return new Map(rows.map(({ actor, count }) => [actor, Number(count)]));
}

/** In the order in which they were decided. */
async function goldRecords(tx: TenantTx): Promise<VerdictRecord[]> {
  const { rows } = await sql<VerdictRecord>`
    select actor, type, task_id || '/' || round as item, says_right, is_right, at from reviewer_records
    where tenant = ${tx.tenant} and is_right is not null
    order by at, decision_id`.execute(tx.db);
  return rows;
}

/** On drafts that are no gold, and that more than one person gave a verdict on. */
async function sharedRecords(tx: TenantTx, type: string | undefined): Promise<VerdictRecord[]> {
  const { rows } = await sql<VerdictRecord>`
    select actor, type, task_id || '/' || round as item, says_right, is_right, at from reviewer_records one
    where tenant = ${tx.tenant} and is_right is null and ${ofType(type)} and exists (
      select from reviewer_records other where other.tenant = one.tenant and other.task_id = one.task_id
        and other.round = one.round and other.actor <> one.actor and other.is_right is null)
    order by at desc limit ${MOST_COMPARED}`.execute(tx.db);
  return rows;
}

function ofType(type: string | undefined) {
  return type === undefined ? sql`true` : sql`type = ${type}`;
}

function agreementOf(shared: readonly VerdictRecord[]): Map<string, { compared: number; agreed: number }> {
  const items = new Map<string, VerdictRecord[]>();
  for (const record of shared) items.set(record.item, [...(items.get(record.item) ?? []), record]);
  const found = new Map<string, { compared: number; agreed: number }>();
  for (const item of items.values())
    for (const { actor, saysRight } of item) {
      const others = item.filter((other) => other.actor !== actor);
      const { compared, agreed } = found.get(actor) ?? { compared: 0, agreed: 0 };
      const agreeing = others.filter((other) => other.saysRight === saysRight).length;
      found.set(actor, { compared: compared + others.length, agreed: agreed + agreeing });
    }
  return found;
}
