import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { JudgementError } from '../../autonomy/grants';
import { judge } from '../../autonomy/judge';
import type { JudgeFacts } from '../../autonomy/judge';
import type { GrantPolicy } from '../../contracts/words/policy';
import type { ReasonGiven } from '../../contracts/words/task';
import { REASONS } from '../../contracts/words/vocabulary';

const GRANT: GrantPolicy = { id: 'g1', class: 'card_lost', threshold: 0.8, auditRate: 0.05, by: 'owner' };
const EARLIER: ReasonGiven = { reason: 'checks_failed', step: 'validate', evidence: { check: 'grounded' } };

function classOf(name: string, probability = 0.95): JudgeFacts['class'] {
  return {
    name,
    probability,
    margin: 0.5,
    runnersUp: [],
    strangeness: 0.1,
    classifier: 'linear',
    calibrator: 'temperature',
  };
}

function factsOf(over: Partial<JudgeFacts> = {}): JudgeFacts {
  return {
    class: classOf('card_lost'),
    draftScore: 1,
    hasDraft: true,
    grants: [GRANT],
    never: [],
    reasons: [],
    isReviewRequired: false,
    draw: 0.5,
    ...over,
  };
}

const reasonsOf = (over: Partial<JudgeFacts>) => judge(factsOf(over)).reasons.map(({ reason }) => reason);

describe('a judgement', () => {
  it('lets a draft of a granted class leave alone above the threshold', () => {
    const { permitBy, reasons, confidence } = judge(factsOf({ draftScore: 0.9 }));
    expect({ permitBy, reasons }).toEqual({ permitBy: 'g1', reasons: [] });
    expect(confidence).toEqual({ score: 0.95 * 0.9, calibrator: 'temperature', errorBound: null });
  });

  it.each<[string, Partial<JudgeFacts>, string[]]>([
    ['a class without a grant', { grants: [] }, ['autonomy_not_earned']],
    ['a grant for another class only', { class: classOf('other') }, ['autonomy_not_earned']],
    ['confidence below the threshold', { draftScore: 0.8 }, ['low_confidence']],
    ['no draft', { hasDraft: false, draftScore: 0 }, ['low_confidence']],
    ['a score without a draft', { hasDraft: false }, ['low_confidence']],
    ['an audit draw', { draw: 0.0499 }, ['sampled_for_audit']],
    ['a class that never runs alone', { never: ['card_lost'] }, ['policy_requires_review']],
    ['a caller who wants a person', { isReviewRequired: true }, ['requested_by_caller']],
    ['an input out of scope', { class: classOf('out_of_scope') }, ['out_of_scope', 'autonomy_not_earned']],
    ['an unclear input', { class: classOf('unclear') }, ['unclear_input', 'autonomy_not_earned']],
    [
      'an input out of scope, even with a grant',
      { class: classOf('out_of_scope'), grants: [{ ...GRANT, class: 'out_of_scope' }] },
      ['out_of_scope'],
    ],
    ['a reason of an earlier step', { reasons: [EARLIER] }, ['checks_failed']],
    [
      'several reasons, earlier ones first',
      { reasons: [EARLIER], isReviewRequired: true, never: ['card_lost'], draftScore: 0.1 },
      ['checks_failed', 'requested_by_caller', 'policy_requires_review', 'low_confidence'],
    ],
    [
      'a reason that an earlier step gave already, once',
      { reasons: [{ ...EARLIER, reason: 'out_of_scope' }], class: classOf('out_of_scope') },
      ['out_of_scope', 'autonomy_not_earned'],
    ],
  ])('sends to a person for %s', (_, over, expected) => {
    expect(reasonsOf(over)).toEqual(expected);
    expect(judge(factsOf(over)).permitBy).toBeNull();
  });

  it('meets the threshold exactly, and misses the audit exactly at its rate', () => {
    expect(judge(factsOf({ class: classOf('card_lost', 0.8), draw: GRANT.auditRate })).permitBy).toBe('g1');
  });

  it('counts an audit draw only for what could have left alone', () => {
    expect(reasonsOf({ draw: 0, draftScore: 0.1 })).toEqual(['low_confidence']);
    expect(reasonsOf({ draw: 0, isReviewRequired: true })).toEqual(['requested_by_caller']);
  });

  it('has no confidence without a draft', () => {
    expect(judge(factsOf({ hasDraft: false })).confidence.score).toBe(0);
  });

  it('records with an audit what its probability was', () => {
    expect(judge(factsOf({ draw: 0.01 })).reasons).toEqual([
      { reason: 'sampled_for_audit', step: 'judge', evidence: { grant: 'g1', draw: 0.01, auditRate: 0.05 } },
    ]);
  });

  const broken = [NaN, -0.01, 1.01, Infinity, -Infinity];
  it.each<[string, (value: number) => Partial<JudgeFacts>]>([
    ['a probability', (value) => ({ class: classOf('card_lost', value) })],
    ['a score', (draftScore) => ({ draftScore })],
    ['a draw', (draw) => ({ draw })],
    ['a threshold', (threshold) => ({ grants: [{ ...GRANT, threshold }] })],
    ['an audit rate', (auditRate) => ({ grants: [{ ...GRANT, auditRate }] })],
  ])('throws for %s that is no number or out of range', (_, over) => {
    for (const value of broken) expect(() => judge(factsOf(over(value)))).toThrow(JudgementError);
  });

  it.each<[string, Partial<JudgeFacts>]>([
    ['a draw of 1', { draw: 1 }],
    ['a threshold of 0', { grants: [{ ...GRANT, threshold: 0 }] }],
    ['a grant that is never audited', { grants: [{ ...GRANT, auditRate: 0 }] }],
    ['two grants of one class', { grants: [GRANT, { ...GRANT, id: 'g2', threshold: 0.1 }] }],
  ])('throws for %s', (_, over) => {
    expect(() => judge(factsOf(over))).toThrow(JudgementError);
  });
});

