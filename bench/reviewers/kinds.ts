import { accuracyOf, type Agreement, type ReviewerEvidence } from '../../autonomy/reviewers/accuracy';
import { FIRST_DECISIONS, goldDue } from '../../autonomy/reviewers/goldSchedule';
import { rubberStampFlag, type WrongGold } from '../../autonomy/reviewers/rubberStamp';
import type { GoldDraft } from '../../contracts/words/gold';
import type { Random } from '../../models/embedded/random';

/** A way of reviewing. Seconds are there to show what a rule about speed would do; nothing else reads them. */
export interface Kind {
  readonly name: string;
  /** The chance that the right decision is taken about a draft, or that of approving whatever it is. */
  readonly habit: Habit;
  /** The decision from which on they have another habit; null if never. */
  readonly turns: { readonly at: number; readonly habit: Habit } | null;
  readonly medianSeconds: number;
}

type Habit = { readonly accuracy: number } | { readonly approves: number };

const ACCURATE: Habit = { accuracy: 0.95 };

export const HONEST: Kind = { name: 'honest, 95 %', habit: ACCURATE, turns: null, medianSeconds: 20 };

export const KINDS: readonly Kind[] = [
  HONEST,
  { name: 'honest, 90 %', habit: { accuracy: 0.9 }, turns: null, medianSeconds: 20 },
  { name: 'fast and accurate', habit: { accuracy: 0.97 }, turns: null, medianSeconds: 4 },
  { name: 'slow and bad', habit: { accuracy: 0.7 }, turns: null, medianSeconds: 60 },
  { name: 'random clicker', habit: { approves: 0.5 }, turns: null, medianSeconds: 5 },
  { name: 'rubber-stamper', habit: { approves: 1 }, turns: null, medianSeconds: 4 },
  { name: 'near-stamper', habit: { approves: 0.95 }, turns: null, medianSeconds: 25 },
  { name: 'lazy after 100', habit: ACCURATE, turns: { at: 100, habit: { approves: 1 } }, medianSeconds: 15 },
  { name: 'lazy after 5,000', habit: ACCURATE, turns: { at: 5_000, habit: { approves: 1 } }, medianSeconds: 15 },
  { name: 'nearly, after 100', habit: ACCURATE, turns: { at: 100, habit: { approves: 0.95 } }, medianSeconds: 15 },
  { name: 'nearly, after 5,000', habit: ACCURATE, turns: { at: 5_000, habit: { approves: 0.95 } }, medianSeconds: 15 },
];

/** Of drafts that are no gold, this share is wrong, and this share is decided by a colleague too, whose accuracy is known. */
const WRONG_SHARE = 0.08;
const SHARED_SHARE = 0.1;
const COLLEAGUE = 0.95;

export interface Reviewed {
  /** The decision at which they were flagged, counted from 1; null if they never were. */
  readonly flaggedAt: number | null;
  readonly evidence: ReviewerEvidence;
  readonly medianSeconds: number;
}

/** Lets one reviewer take so many decisions, with gold by the schedule. */
export function simulate(kind: Kind, { decisions, random }: { decisions: number; random: Random }): Reviewed {
  const wrongGold: { decision: number; became: WrongGold }[] = [];
  const gold = { wrong: 0, right: 0, answeredRight: 0 };
  const agreements: Agreement[] = [];
  for (let decision = 0; decision < decisions; decision++) {
    const due = dueGold(decision, { gold, random });
    const isRight = due === null ? random() >= WRONG_SHARE : due === 'right';
    const saysRight = verdictOf(kind, { decision, isRight, random });
    if (due !== null) {
      gold[due] += 1;
      gold.answeredRight += Number(saysRight === isRight);
      if (due === 'wrong') wrongGold.push({ decision, became: saysRight ? 'missed' : 'caught' });
    } else if (random() < SHARED_SHARE) {
      const colleagueSaysRight = isRight === random() < COLLEAGUE;
      agreements.push({ isAgreeing: saysRight === colleagueSaysRight, reference: COLLEAGUE });
    }
  }
  const { atGold } = rubberStampFlag(wrongGold.map(({ became }) => became));
  const flagged = atGold === null ? undefined : wrongGold[atGold - 1];
  const goldWrong = gold.wrong + gold.right - gold.answeredRight;
  return {
    flaggedAt: flagged === undefined ? null : flagged.decision + 1,
    evidence: { goldRight: gold.answeredRight, goldWrong, agreements },
    medianSeconds: kind.medianSeconds * (0.8 + 0.4 * random()),
  };
}

