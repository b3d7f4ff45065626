import { Client } from 'pg';
import type { Decision, NewTask, Person, Shown, Status, System, Told, World } from '../adapter';
import { HARD_TEXT } from '../hardText';
import type { Json } from '../json';
import { dialectOf } from './dialect';
import { type Answer, fieldsOf, listOf, Office } from './office';
import { CountersignProcesses } from './processes';
import { bodyOf, reviewOf, workflowOf } from './requests';
import { BUDGET_CALLS } from './taskTypes';
import { until } from '../until';
import { variantFor } from './variants';

const TEXT = 'Please answer this request in one sentence, and keep it short.';
const STATUSES: Readonly<Record<string, Status>> = { waiting_for_review: 'waiting', completed: 'ended' };

/** This product, driven over HTTP; its engine's command line and its store's password where a case asks for them. */
export class Countersign implements System {
  readonly shortestLeaseSeconds = 10;
  private isLimited = false;

  private constructor(
    private readonly world: World,
    private readonly processes: CountersignProcesses,
    private readonly office: Office,
    private readonly changed: Set<string>,
  ) {}

  static async open(world: World): Promise<Countersign> {
    const changed = new Set<string>();
    world.outside.speak(dialectOf(changed));
    const processes = await CountersignProcesses.open(world);
    const office = await Office.open(() => processes.ways);
    return new Countersign(world, processes, office, changed);
  }

  async start(task: NewTask): Promise<string> {
    const { subject, items, text = TEXT, submitter = 'caller' } = task;
    const json = {
      type: this.isLimited ? 'conformance-budget' : variantFor(task),
      input: { subject, text, ...(items === undefined ? {} : { items }) },
      callbackUrl: `${this.world.outside.url}/webhook/${subject}`,
    };
    return String((await this.office.read('POST /v1/tasks', { as: submitter, json, idempotencyKey: subject })).id);
  }

  async review(id: string): Promise<readonly Shown[] | null> {
    const { status, body, text } = await this.office.ask(`GET /v1/reviews/${reviewOf(id)}`, { as: 'ann' });
    if (status === 404) return null;
    if (status !== 200) throw new Error(`the review answered ${status}: ${text}`);
    if (body.status !== 'open' && body.status !== 'claimed') return null;
    const output = fieldsOf(body['draft'])['output'] ?? null;
    const seen = String(body.digest);
    const { lines } = fieldsOf(output);
    if (!Array.isArray(lines)) return [{ seen, proposed: output }];
    return (lines as readonly Json[]).map((proposed, item) => ({ seen, proposed, item }));
  }

  async decide(id: string, decision: Decision): Promise<Told> {
    const { person, action, guidance, requestKey } = decision;
    if (action === 'ask')
      return this.told(`POST /v1/reviews/${reviewOf(id)}/ask`, { as: person, json: { question: guidance ?? 'Why?' } });
    const json = bodyOf({ ...decision, action });
    return this.told(`POST /v1/reviews/${reviewOf(id)}/decision`, { as: person, json, idempotencyKey: requestKey });
  }

  async decideItems(id: string, decisions: readonly Decision[]): Promise<Told> {
    const [first] = decisions;
    if (first === undefined) throw new Error('there is no item to decide');
    const items = decisions.map(({ item, action }) => ({
      index: item,
      action: action === 'reject' ? 'decline' : action,
    }));
    const json = { action: 'correct', digest: first.seen, items };
    return this.told(`POST /v1/reviews/${reviewOf(id)}/decision`, {
      as: first.person,
      json,
      idempotencyKey: first.requestKey,
    });
  }

  async status(id: string): Promise<Status> {
    const { status } = await this.office.read(`GET /v1/tasks/${id}`, { as: 'caller' });
    return STATUSES[String(status)] ?? 'working';
  }

  corrections(): { valid: Json; invalid: Json } {
    return { valid: { text: HARD_TEXT, amount: 0.1 }, invalid: { text: 5 } };
  }

  kill(): void {
    this.processes.kill();
  }

  restart(): Promise<void> {
    return this.processes.start();
  }

