import { Client } from 'pg';
import { listOf, type Office } from './office';
import type { CountersignProcesses } from './processes';
import { reviewIdOf } from '../../contracts/words/names';

interface Doors {
  readonly office: Office;
  readonly processes: CountersignProcesses;
}

interface AuditRow {
  readonly seq: number;
  readonly kind: string;
  readonly actor: string;
  readonly at: Date;
  readonly facts: Readonly<Record<string, unknown>>;
}

/** The audit trail as it is stored, with the names of its actors. A decision's note is kept beside it: it is a text of a person. */
export async function trailOf({ office, processes }: Doors, id: string): Promise<readonly string[]> {
  const sql = 'select seq, kind, actor, at, facts from audit_entries where task_id = $1 order by seq';
  const entries = (await query(processes, { sql, values: [id] })) as readonly AuditRow[];
  const { notes } = await office.read(`GET /v1/reviews/${reviewIdOf(id)}`, { as: 'ann' });
  return entries.map((entry) => {
    const its = listOf(notes).find(({ by, at }) => by === entry.actor && at === entry.at.toISOString());
    const note = entry.kind === 'decided' ? (its?.text ?? null) : null;
    return JSON.stringify({ ...entry, actor: office.personOf(entry.actor) ?? entry.actor, note });
  });
}

/** Changes who an entry says acted, and leaves its hash. */
export async function tamperWith(
  { processes }: Doors,
  { id, place }: { readonly id: string; readonly place: 'in the middle' | 'at the end' },
): Promise<void> {
  const which = place === 'at the end' ? 'max(seq)' : 'max(seq) / 2';
  const sql = `update audit_entries set actor = 'someone else'
    where task_id = $1 and seq = (select ${which} from audit_entries where task_id = $1) returning seq`;
  const changed = await query(processes, { sql, values: [id] });
  if (changed.length !== 1) throw new Error('no entry was changed');
}

async function query(
  { store }: CountersignProcesses,
  { sql, values }: { readonly sql: string; readonly values: readonly string[] },
): Promise<readonly unknown[]> {
  const client = new Client({ connectionString: store.databaseUrl });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql, [...values])).rows;
  } finally {
    await client.end();
  }
}