function dueGold(decision: number, { gold, random }: { gold: Record<GoldDraft, number>; random: Random }) {
  const isDue = (draft: GoldDraft): boolean =>
    goldDue({ draft, decisionsSoFar: decision, goldSoFar: gold[draft], draw: random() });
  return isDue('wrong') ? 'wrong' : isDue('right') ? 'right' : null;
}

interface Put {
  readonly decision: number;
  readonly isRight: boolean;
  readonly random: Random;
}

function verdictOf({ habit, turns }: Kind, { decision, isRight, random }: Put): boolean {
  const now = turns !== null && decision >= turns.at ? turns.habit : habit;
  if ('approves' in now) return random() < now.approves;
  return random() < now.accuracy ? isRight : !isRight;
}

export interface KindFigures {
  readonly name: string;
  /** The shares flagged within so many decisions of when they turned, or of their first. */
  readonly within30: number;
  readonly within130: number;
  readonly within1000: number;
  /** Decisions to the flag, from when they turned, in the median; null if fewer than half were flagged. */
  readonly medianToFlag: number | null;
  readonly meanAccuracy: number;
  /** The share whose accuracy is below 90 % by the upper end of the credible interval. */
  readonly knownBelow90: number;
  /** The share that a rule "under 8 seconds in the median" would have flagged. */
  readonly flaggedBySpeed: number;
}

const TOO_FAST_SECONDS = 8;

/** Simulates `reviewers` of a kind over 1,000 decisions, or over 1,000 from when they turn. */
export function figuresOf(kind: Kind, { reviewers, random }: { reviewers: number; random: Random }): KindFigures {
  const from = kind.turns?.at ?? 0;
  const all = Array.from({ length: reviewers }, () => simulate(kind, { decisions: from + 1_000, random }));
  const accuracies = all.map(({ evidence }) => accuracyOf(evidence));
  // Who was flagged before they turned is not a success of the test, so that only the others are asked about.
  const asked = all.filter(({ flaggedAt }) => flaggedAt === null || flaggedAt > from);
  const within = (decisions: number): number =>
    asked.filter(({ flaggedAt }) => flaggedAt !== null && flaggedAt <= from + decisions).length / asked.length;
  const delays = asked.map(({ flaggedAt }) => (flaggedAt ?? Infinity) - from).sort((a, b) => a - b);
  const median = delays[Math.floor(delays.length / 2)] ?? Infinity;
  return {
    name: kind.name,
    within30: within(FIRST_DECISIONS),
    within130: within(130),
    within1000: within(1_000),
    medianToFlag: Number.isFinite(median) ? median : null,
    meanAccuracy: accuracies.reduce((sum, { mean }) => sum + mean, 0) / all.length,
    knownBelow90: accuracies.filter(({ upperBound }) => upperBound < 0.9).length / all.length,
    flaggedBySpeed: all.filter(({ medianSeconds }) => medianSeconds < TOO_FAST_SECONDS).length / all.length,
  };
}

/** The share of honest reviewers (95 %) who are flagged at any time in so many decisions. */
export function falseFlags({ reviewers, decisions, random }: { reviewers: number; decisions: number; random: Random }) {
  let flagged = 0;
  for (let reviewer = 0; reviewer < reviewers; reviewer++)
    if (simulate(HONEST, { decisions, random }).flaggedAt !== null) flagged += 1;
  return flagged / reviewers;
}