  async deploy(): Promise<void> {
    await this.processes.stop();
    await this.processes.start();
  }

  restartEngine(): Promise<void> {
    return this.processes.restartEngine();
  }

  restartStore(): Promise<void> {
    return this.processes.store.restart();
  }

  close(): Promise<void> {
    return this.processes.close();
  }

  async waiting(): Promise<readonly string[]> {
    const ids: string[] = [];
    let cursor = '';
    for (;;) {
      const page = await this.office.read(`GET /v1/reviews?status=open,claimed&limit=200${cursor}`, { as: 'ann' });
      ids.push(...listOf(page.items).map(({ taskId }) => String(taskId)));
      if (!page.nextCursor) return ids;
      cursor = `&cursor=${encodeURIComponent(String(page.nextCursor))}`;
    }
  }

  async reminders(id: string): Promise<number> {
    return Number((await this.office.read(`GET /v1/reviews/${reviewOf(id)}`, { as: 'ann' })).reminders);
  }

  changeWorld(subject: string): void {
    this.changed.add(subject);
  }

  cancel(id: string): Promise<Told> {
    return this.told(`POST /v1/tasks/${id}/cancel`, { as: 'caller', json: { reason: 'no longer needed' } });
  }

  /** With what was asked of the old run asked of the new one again, as the engine does it by itself. */
  async reset(id: string): Promise<string> {
    const what = ['--workflow-id', workflowOf(id), '--type', 'FirstWorkflowTask', '--reason', 'conformance'];
    await this.processes.temporal(['workflow', 'reset', ...what]);
    return id;
  }

  answer(id: string, text: string): Promise<Told> {
    return this.told(`POST /v1/tasks/${id}/answers`, { as: 'caller', json: { text } });
  }

  claim(
    id: string,
    { person, leaseSeconds }: { readonly person: Person; readonly leaseSeconds: number },
  ): Promise<Told> {
    return this.told(`POST /v1/reviews/${reviewOf(id)}/claim`, { as: person, json: { leaseSeconds } });
  }

  async assignedTo(id: string): Promise<string> {
    const { queue, alsoQueue } = await this.office.read(`GET /v1/reviews/${reviewOf(id)}`, { as: 'ann' });
    return alsoQueue ? `${queue} and ${alsoQueue}` : String(queue);
  }

  /** What the API tells of it, and the audit trail as it is stored. */
  async trail(id: string): Promise<string> {
    const parts = await Promise.all([
      this.office.ask(`GET /v1/reviews/${reviewOf(id)}`, { as: 'ann' }),
      this.office.ask(`GET /v1/tasks/${id}/timeline`, { as: 'caller' }),
    ]);
    const sql = 'select kind, actor, at, facts from audit_entries where task_id = $1 order by seq';
    return [...parts.map(({ text }) => text), JSON.stringify(await this.query(sql, [id]))].join('\n');
  }

  async tamper(id: string): Promise<void> {
    const sql = `update audit_entries set actor = 'someone else' where task_id = $1 and seq = (select max(seq) from audit_entries where task_id = $1)`;
    await this.query(sql, [id]);
  }

  isIntact(id: string): Promise<boolean> {
    return this.processes.verifies(id);
  }

  async decideForged(id: string, decision: Decision): Promise<Told> {
    const as = { key: `cs_${'0'.repeat(40)}` };
    const told = await this.told(`POST /v1/reviews/${reviewOf(id)}/decision`, { as, json: bodyOf(decision) });
    const input = JSON.stringify(`${'e30'.repeat(20)}.${'0'.repeat(43)}`);
    await this.signal(id, input);
    return { ...told, said: 'a key and a token that nobody gave out were refused' };
  }

  surfaces(): readonly string[] {
    return ['HTTP', 'bulk', 'signal'];
  }

  async decideBy(surface: string, id: string, decision: Decision): Promise<Told> {
    if (surface === 'HTTP') return this.decide(id, decision);
    if (surface === 'bulk')
      return (await this.decideMany([{ id, decision }]))[0] ?? { isAccepted: false, decidedBy: null, said: '' };
    const call = `POST /v1/reviews/${reviewOf(id)}/decision-tokens`;
    const { status, body, text } = await this.office.ask(call, { as: decision.person, json: bodyOf(decision) });
    if (status === 201) await this.signal(id, JSON.stringify(body['token']));
    return { isAccepted: status === 201, decidedBy: null, said: text };
  }

