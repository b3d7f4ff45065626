import type { LadderPlanRequest } from '../contracts/words/steps';
import { afterBusinessSeconds, businessSecondsBetween } from '../platform/businessHours';
import { stepFailed } from './failures';

/** When each rung comes: as many business seconds after the opening as it says, and those of the pauses besides. */
export function planLadder({ hours, openedAt, pauses, afterSeconds }: LadderPlanRequest): readonly string[] {
  try {
    return afterSeconds.map((seconds) => {
      let at = afterBusinessSeconds(hours, openedAt, seconds);
      for (const { from, to } of pauses) {
        if (to === null || from >= at) continue;
        at = afterBusinessSeconds(hours, at, businessSecondsBetween(hours, from, to));
      }
      return at;
    });
  } catch (error) {
    throw stepFailed('ladder', error);
  }
}
