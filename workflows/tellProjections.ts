import { proxySinks, type Sinks, type WorkflowInterceptors } from '@temporalio/workflow';
import type { AuditEvent, TaskRef, TaskState } from '../contracts/words/task';

/** Where what a run projects is told while its history is replayed; the history itself has only that it was done. */
export interface ProjectionSinks extends Sinks {
  readonly projections: { made(ref: TaskRef, state: TaskState, events: readonly AuditEvent[]): void };
}

/** Bundled for reading histories only (worker/historyReplayer.ts), never for the workers that do the work. */
export const interceptors = (): WorkflowInterceptors => {
  const { projections } = proxySinks<ProjectionSinks>();
  return {
    outbound: [
      {
        scheduleLocalActivity: (input, next) => {
          // The arguments are those of LocalSteps.project.
          if (input.activityType === 'project') {
            projections.made(...(input.args as Parameters<ProjectionSinks['projections']['made']>));
          }
          return next(input);
        },
      },
    ],
  };
};
