import type { Keyring } from '../../platform/encryption/keyring';
import type {
  AuditEvent,
  DecisionRecord,
  ReasonGiven,
  ReviewState,
  Round,
  TaskRef,
  TaskState,
} from '../../contracts/words/task';
import { reviewIdOf } from '../../contracts/words/names';
import type { NewTask } from '../../store/acceptTask';

export const AT = '2026-03-01T10:00:00.000Z';

/** `AT` plus so many minutes. */
export function minutesLater(minutes: number): string {
  return new Date(Date.parse(AT) + minutes * 60_000).toISOString();
}

export function exampleTask(keyring: Keyring, key: string, changes: Partial<NewTask> = {}): NewTask {
  return {
    taskId: keyring.taskId('acme', key),
    type: 'bank-support',
    typeVersion: 1,
    policyVersion: 'p0123456789abcdef',
    bodyHash: keyring.blindIndex('acme', 'body', key),
    subject: 'jane@example.com',
    reference: null,
    priority: 3,
    submitter: 'key_1',
    isReviewRequired: false,
    hasCallback: false,
    createdAt: AT,
    texts: { input: 'Where is my card?' },
    ...changes,
  };
}

export function refOf(task: NewTask): TaskRef {
  return { tenant: 'acme', taskId: task.taskId, type: task.type };
}

export function exampleState(revision: number, changes: Partial<TaskState> = {}): TaskState {
  return {
    run: 'run-1',
    revision,
    status: 'running',
    outcome: null,
    language: 'en',
    class: null,
    confidence: null,
    reasons: [],
    checks: [],
    contexts: [],
    draft: null,
    permit: null,
    output: null,
    attempts: [],
    cost: { modelMicroUsd: 0, humanMicroUsd: 0, humanSeconds: 0, totalMicroUsd: 0 },
    steps: [],
    review: null,
    completedAt: null,
    ...changes,
  };
}

export function exampleClass(name: string): NonNullable<TaskState['class']> {
  return {
    name,
    probability: 0.75,
    margin: 0.5,
    runnersUp: [{ name: 'other', probability: 0.25 }],
    strangeness: 0.1,
    classifier: 'c1',
    calibrator: 'k1',
  };
}

export const LOW_CONFIDENCE: ReasonGiven = { reason: 'low_confidence', step: 'judge', evidence: { score: 0.5 } };

export function exampleRound(round: number, changes: Partial<Round> = {}): Round {
  return {
    round,
    draft: null,
    digest: `digest-${round}`,
    openedAt: AT,
    reasons: [LOW_CONFIDENCE],
    checks: [],
    confidence: { score: 0.5, calibrator: 'k1', errorBound: null },
    decision: null,
    ...changes,
  };
}

export function exampleDecision(changes: Pick<DecisionRecord, 'id' | 'by'> & Partial<DecisionRecord>): DecisionRecord {
  return {
    action: 'approve',
    at: AT,
    round: 1,
    digest: 'd',
    permitDigest: null,
    output: null,
    guidance: null,
    note: null,
    reasonCode: null,
    correctionKind: null,
    humanSeconds: 1,
    surface: 'http',
    ...changes,
  };
}

export function exampleReview(task: NewTask, changes: Partial<ReviewState> = {}): ReviewState {
  return {
    id: reviewIdOf(task.taskId),
    status: 'open',
    queue: 'support',
    openedAt: AT,
    dueAt: null,
    claim: null,
    rounds: [exampleRound(1)],
    ladder: [],
    reminders: 0,
    closedAt: null,
    closedBy: null,
    ...changes,
  };
}

export function exampleEvent(key: string, changes: Partial<AuditEvent> = {}): AuditEvent {
  return { key, at: AT, kind: 'step_ended', actor: 'workflow', facts: { step: 'screen', ms: 1.5e-7 }, ...changes };
}
