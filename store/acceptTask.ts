import { sql } from 'kysely';
import type { Keyring } from '../platform/encryption/keyring';
import type { TenantTx } from './store';
import { ensureSubjectKey, type SubjectKey } from './subjectKeys';
import { TASK_ROW_COLUMNS, type TaskRow } from './taskRow';
import { sealTexts } from './texts';

export interface NewTask {
  /** From `keyring.taskId(tenant, idempotencyKey)`. */
  readonly taskId: string;
  readonly type: string;
  readonly typeVersion: number;
  readonly policyVersion: string;
  /** `keyring.blindIndex(tenant, 'body', canonicalJson(body))`: tells a reused Idempotency-Key, and nothing about the text. */
  readonly bodyHash: string;
  /** In clear; only their blind indexes are stored. The caller adds them to `texts` where they are to be shown. */
  readonly subject: string | null;
  readonly reference: string | null;
  /** 1 (most urgent) to 5. */
  readonly priority: number;
  readonly submitter: string;
  readonly isReviewRequired: boolean;
  readonly hasCallback: boolean;
  readonly createdAt: string;
  /** A gold item, which nobody posted. Default false. */
  readonly isGold?: boolean;
  /** By name, in clear: encrypted under the subject's key; a task without a subject has a key of its own. */
  readonly texts: Readonly<Record<string, string>>;
}

export interface AcceptedTask {
  readonly isNew: boolean;
  readonly task: TaskRow;
}

/**
 * Stores a task and its texts in one go. A task with the same id is left as it is and given back with `isNew: false`; compare
 * `task.bodyHash` to tell a replay from a reused key.
 */
export async function acceptTask(tx: TenantTx, keyring: Keyring, task: NewTask): Promise<AcceptedTask> {
  const subjectIndex = task.subject === null ? null : keyring.blindIndex(tx.tenant, 'subject', task.subject);
  const id = subjectIndex === null ? task.taskId : `sub_${subjectIndex}`;
  const key = await ensureSubjectKey(tx, keyring, { id, at: task.createdAt });
  const accepted = await insertTask(tx, keyring, { task, key, subjectIndex });
  if (accepted !== undefined) return { isNew: true, task: accepted };
  const existing = await tx.db
    .selectFrom('tasks')
    .select(TASK_ROW_COLUMNS)
    .where('tenant', '=', tx.tenant)
    .where('id', '=', task.taskId)
    .executeTakeFirstOrThrow();
  return { isNew: false, task: existing };
}

/** What the workflow will say of the task. */
const NOTHING_YET = {
  startedAt: null,
  run: null,
  revision: 0,
  status: 'running',
  outcome: null,
  class: null,
  classProbability: null,
  confidence: null,
  completedAt: null,
  state: null,
} as const;

interface Insert {
  readonly task: NewTask;
  readonly key: SubjectKey;
  readonly subjectIndex: string | null;
}

/** Undefined where the task is there already: whoever comes second waits for the first to commit, and then inserts nothing. */
function insertTask(tx: TenantTx, keyring: Keyring, { task, key, subjectIndex }: Insert): Promise<TaskRow | undefined> {
  const { subject: _subject, reference, texts, taskId, ...columns } = task;
  const sealed = sealTexts(keyring, texts, { tenant: tx.tenant, taskId, key });
  return tx.db
    .with('accepted', (db) =>
      db
        .insertInto('tasks')
        .values({
          ...columns,
          tenant: tx.tenant,
          id: taskId,
          subjectKeyId: key.id,
          subjectIndex,
          referenceIndex: reference === null ? null : keyring.blindIndex(tx.tenant, 'reference', reference),
          ...NOTHING_YET,
          reasons: [],
          pastRuns: [],
        })
        .onConflict((conflict) => conflict.columns(['tenant', 'id']).doNothing())
        .returning(TASK_ROW_COLUMNS),
    )
    .with('kept', (db) =>
      db
        .insertInto('texts')
        .columns(['tenant', 'taskId', 'name', 'subjectKeyId', 'nonce', 'ciphertext', 'createdAt'])
        .expression((eb) =>
          eb
            .selectFrom('accepted')
            .innerJoin(sealed.as('sealed'), (join) => join.onTrue())
            .select([
              sql<string>`${tx.tenant}`.as('tenant'),
              'accepted.id as taskId',
              'sealed.name',
              sql<string>`${key.id}`.as('subjectKeyId'),
              'sealed.nonce',
              'sealed.ciphertext',
              'accepted.createdAt',
            ]),
        ),
    )
    .selectFrom('accepted')
    .selectAll()
    .executeTakeFirst();
}
