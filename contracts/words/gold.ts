import type { Attempt, DraftRef, GatheredContext } from './task';

/**
 * What a gold item is given in the place of what it would find out: the context and the attempt that were on the screen of whoever
 * decided on the task it is made from, and a draft that is known to be right or wrong. Which of the two, the workflow doesn't know.
 */
export interface GoldStart {
  readonly contexts: readonly GatheredContext[];
  readonly attempt: Attempt | null;
  readonly draft: DraftRef;
  /** The maker's own estimate that the draft is right given the class is, in [0, 1]. */
  readonly draftScore: number;
}

export const GOLD_DRAFTS = ['right', 'wrong'] as const;
export type GoldDraft = (typeof GOLD_DRAFTS)[number];
