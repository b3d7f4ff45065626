import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { DecisionRequest } from '../../contracts/words/review';
import { ReferenceReview } from './model/referenceReview';
import {
  actorOf,
  DRAFTING_SECONDS,
  PEOPLE,
  POLICY,
  RULES,
  type Rules,
  SimulatedReview,
  SUBMITTER,
} from './model/simulatedReview';

type Action = 'approve' | 'correct' | 'decline' | 'revise';
type Deed =
  | { readonly kind: 'claim' | 'release' | 'undo' | 'ask'; readonly person: string }
  | { readonly kind: 'decide'; readonly person: string; readonly action: Action; readonly isStale: boolean }
  | { readonly kind: 'answer' | 'cancel' }
  | { readonly kind: 'pass'; readonly seconds: number };

const person = fc.constantFrom(...Object.keys(PEOPLE));
const decision = (isStale: boolean) =>
  fc.record({
    kind: fc.constant('decide' as const),
    person,
    action: fc.constantFrom<Action>('approve', 'approve', 'approve', 'correct', 'decline', 'revise'),
    isStale: fc.constant(isStale),
  });
const byPerson = (kind: 'claim' | 'release' | 'undo' | 'ask') => fc.record({ kind: fc.constant(kind), person });
const deeds: fc.Arbitrary<Deed[]> = fc.array(
  fc.oneof(
    { weight: 8, arbitrary: decision(false) },
    { weight: 1, arbitrary: decision(true) },
    { weight: 3, arbitrary: byPerson('claim') },
    { weight: 1, arbitrary: byPerson('release') },
    { weight: 3, arbitrary: byPerson('undo') },
    { weight: 2, arbitrary: byPerson('ask') },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('answer' as const) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('cancel' as const) }) },
    {
      weight: 6,
      arbitrary: fc.record({ kind: fc.constant('pass' as const), seconds: fc.integer({ min: 1, max: 70 }) }),
    },
  ),
  { minLength: 1, maxLength: 25 },
);

/** The same to both, deed by deed. Throws where they differ, or where an invariant does not hold. */
function live(rules: Rules, all: readonly Deed[]): SimulatedReview {
  const real = new SimulatedReview(rules);
  const model = new ReferenceReview();
  for (const deed of all) {
    const digest = deed.kind === 'decide' ? (deed.isStale ? 'another' : digestOf(real)) : '';
    const [answer, expected] = [doTo(real, deed, digest), expectedOf(model, deed, digest)];
    expect({ deed, answer }).toEqual({ deed, answer: expected });
    expect({ after: deed, ...viewOf(real) }).toEqual({ after: deed, ...viewOfModel(model) });
    requireInvariants(real);
  }
  return real;
}

function doTo(real: SimulatedReview, deed: Deed, digest: string): string | null {
  switch (deed.kind) {
    case 'decide':
      return real.decide(deed.person, { action: deed.action, digest });
    case 'pass':
      real.pass(deed.seconds);
      return null;
    case 'answer':
    case 'cancel':
      return real[deed.kind]();
    default:
      return real[deed.kind](deed.person);
  }
}

function expectedOf(model: ReferenceReview, deed: Deed, digest: string): string | null {
  switch (deed.kind) {
    case 'claim':
      return model.claimed(deed.person);
    case 'release':
      return model.released(deed.person);
    case 'decide':
      return model.decision(deed.person, deed.action, digest);
    case 'undo':
      return model.undone(deed.person);
    case 'ask':
      return model.question(deed.person);
    case 'answer':
      return model.answer();
    case 'cancel':
      return model.cancelled();
    case 'pass':
      model.pass(deed.seconds);
      return null;
  }
}

const digestOf = (real: SimulatedReview) => real.review.rounds.at(-1)?.digest ?? '';

