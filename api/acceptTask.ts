import type { JsonObject, JsonValue } from '../contracts/digest';
import type { postTask } from '../contracts/http/tasks';
import type { Submission } from '../contracts/submission';
import { INPUT_TEXT, PARTICULARS_TEXT } from '../contracts/words/names';
import { OutboundRefusedError, checkOutboundUrl } from '../platform/outbound';
import { acceptTask } from '../store/acceptTask';
import type { NewTask } from '../store/acceptTask';
import type { TaskRow } from '../store/taskRow';
import { readTask } from '../store/tasks';
import type { ResolvedTask } from '../tasks/resolve';
import { canonicalBody } from './canonicalBody';
import type { ApiDependencies } from './dependencies';
import { nowOf } from './dependencies';
import { ProblemError, fieldErrorsOf } from './problems';
import type { Call } from './route';

const MAX_METADATA_BYTES = 16 * 1024;

export interface Accepted {
  readonly isNew: boolean;
  readonly row: TaskRow;
}

/**
 * Validates a task and keeps it durably, once per Idempotency-Key. Throws the ProblemErrors that `postTask` declares; then
 * nothing was kept.
 */
export async function accept(
  dependencies: ApiDependencies,
  call: Call<typeof postTask>,
  key: string,
): Promise<Accepted> {
  const { store, keyring } = dependencies;
  const { tenant } = call.caller;
  const taskType = taskTypeOf(dependencies, call.body.type);
  requireValid(taskType, call);
  const task = newTask(dependencies, call, { taskId: keyring.taskId(tenant, key), taskType });
  await checkCallback(dependencies, call, task.taskId);
  const accepted = await store.inTenant(tenant, (tx) => acceptTask(tx, keyring, task));
  if (accepted.task.bodyHash !== task.bodyHash) throw new ProblemError('idempotency_key_reused');
  return { isNew: accepted.isNew, row: accepted.task };
}

function taskTypeOf({ taskTypes }: ApiDependencies, name: string): ResolvedTask {
  const found = taskTypes.get(name);
  if (found === undefined) throw new ProblemError('task_type_unknown');
  return found;
}

function requireValid(taskType: ResolvedTask, { body }: Call<typeof postTask>): void {
  const { input, metadata } = body;
  // As long as canonical JSON, which differs in the order of fields only.
  if (bytesOf(input) > taskType.maxInputBytes) {
    const detail = `The input is larger than ${taskType.maxInputBytes} bytes, the most that ${taskType.name} takes.`;
    throw new ProblemError('input_too_large', { detail });
  }
  if (metadata !== undefined && bytesOf(metadata) > MAX_METADATA_BYTES) {
    throw invalid('/metadata', `must be at most ${MAX_METADATA_BYTES} bytes of JSON`);
  }
  const checked = taskType.input.safeParse(input);
  if (!checked.success) throw new ProblemError('input_invalid', { errors: fieldErrorsOf(checked.error, '/input') });
}

function bytesOf(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value) ?? '');
}

function invalid(path: string, message: string): ProblemError {
  return new ProblemError('input_invalid', { errors: [{ path, message }] });
}

function newTask(
  dependencies: ApiDependencies,
  { caller, body, json }: Call<typeof postTask>,
  { taskId, taskType }: { taskId: string; taskType: ResolvedTask },
): NewTask {
  const { keyring, policies } = dependencies;
  const policy = policies.get(taskType.name);
  if (policy === undefined) throw new Error(`the task type ${taskType.name} has no policy`);
  const subject = body.subject ?? null;
  const reference = body.reference ?? null;
  const metadata = (body.metadata ?? null) as JsonObject | null;
  const callbackUrl = body.callbackUrl ?? null;
  const submission: Submission = { input: body.input as JsonValue, subject, reference, callbackUrl, metadata };
  return {
    taskId,
    type: taskType.name,
    typeVersion: taskType.version,
    policyVersion: policy.version,
    bodyHash: keyring.blindIndex(caller.tenant, 'body', canonicalBody(json)),
    subject,
    reference,
    priority: body.priority,
    submitter: caller.actor.id,
    isReviewRequired: body.review === 'required',
    hasCallback: callbackUrl !== null,
    createdAt: nowOf(dependencies),
    texts: {
      [INPUT_TEXT]: JSON.stringify(submission),
      [PARTICULARS_TEXT]: JSON.stringify({ subject, reference, metadata }),
    },
  };
}

/** A task that is there already is answered, wherever its callback leads by now. */
async function checkCallback(
  { store, config }: ApiDependencies,
  call: Call<typeof postTask>,
  taskId: string,
): Promise<void> {
  const { callbackUrl } = call.body;
  if (callbackUrl === undefined) return;
  const known = await store.inTenant(call.caller.tenant, (tx) => readTask(tx, taskId));
  if (known !== null) return;
  try {
    await checkOutboundUrl(callbackUrl, config.webhooks);
  } catch (error) {
    if (!(error instanceof OutboundRefusedError)) throw error;
    throw new ProblemError('callback_refused', { errors: [{ path: '/callbackUrl', message: error.message }] });
  }
}