describe('any judgement', () => {
  const unit = fc.double({ min: 0, max: 1, noNaN: true });
  const className = fc.constantFrom('card_lost', 'balance', 'out_of_scope', 'unclear');
  const grant = fc.record({
    id: fc.constantFrom('g1', 'g2'),
    class: className,
    threshold: fc.double({ min: 0.01, max: 1, noNaN: true }),
    auditRate: fc.double({ min: 0.01, max: 1, noNaN: true }),
    by: fc.constant('owner' as const),
  });
  const anyFacts: fc.Arbitrary<JudgeFacts> = fc.record({
    class: fc.record({ name: className, probability: unit }).map(({ name, probability }) => classOf(name, probability)),
    draftScore: unit,
    hasDraft: fc.boolean(),
    grants: fc.uniqueArray(grant, { selector: (each) => each.class, maxLength: 4 }),
    never: fc.subarray(['card_lost', 'balance', 'out_of_scope']),
    reasons: fc.array(
      fc.record({
        reason: fc.constantFrom(...REASONS),
        step: fc.constant('screen' as const),
        evidence: fc.constant({}),
      }),
      { maxLength: 2 },
    ),
    isReviewRequired: fc.boolean(),
    draw: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
  });

  it('has either a permit or a reason, never both and never neither', () => {
    fc.assert(
      fc.property(anyFacts, (facts) => {
        const { permitBy, reasons } = judge(facts);
        expect(permitBy === null).toBe(reasons.length > 0);
      }),
    );
  });

  it('permits only by a grant of this class, with a draft at or above its threshold', () => {
    fc.assert(
      fc.property(anyFacts, (facts) => {
        const { permitBy, confidence } = judge(facts);
        if (permitBy === null) return;
        const used = facts.grants.find((each) => each.id === permitBy && each.class === facts.class.name);
        expect(used && facts.hasDraft && confidence.score >= used.threshold).toBe(true);
        expect(facts.never).not.toContain(facts.class.name);
      }),
    );
  });

  it('keeps every earlier reason, first and in order', () => {
    fc.assert(
      fc.property(anyFacts, (facts) => {
        expect(judge(facts).reasons.slice(0, facts.reasons.length)).toEqual(facts.reasons);
      }),
    );
  });

  it('is never lost by a higher confidence', () => {
    fc.assert(
      fc.property(anyFacts, unit, (facts, more) => {
        if (judge(facts).permitBy === null) return;
        const draftScore = Math.max(facts.draftScore, more);
        expect(judge({ ...facts, draftScore }).permitBy).toBe(judge(facts).permitBy);
      }),
      { numRuns: 500 },
    );
  });

  it('does not change when a class that is not this one is granted', () => {
    fc.assert(
      fc.property(anyFacts, (facts) => {
        const others = facts.grants.filter((each) => each.class === facts.class.name);
        expect(judge({ ...facts, grants: others })).toEqual(judge(facts));
      }),
    );
  });
});