function viewOf(real: SimulatedReview) {
  const { rounds, claim, ladder, roles } = real.review;
  const round = rounds.at(-1);
  return {
    round: rounds.length,
    digest: digestOf(real),
    outcome: real.outcome,
    deliveries: real.delivered.length,
    approvedBy: (round?.approvals ?? []).map(({ by }) => by).sort(),
    decidedBy: round?.decision?.by ?? null,
    isAsking: real.outcome === null && real.state.status === 'waiting_for_caller',
    holder: real.outcome === null && claim && Date.parse(claim.until) > real.nowMs ? claim.by : null,
    climbed: ladder.filter(({ doneAt }) => doneAt !== null).map(({ kind }) => kind),
    leadsMayDecide: roles?.includes('lead') ?? false,
  };
}

function viewOfModel(model: ReferenceReview) {
  return {
    round: model.round,
    digest: model.digest,
    outcome: model.outcome,
    deliveries: model.deliveries,
    approvedBy: [...model.approvedBy].sort(),
    decidedBy: model.decided?.by ?? null,
    isAsking: model.outcome === null && model.askedAt !== null,
    holder: model.outcome === null ? model.holder() : null,
    climbed: model.climbed,
    leadsMayDecide: model.leadsMayDecide,
  };
}

/** What always holds, said without the reference. */
function requireInvariants(real: SimulatedReview): void {
  const { delivered, review, outcome } = real;
  expect(delivered.length).toBeLessThanOrEqual(1);
  const round = review.rounds.at(-1);
  if (delivered[0]?.kind === 'decision') {
    const people = new Set(
      [...(round?.approvals ?? []), ...(round?.decision ? [round.decision] : [])].map(({ by }) => by),
    );
    expect(people.size).toBeGreaterThanOrEqual(2);
    expect([...people].some((each) => PEOPLE[each]?.includes('approver'))).toBe(true);
    expect(people.has(SUBMITTER)).toBe(false);
    expect(delivered[0].digest).toBe(round?.digest);
  }
  if (outcome === 'cancelled' || outcome === 'declined') expect(delivered).toEqual([]);
  const done = review.ladder.map(({ doneAt }) => doneAt);
  expect(done.indexOf(null) === -1 || done.slice(done.indexOf(null)).every((each) => each === null)).toBe(true);
}

const RUN = { seed: Number(process.env['FAST_CHECK_SEED'] ?? 20_261_124), numRuns: 2_000 };

/** Rules in which one thing is wrong, as somebody could write it. */
const FAULTS: Readonly<Record<string, Partial<Rules>>> = {
  'lets one person approve twice': {
    refuseDecision: (now, request) => {
      const refusal = RULES.refuseDecision(now, request);
      return refusal?.code === 'already_approved_by_you' ? null : refusal;
    },
  },
  'lets the submitter decide': {
    refuseDecision: (now, request) => RULES.refuseDecision({ ...now, submitter: '' }, request),
  },
  'takes the second decision for the one that counts': {
    refuseDecision: (now, request) => {
      const refusal = RULES.refuseDecision(now, request);
      return refusal?.code === 'already_decided' && request.action === 'decline' ? null : refusal;
    },
  },
  'forgets who holds the claim': {
    refuseClaim: (now, actor) => {
      const refusal = RULES.refuseClaim(now, actor);
      return refusal?.code === 'claimed_by_other' ? null : refusal;
    },
  },
  'gives a review to whoever posted the task': {
    refuseClaim: (now, actor) => RULES.refuseClaim({ ...now, submitter: '' }, actor),
  },
  'gives a review to whoever approved it already': {
    refuseClaim: (now, actor) => {
      const refusal = RULES.refuseClaim(now, actor);
      return refusal?.code === 'already_approved_by_you' ? null : refusal;
    },
  },
  'never lets a claim run out': {
    refuseDecision: (now, request) => {
      const claim = now.state.review?.claim;
      if (claim && claim.by !== request.actor.id && now.state.status === 'waiting_for_review')
        return { code: 'claimed_by_other', details: {} };
      return RULES.refuseDecision(now, request);
    },
  },
  'undoes what has left': {
    refuseUndo: (now, actor) =>
      RULES.refuseUndo({ ...now, isDelivering: false, nowMs: 0, state: { ...now.state, status: 'running' } }, actor),
  },
  'delivers before the time to undo is over': {
    turnOf: (now, unread) => RULES.turnOf({ ...now, nowMs: now.nowMs + 1_000_000 }, unread),
  },
  'counts an answer before a decision': {
    turnOf: (now, unread) => {
      const turn = RULES.turnOf(now, unread);
      return turn.kind === 'decided' && unread.length > 0 ? { kind: 'answered' } : turn;
    },
  },
  'keeps an approval of a draft that was corrected': {
    decideMove: (now, request) => {
      const made = RULES.decideMove(now, request);
      if (request.action !== 'correct' || (now.state.review?.rounds.at(-1)?.approvals ?? []).length === 0) return made;
      return {
        ...made,
        result: made.result,
        changes: RULES.decideMove(now, { ...request, action: 'approve' }).changes,
      };
    },
  },
  'lets a draft be claimed that is being replaced': {
    refuseClaim: (now, actor) => {
      const { review } = now.state;
      const isReplaced = review?.status === 'revising' && review.rounds.at(-1)?.decision === null;
      return isReplaced
        ? RULES.refuseClaim({ ...now, state: { ...now.state, review: { ...review, status: 'open' } } }, actor)
        : RULES.refuseClaim(now, actor);
    },
  },
  'climbs while the caller is waited for': {
    turnOf: (now, unread) => {
      const turn = RULES.turnOf(now, unread);
      const rung = now.state.review?.ladder.find(({ doneAt }) => doneAt === null);
      const isDue = rung !== undefined && Date.parse(rung.at) <= now.nowMs;
      return turn.kind === 'wait' && isDue && now.state.status === 'waiting_for_caller'
        ? { kind: 'climb', rung }
        : turn;
    },
  },
};

