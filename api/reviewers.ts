import { assertNever } from '../contracts/words/assertNever';
import type { AnswerOf } from '../contracts/http/operation';
import { listReviewers } from '../contracts/http/reviewers';
import type { reviewer } from '../contracts/http/reviewers';
import { type ReviewerStanding, pageOfStandings, readReviewerStandings } from '../store/reviewerStanding';
import { readActorNames } from './actorNames';
import type { ActorNames } from './actorNames';
import type { ApiDependencies } from './dependencies';
import { mount } from './route';
import type { Call, Door } from './route';

export function mountReviewers(door: Door, dependencies: ApiDependencies): void {
  mount(door, listReviewers, (call) => list(dependencies, call));
}

async function list({ store }: ApiDependencies, { caller, query }: Call<typeof listReviewers>) {
  const { page, nameOf } = await store.inTenant(caller.tenant, async (tx) => {
    const found = pageOfStandings(await readReviewerStandings(tx, query), query);
    return {
      page: found,
      nameOf: await readActorNames(
        tx,
        found.items.map(({ actor }) => actor),
      ),
    };
  });
  const items = page.items.map((standing) => shownReviewer(standing, nameOf));
  return { status: 200 as const, body: { items, nextCursor: page.nextCursor } };
}

function shownReviewer(standing: ReviewerStanding, nameOf: ActorNames): AnswerOf<typeof reviewer> {
  const { actor, decisions, goldSeen, goldMissed, accuracy, missRate, compared, agreed, flag } = standing;
  const { mean, lowerBound, upperBound } = accuracy;
  return {
    actor,
    name: nameOf(actor),
    decisions,
    goldSeen,
    goldMissed,
    accuracy: { mean, lowerBound, upperBound },
    missRate: { mean: missRate.mean, upperBound: missRate.upperBound },
    agreementRate: compared === 0 ? null : agreed / compared,
    isFlagged: flag !== null,
    flaggedSince: flag?.since ?? null,
    flaggedBecause: flag && sentenceOf(flag.because),
  };
}

function sentenceOf(because: 'probation' | 'sequence'): string {
  switch (because) {
    case 'probation':
      return 'They approved two of the first four gold items with a wrong draft.';
    case 'sequence':
      return 'They approved more gold items with a wrong draft than somebody does who misses one in twenty.';
    default:
      return assertNever(because);
  }
}
