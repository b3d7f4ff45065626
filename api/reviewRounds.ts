import { REVIEW_POLICY_BEFORE } from '../contracts/words/policy';
import { decisionsOn, everyDecisionOn, stillNeeded } from '../contracts/words/quorum';
import type { AnswerOf } from '../contracts/http/operation';
import type { review } from '../contracts/http/reviews';
import type { DecisionRecord, ReviewState, TextName } from '../contracts/words/task';
import type { StoredPolicy } from '../store/policies';
import type { ActorNames } from './actorNames';
import { shownDecision } from './shownDecision';

type ReviewAnswer = AnswerOf<typeof review>;
type Texts = Readonly<Record<string, string>>;

/** Everybody who acted on a review, for their names. */
export function actorsOf(review: ReviewState): readonly string[] {
  return review.rounds.flatMap((round) => [
    ...everyDecisionOn(round).map(({ by }) => by),
    ...(round.undone ?? []).map(({ by }) => by),
    ...(round.questions ?? []).map(({ by }) => by),
  ]);
}

/** The texts that people wrote in the rounds of a review. */
export function textsOfRounds(review: ReviewState): readonly (TextName | null)[] {
  return review.rounds.flatMap((round) => [
    ...everyDecisionOn(round).flatMap(({ note, guidance }) => [note, guidance]),
    ...(round.questions ?? []).map(({ text }) => text),
  ]);
}

export function shownRounds(review: ReviewState, texts: Texts, nameOf: ActorNames): ReviewAnswer['rounds'] {
  const shown = (decision: DecisionRecord) => ({ ...shownDecision(decision), byName: nameOf(decision.by) });
  return review.rounds.map(({ round, digest, openedAt, draft, decision, approvals, undone, questions }) => ({
    ...{ round, digest, openedAt },
    draft: draft && { version: draft.version, digest: draft.digest },
    decision: decision && shown(decision),
    approvals: (approvals ?? []).map(shown),
    undone: (undone ?? []).map(({ decision: taken, by, at }) => ({
      ...{ decision: shown(taken), by, byName: nameOf(by), at },
    })),
    questions: (questions ?? []).map(({ text, by, at, status }) => ({
      ...{ text: texts[text] ?? '', by, byName: nameOf(by), at, status },
    })),
  }));
}

/** What people wrote with what they decided. */
export function notesOfRounds(review: ReviewState, texts: Texts): ReviewAnswer['notes'] {
  return review.rounds.flatMap((round) =>
    everyDecisionOn(round).flatMap((decision) => {
      const { by, at } = decision;
      const kinds = ['note', 'guidance'] as const;
      return kinds.flatMap((kind) => {
        const text = decision[kind] === null ? undefined : texts[decision[kind]];
        return text === undefined ? [] : [{ kind, by, at, round: round.round, text }];
      });
    }),
  );
}

/** How many people the newest round needs, and how many of them are missing. */
export function neededOfReview(review: ReviewState): ReviewAnswer['needed'] {
  const round = review.rounds.at(-1);
  const needed = round?.needed ?? REVIEW_POLICY_BEFORE.approvals;
  return { ...needed, missing: stillNeeded(needed, round ? decisionsOn(round) : []).approvals };
}

/** Who may decide, and how, by the policy that the task was accepted with and what its ladder has added. */
export function decidingOf({ roles }: ReviewState, stored: StoredPolicy | null): ReviewAnswer['deciding'] {
  const { role, isClaimRequired, undoSeconds } = { ...REVIEW_POLICY_BEFORE, ...stored?.snapshot.review };
  return { roles: [...(roles ?? [role])], needsClaim: isClaimRequired, undoSeconds };
}
