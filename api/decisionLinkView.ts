import type { DraftContent } from '../contracts/digest';
import { reasonSentence } from '../contracts/reasonSentences';
import { FALLBACK_TEXT } from '../contracts/words/names';
import type { DraftRef, ReviewState, Round } from '../contracts/words/task';
import type { Keyring } from '../platform/encryption/keyring';
import type { DecisionLink } from '../platform/notify/linkTokens';
import type { TenantTx } from '../store/store';
import { readPolicy } from '../store/policies';
import { getTexts } from '../store/texts';
import type { ApiDependencies } from './dependencies';
import { nowOf } from './dependencies';
import { readReviewed } from './reviewReading';
import { decidingOf } from './reviewRounds';

/** What the page of a link shows: closed words, numbers and names of effects. No text of or about a person. */
export interface LinkView {
  readonly reviewId: string;
  readonly type: string;
  readonly class: string | null;
  readonly reasons: readonly string[];
  readonly queue: string;
  readonly dueAt: string | null;
  readonly confidence: number;
  readonly round: number;
  readonly digest: string;
  readonly hasDraft: boolean;
  /** By name; what they would be called with is about the customer. */
  readonly effects: readonly string[];
  /** Whether the draft of the link is the one that waits. */
  readonly isWaiting: boolean;
  /** Whether only the holder of its claim decides, and the member of the link is not that. */
  readonly isClaimMissing: boolean;
}

/** Throws `review_unknown`. */
export function readLinkView(dependencies: ApiDependencies, link: DecisionLink): Promise<LinkView> {
  const { store, keyring } = dependencies;
  return store.inTenant(link.tenant, async (tx) => {
    const row = await readReviewed(tx, link.reviewId);
    const review = row.state?.review ?? null;
    const round = review?.rounds.find((each) => each.round === link.round) ?? null;
    return {
      ...{ reviewId: link.reviewId, round: link.round, digest: link.digest },
      ...{ type: row.type, class: row.state?.class?.name ?? null },
      ...placeOf(review),
      ...contentOf(round),
      effects: await effectsOf(tx, keyring, { taskId: row.id, draft: round?.draft ?? null }),
      isWaiting: review !== null && isWaiting(review, link),
      isClaimMissing:
        review !== null &&
        decidingOf(review, await readPolicy(tx, row.policyVersion)).needsClaim &&
        !isHeldBy(link.memberId, review, nowOf(dependencies)),
    };
  });
}

function placeOf(review: ReviewState | null): Pick<LinkView, 'queue' | 'dueAt'> {
  return { queue: review?.queue ?? '', dueAt: review?.dueAt ?? null };
}

function contentOf(round: Round | null): Pick<LinkView, 'reasons' | 'confidence' | 'hasDraft'> {
  if (round === null) return { reasons: [], confidence: 0, hasDraft: false };
  return {
    reasons: round.reasons.map(reasonSentence),
    confidence: round.confidence.score,
    hasDraft: round.draft !== null,
  };
}

async function effectsOf(
  tx: TenantTx,
  keyring: Keyring,
  { taskId, draft }: { readonly taskId: string; readonly draft: DraftRef | null },
): Promise<readonly string[]> {
  if (draft === null || draft.text === FALLBACK_TEXT) return [];
  const text = (await getTexts(tx, keyring, { taskId, names: [draft.text] }))[draft.text];
  const { effects } = text === undefined ? { effects: [] } : (JSON.parse(text) as DraftContent);
  return [...new Set(effects.map(({ name }) => name))];
}

function isHeldBy(memberId: string, { claim }: ReviewState, now: string): boolean {
  return claim !== null && claim.by === memberId && Date.parse(claim.until) > Date.parse(now);
}

function isWaiting(review: ReviewState, { round, digest }: DecisionLink): boolean {
  const newest = review.rounds.at(-1);
  const isNewest = newest?.round === round && newest.digest === digest && newest.decision === null;
  return isNewest && review.status !== 'closed' && review.status !== 'revising';
}
