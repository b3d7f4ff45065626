import type { Decision, NewTask, Person, Shown, Status, System, Told, World } from '../adapter';
import { HARD_TEXT } from '../hardText';
import type { Json } from '../json';
import { dialectOf } from './dialect';
import { fieldsOf, listOf, Office } from './office';
import { CountersignProcesses } from './processes';
import { tamperWith, trailOf } from './record';
import { DEFAULT_TENANT } from '../../cli/assemble';
import { reviewIdOf, workflowIdOf } from '../../contracts/words/names';
import { decide, decideForged, decideMany, SURFACES, wayToDecide } from './surfaces';
import { BUDGET_CALLS } from './taskTypes';
import { until } from '../until';
import { variantFor } from './variants';

const TEXT = 'Please answer this request in one sentence, and keep it short.';
/** Small, so that what waits is on several pages. */
const PAGE = 25;
const STATUSES: Readonly<Record<string, Status>> = { waiting_for_review: 'waiting', completed: 'ended' };

/** This product, driven over HTTP; its engine's command line and its store's password where a case asks for them. */
export class Countersign implements System {
  readonly shortestLeaseSeconds = 10;
  private isLimited = false;

  private constructor(
    private readonly world: World,
    readonly processes: CountersignProcesses,
    readonly office: Office,
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
    const { status, body, text } = await this.office.ask(`GET /v1/reviews/${reviewIdOf(id)}`, { as: 'ann' });
    if (status === 404) return null;
    if (status !== 200) throw new Error(`the review answered ${status}: ${text}`);
    if (body.status !== 'open' && body.status !== 'claimed') return null;
    const output = fieldsOf(body['draft'])['output'] ?? null;
    const seen = String(body.digest);
    const why = listOf(body['reasons'])
      .map(({ reason }) => String(reason))
      .join(', ');
    const { lines } = fieldsOf(output);
    if (!Array.isArray(lines)) return [{ seen, proposed: output, why }];
    return (lines as readonly Json[]).map((proposed, item) => ({ seen, proposed, item, why }));
  }

  async decide(id: string, decision: Decision): Promise<Told> {
    const { person, action, guidance } = decision;
    if (action !== 'ask') return decide(this, { id, decision });
    const json = { question: guidance ?? 'Why?' };
    return this.office.told(`POST /v1/reviews/${reviewIdOf(id)}/ask`, { as: person, json });
  }

  async decideItems(id: string, decisions: readonly Decision[]): Promise<Told> {
    const [first] = decisions;
    if (first === undefined) throw new Error('there is no item to decide');
    const items = decisions.map(({ item, action }) => ({
      index: item,
      action: action === 'reject' ? 'decline' : action,
    }));
    const json = { action: 'correct', digest: first.seen, items };
    return this.office.told(`POST /v1/reviews/${reviewIdOf(id)}/decision`, {
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
      const page = await this.office.read(`GET /v1/reviews?status=open,claimed&limit=${PAGE}${cursor}`, { as: 'ann' });
      ids.push(...listOf(page.items).map(({ taskId }) => String(taskId)));
      if (!page.nextCursor) return ids;
      cursor = `&cursor=${encodeURIComponent(String(page.nextCursor))}`;
    }
  }

  async reminders(id: string): Promise<number> {
    return this.processes.mailbox.remindersOf(reviewIdOf(id));
  }

  changeWorld(subject: string, { isAsBefore }: { readonly isAsBefore: boolean }): void {
    if (isAsBefore) this.changed.delete(subject);
    else this.changed.add(subject);
  }

  cancel(id: string): Promise<Told> {
    return this.office.told(`POST /v1/tasks/${id}/cancel`, { as: 'caller', json: { reason: 'no longer needed' } });
  }

  /** With what was asked of the old run asked of the new one again, as the engine does it by itself. */
  async reset(id: string): Promise<string> {
    const what = [
      '--workflow-id',
      workflowIdOf(DEFAULT_TENANT, id),
      '--type',
      'FirstWorkflowTask',
      '--reason',
      'conformance',
    ];
    await this.processes.temporal(['workflow', 'reset', ...what]);
    return id;
  }

  answer(id: string, text: string): Promise<Told> {
    return this.office.told(`POST /v1/tasks/${id}/answers`, { as: 'caller', json: { text } });
  }

  claim(
    id: string,
    { person, leaseSeconds }: { readonly person: Person; readonly leaseSeconds: number },
  ): Promise<Told> {
    return this.office.told(`POST /v1/reviews/${reviewIdOf(id)}/claim`, { as: person, json: { leaseSeconds } });
  }

  async assignedTo(id: string): Promise<string> {
    const { queue, alsoQueue } = await this.office.read(`GET /v1/reviews/${reviewIdOf(id)}`, { as: 'ann' });
    return alsoQueue ? `${queue} and ${alsoQueue}` : String(queue);
  }

  trail(id: string): Promise<readonly string[]> {
    return trailOf(this, id);
  }

  tamper(id: string, place: 'in the middle' | 'at the end'): Promise<void> {
    return tamperWith(this, { id, place });
  }

  isIntact(id: string): Promise<boolean> {
    return this.processes.verifies(id);
  }

  decideForged(id: string, decision: Decision): Promise<Told> {
    return decideForged(this, { id, decision });
  }

  surfaces(): readonly string[] {
    return SURFACES;
  }

  async wayToDecide(surface: string, id: string, decision: Decision): Promise<() => Promise<void>> {
    const way = await wayToDecide(surface, this, { id, decision });
    return async () => void (await way());
  }

  setRole(person: Person, has: { readonly isGiven: boolean }): Promise<void> {
    return this.office.setRole(person, has);
  }

  decideMany(given: readonly { readonly id: string; readonly decision: Decision }[]): Promise<readonly Told[]> {
    return decideMany(this, given);
  }

  dismiss(person: Person): Promise<void> {
    return this.office.dismiss(person);
  }

  undo(id: string, person: Person): Promise<Told> {
    return this.office.told(`POST /v1/reviews/${reviewIdOf(id)}/undo`, { as: person });
  }

  async foundBy(person: Person, id: string): Promise<string> {
    const calls = [`GET /v1/tasks/${id}`, `GET /v1/tasks/${id}/timeline`, `GET /v1/reviews/${reviewIdOf(id)}`];
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
    const call = `GET /v1/reviews/${reviewIdOf(id)}?reveal=${String(isRevealed)}`;
    return JSON.stringify((await this.office.read(call, { as: person }))['input']);
  }

  async fetchNotificationLinks(id: string): Promise<number> {
    const links = await until('a notification', () => this.processes.mailbox.linksAbout(reviewIdOf(id)), {
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
}
