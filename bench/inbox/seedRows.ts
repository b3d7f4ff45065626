import { Client } from 'pg';

export interface Seeding {
  readonly databaseUrl: string;
  readonly tenant: string;
  /** Reviews that are not closed, and half as many that are. */
  readonly open: number;
}

/**
 * Rows of tasks and their reviews, written by the owner of the tables: a copy of a real task that waits for review, spread over
 * queues, types, classes, reasons, priorities, due times and holders, some late, some with a claim that has run out. Another tenant
 * has a tenth as many. The triggers count and group them as any.
 */
export async function seedRows({ databaseUrl, tenant, open }: Seeding): Promise<void> {
  const owner = new Client({ connectionString: databaseUrl });
  await owner.connect();
  try {
    await owner.query(`insert into tenants values ('neighbour', 'Neighbour', now()) on conflict do nothing`);
    await copyTasks(owner, { from: tenant, to: tenant, count: open + Math.round(open / 2) });
    await copyTasks(owner, { from: tenant, to: 'neighbour', count: Math.round(open / 10) });
    // As autovacuum does after so many rows, a minute later.
    for (const table of ['tasks', 'reviews', 'review_counts', 'review_groups'])
      await owner.query(`vacuum analyze ${table}`);
  } finally {
    await owner.end();
  }
}

interface Copying {
  readonly from: string;
  readonly to: string;
  readonly count: number;
}

async function copyTasks(owner: Client, { from, to, count }: Copying): Promise<void> {
  await owner.query(
    `with template as (
      select to_jsonb(tasks) as row from tasks where tenant = $1 and status = 'waiting_for_review' limit 1)
    insert into tasks select made.* from template, generate_series(1, $3::int) as i,
      lateral (select left(md5('seeded' || i), 26) as name) as named,
      lateral jsonb_populate_record(null::tasks, row || jsonb_build_object(
        'tenant', $2::text, 'id', 'tsk_' || name,
        'type', (array['bank-support', 'bank-support', 'invoice-extract', 'refund-decision'])[1 + i % 4],
        'class', 'class_' || (i % 40), 'priority', 1 + (i * 7) % 5, 'created_at', now() - i * interval '1 second',
        'state', jsonb_set(row -> 'state', '{review,id}', to_jsonb('rev_' || name)))) as made`,
    [from, to, count],
  );
  await owner.query(REVIEWS, [to]);
}

/** Times to the millisecond, as the product writes them. */
const REVIEWS = `
  insert into reviews (tenant, id, task_id, type, queue, also_queue, status, class, main_reason, reasons, confidence, priority,
    opened_at, due_at, claimed_by, claimed_until, round, digest, reminders, closed_at)
  select tenant, 'rev_' || substr(id, 5), id, type,
    case when i % 4 < 2 then 'support' when i % 4 = 2 then 'invoices' when i % 400 = 3 then 'fraud' else 'refunds' end,
    case when i % 25 = 7 then 'escalations' end,
    case when i % 3 = 0 then 'closed' when i % 33 = 1 then 'claimed' when i % 500 = 2 then 'revising'
      when i % 300 = 4 then 'waiting_for_caller' else 'open' end,
    class, reasons[1], reasons, confidence, priority, date_trunc('milliseconds', created_at),
    case when i % 5 > 0 then date_trunc('milliseconds', now()) + (hashtext(id) % 50000 + 20000) * interval '1 second' end,
    case when i % 3 > 0 and i % 33 = 1 then 'key_seeded_' || i % 50 end,
    case when i % 3 > 0 and i % 33 = 1
      then date_trunc('milliseconds', now()) + (i % 40 - 8) * interval '5 minutes' end,
    1, repeat('a', 64), 0, case when i % 3 = 0 then now() end
  from (
    select *, row_number() over (order by created_at desc) as i,
      case when hashtext(id) % 997 = 1 then array['suspected_injection'] when hashtext(id) % 7 = 0 then array['low_confidence', 'checks_failed']
        when hashtext(id) % 11 = 0 then array['out_of_scope'] else array['autonomy_not_earned'] end as reasons
    from (select tenant, id, type, class, confidence, priority, created_at from tasks
      where tenant = $1 and not exists (select from reviews r where r.tenant = tasks.tenant and r.task_id = tasks.id)) as without
  ) as numbered`;