describe('a review, whatever people and time do to it', () => {
  it('says and does what the reference says', () => {
    fc.assert(
      fc.property(deeds, (all) => void live(RULES, all)),
      RUN,
    );
  });

  it.each(Object.entries(FAULTS))('and the reference finds a review that %s', (_fault, planted) => {
    const found = fc.check(
      fc.property(deeds, (all) => void live({ ...RULES, ...planted }, all)),
      RUN,
    );
    expect(found.failed).toBe(true);
  });

  it('falls back only once those who were given it back late had time for it', () => {
    const late: Deed[] = [
      { kind: 'pass', seconds: POLICY.onTimeout.kind === 'fall_back' ? POLICY.onTimeout.afterSeconds - 5 : 0 },
      { kind: 'decide', person: 'ann', action: 'revise', isStale: false },
      { kind: 'pass', seconds: POLICY.undoSeconds + DRAFTING_SECONDS },
    ];
    const waits: Deed[] = [...late, { kind: 'pass', seconds: POLICY.givenBackSeconds - 1 }];
    expect(live(RULES, waits).outcome).toBeNull();
    expect(live(RULES, [...waits, { kind: 'pass', seconds: 1 }]).outcome).toBe('fell_back');
  });

  it('is not cancelled once a decision stands, nor decided while it is cancelled, in whatever order one moment brings them', () => {
    const policy = { ...POLICY, undoSeconds: 0, approvals: { approvals: 1, approvers: 0, rule: null } };
    const { state } = new SimulatedReview(RULES, policy);
    const now = { state, policy, submitter: SUBMITTER, isDelivering: false, isCancelling: false, nowMs: 0 };
    const asked = (action: Action): DecisionRequest => ({
      ...{ id: action, actor: actorOf('ann'), reviewId: 'rev_1', round: null, digest: 'draft 1', action, output: null },
      ...{ guidance: action === 'revise' ? 'guidance' : null, note: null, reasonCode: null, correctionKind: null },
    });
    const after = (action: Action) => ({
      ...now,
      state: { ...state, ...RULES.decideMove(now, asked(action)).changes },
    });
    for (const action of ['approve', 'decline'] as const)
      expect(RULES.refuseCancellation(after(action))?.code).toBe('task_ended');
    expect(RULES.refuseCancellation(after('revise'))).toBeNull();
    expect(RULES.refuseDecision({ ...now, isCancelling: true }, asked('approve'))?.code).toBe('task_ended');
    expect(RULES.refuseDecision(now, asked('approve'))).toBeNull();
  });
});