  async decideMany(given: readonly { readonly id: string; readonly decision: Decision }[]): Promise<readonly Told[]> {
    const decisions = given.map(({ id, decision }) => ({ ...bodyOf(decision), reviewId: reviewOf(id) }));
    const as = given[0]?.decision.person ?? 'ann';
    const { results } = await this.office.read('POST /v1/reviews/decisions', { as, json: { decisions } });
    return listOf(results).map((result) => ({
      isAccepted: Number(result.status) === 200,
      decidedBy: null,
      said: JSON.stringify(result),
    }));
  }

  /** The API looks a key up again within five seconds. */
  async dismiss(person: Person): Promise<void> {
    await this.office.revokeKeyOf(person);
    await until('the end of a key', () => this.office.ask('GET /v1/reviews', { as: person }), {
      isFine: ({ status }) => status === 401,
    });
  }

  undo(id: string, person: Person): Promise<Told> {
    return this.told(`POST /v1/reviews/${reviewOf(id)}/undo`, { as: person });
  }

  async foundBy(person: Person, id: string): Promise<string> {
    const calls = [`GET /v1/tasks/${id}`, `GET /v1/tasks/${id}/timeline`, `GET /v1/reviews/${reviewOf(id)}`];
    const byId = await Promise.all(calls.map((call) => this.office.ask(call, { as: person })));
    const lists = await Promise.all(
      ['GET /v1/tasks?limit=200', 'GET /v1/reviews?limit=200'].map((call) => this.office.read(call, { as: person })),
    );
    const found = byId.filter(({ status }) => status !== 404).map(({ text }) => text);
    return [...found, ...lists.flatMap(({ items }) => listOf(items)).map((item) => JSON.stringify(item))].join('\n');
  }

  async inputSeenBy(
    id: string,
    { person, isRevealed }: { readonly person: Person; readonly isRevealed: boolean },
  ): Promise<string> {
    const as = isRevealed ? 'dee' : person;
    const call = `GET /v1/reviews/${reviewOf(id)}?reveal=${String(isRevealed)}`;
    return JSON.stringify((await this.office.read(call, { as }))['input']);
  }

  async fetchNotificationLinks(id: string): Promise<number> {
    const links = await until('a notification', () => this.processes.mailbox.linksAbout(reviewOf(id)), {
      isFine: ({ length }) => length > 0,
    });
    await Promise.all(links.flatMap((link) => [fetch(link), fetch(link, { method: 'HEAD' })]));
    return links.length;
  }

  /** A task type whose definition has the budget stands for it. */
  async limitCalls(calls: number | null): Promise<void> {
    if (calls !== null && calls !== BUDGET_CALLS)
      throw new Error(`there is no task type with a budget of ${calls} calls`);
    this.isLimited = calls !== null;
  }

  private signal(id: string, input: string): Promise<string> {
    const what = ['--workflow-id', workflowOf(id), '--name', 'decide', '--input', input];
    return this.processes.temporal(['workflow', 'signal', ...what]);
  }

  private async told(call: string, asking: Parameters<Office['ask']>[1]): Promise<Told> {
    return this.toldBy(await this.office.ask(call, asking));
  }

  private toldBy({ status, body, text }: Answer): Told {
    const isAccepted = status === 200 || (status === 202 && body['code'] === undefined);
    const decidedBy = this.office.personOf(body['decidedBy']);
    // A request is told apart by its id; the rest of the answer is what is said.
    const said = isAccepted ? JSON.stringify(body['decision'] ?? text) : text;
    return { isAccepted, decidedBy, said };
  }

  private async query(sql: string, values: readonly string[]): Promise<readonly unknown[]> {
    const client = new Client({ connectionString: this.processes.store.databaseUrl });
    await client.connect();
    try {
      return (await client.query(sql, [...values])).rows;
    } finally {
      await client.end();
    }
  }
}
