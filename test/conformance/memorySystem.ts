import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { Decision, NewTask, Person, Shown, Status, System, Told } from '../../conformance/adapter';
import { HARD_TEXT } from '../../conformance/hardText';
import type { Json } from '../../conformance/json';
import type { Outside } from '../../conformance/outside';

interface Task {
  readonly id: string;
  readonly given: NewTask;
  round: number;
  proposed: Json;
  status: Status;
  openedAt: number;
  isReminded: boolean;
  queue: string;
  taken: Decision | null;
  undoUntil: number;
  approvals: Person[];
  items: Map<number, Decision>;
  claim: { person: Person; until: number } | null;
  said: string[];
  isAsking: boolean;
  readonly trail: { text: string; seal: number }[];
  why: string;
}

/** A case whose demand is broken; where it can be broken in several ways, how. */
export interface Planted {
  readonly case: number;
  readonly how?: string;
}

const TICK_MS = 20;
const UNDO_MS = 300;
const LATE_MS = 100;
/** Tasks that case 35 starts. */
const LOAD = 60;
const SECRET = /[\w.]+@[\w.]+/g;
const REFUSED: Told = { isAccepted: false, decidedBy: null, said: 'refused' };

/**
 * A system in memory that does what the suite demands, or all but one thing of it: `planted` says the case whose demand
 * it breaks. Its tasks outlive `kill`, as if a store had them; its timers and what it was doing do not.
 */
export class MemorySystem implements System {
  private readonly tasks = new Map<string, Task>();
  private readonly answers = new Map<string, Told>();
  private readonly changed = new Set<string>();
  private readonly dismissed = new Set<Person>();
  private readonly holders = new Set<Person>(['dee']);
  private budget: number | null = null;
  private life = 0;
  private isUp = true;
  private readonly timer = setInterval(() => void this.tick(), TICK_MS);

  constructor(
    private readonly outside: Outside,
    private readonly planted: Planted | null = null,
  ) {}

  async start(given: NewTask): Promise<string> {
    const known = this.tasks.get(given.subject);
    if (known !== undefined && !this.breaks(48)) return known.id;
    if (this.breaks(38) && (given.text?.length ?? 0) > 1_000_000) throw new Error('too large');
    const task: Task = { ...EMPTY, id: given.subject, given, approvals: [], items: new Map(), said: [], trail: [] };
    this.tasks.set(task.id, task);
    void this.draft(task);
    return task.id;
  }

  async review(id: string): Promise<readonly Shown[] | null> {
    const task = this.get(id);
    if (task.status !== 'waiting' || task.isAsking) return null;
    const { why, proposed } = task;
    const open = task.given.items?.map((each, item) => ({ seen: seenOf(task), proposed: each, item, why }));
    return open?.filter(({ item }) => !task.items.has(item)) ?? [{ seen: seenOf(task), proposed, why }];
  }

  decide(id: string, decision: Decision): Promise<Told> {
    return this.decideBy('door', id, decision);
  }

  private async decideBy(surface: string, id: string, decision: Decision): Promise<Told> {
    const task = this.get(id);
    const known = this.answers.get(decision.requestKey);
    if (known !== undefined && !this.breaks(3)) return known;
    const told = this.judge(task, decision, surface);
    this.answers.set(decision.requestKey, told);
    if (told.isAccepted) await this.take(task, decision);
    return told;
  }

  async status(id: string): Promise<Status> {
    return this.get(id).status;
  }

  corrections() {
    return { valid: { text: HARD_TEXT, amount: 0.1 }, invalid: { text: 5 } };
  }

  kill(): void {
    this.isUp = false;
    this.life += 1;
  }

  async restart(): Promise<void> {
    this.isUp = true;
    for (const task of this.tasks.values()) {
      if (this.breaks(12) && task.status === 'waiting') task.round += 1;
      if (this.breaks(47) && task.status === 'waiting') task.isReminded = true;
      const isLost = (this.breaks(10) || this.breaks(44)) && task.taken !== null;
      if (task.status === 'working' && !isLost && !this.breaks(45))
        void (task.taken === null ? this.draft(task) : this.carryOut(task));
    }
  }

  deploy = (): Promise<void> => this.again(28);
  restartEngine = (): Promise<void> => this.again(13);
  restartStore = (): Promise<void> => this.again(14);

  async close(): Promise<void> {
    this.kill();
    clearInterval(this.timer);
  }

  async waiting(): Promise<readonly string[]> {
    const all = [...this.tasks.values()];
    if (this.breaks(35, 'what was decided, too')) return all.map(({ id }) => id);
    const ids = all.filter(({ status }) => status === 'waiting').map(({ id }) => id);
    const isUnderLoad = all.length < LOAD || all.some(({ status }) => status === 'working');
    if (this.breaks(35, 'not under load') && isUnderLoad) return ids.slice(1);
    return this.breaks(35) ? ids.slice(0, 20) : ids;
  }

  changeWorld(subject: string, { isAsBefore }: { readonly isAsBefore: boolean }): void {
    if (isAsBefore) this.changed.delete(subject);
    else if (!this.breaks(9)) this.changed.add(subject);
  }

  async cancel(id: string): Promise<Told> {
    if (!this.breaks(29)) this.get(id).status = 'ended';
    return accepted('cancelled');
  }

  async reset(id: string): Promise<string> {
    const task = this.get(id);
    const old = task.taken;
    task.taken = null;
    await this.draft(task);
    if (this.breaks(30) && old !== null) await this.take(task, old);
    return id;
  }

  async answer(id: string, text: string): Promise<Told> {
    const task = this.get(id);
    if (this.breaks(43)) return accepted('thank you');
    task.said.push(text);
    if (task.isAsking) void this.draft(task);
    return accepted('thank you');
  }

  async claim(
    id: string,
    { person, leaseSeconds }: { readonly person: Person; readonly leaseSeconds: number },
  ): Promise<Told> {
    const task = this.get(id);
    if (this.holder(task, person) !== null && !this.breaks(22)) return REFUSED;
    task.claim = { person, until: this.breaks(23) ? Infinity : Date.now() + leaseSeconds * 1000 };
    return accepted('yours');
  }

  async assignedTo(id: string): Promise<string> {
    return this.get(id).queue;
  }

  async trail(id: string): Promise<readonly string[]> {
    return this.get(id).trail.map(({ text }) => text);
  }

  async tamper(id: string, place: 'in the middle' | 'at the end'): Promise<void> {
    const { trail } = this.get(id);
    const entry = place === 'at the end' ? trail.at(-1) : trail[Math.floor((trail.length - 1) / 2)];
    if (entry) entry.text += ' by someone else';
  }

  async isIntact(id: string): Promise<boolean> {
    const { trail } = this.get(id);
    const looked = this.breaks(32, 'in the middle') ? trail.slice(-1) : trail;
    const isLooked = this.breaks(32, 'at the end') ? trail.slice(0, -1) : looked;
    return this.breaks(32) || isLooked.every(({ text, seal }) => text.length === seal);
  }

  async decideForged(id: string, decision: Decision): Promise<Told> {
    if (this.breaks(41, 'later')) setTimeout(() => void this.decide(id, decision), LATE_MS);
    return this.breaks(41) ? this.decide(id, decision) : REFUSED;
  }

  surfaces = (): readonly string[] => ['door', 'window'];

  async wayToDecide(surface: string, id: string, decision: Decision): Promise<() => Promise<void>> {
    const isShut = this.breaks(21, 'a window that is shut') && surface === 'window';
    return async () => void (isShut || (await this.decideBy(surface, id, decision)));
  }

  async setRole(person: Person, { isGiven }: { readonly isGiven: boolean }): Promise<void> {
    if (isGiven) this.holders.add(person);
    else this.holders.delete(person);
  }

  async decideMany(given: readonly { readonly id: string; readonly decision: Decision }[]): Promise<readonly Told[]> {
    const told: Told[] = [];
    for (const { id, decision } of given) {
      const hasFailed = told.some(({ isAccepted }) => !isAccepted);
      told.push(hasFailed && this.breaks(42) ? REFUSED : await this.decide(id, decision));
    }
    return told;
  }

  async dismiss(person: Person): Promise<void> {
    this.dismissed.add(person);
  }

  async undo(id: string): Promise<Told> {
    const task = this.get(id);
    if (!this.breaks(40)) Object.assign(task, { taken: null, status: 'waiting' });
    return accepted('undone');
  }

  async foundBy(_person: Person, id: string): Promise<string> {
    return this.breaks(33) ? id : '';
  }

  async inputSeenBy(
    id: string,
    { person, isRevealed }: { readonly person: Person; readonly isRevealed: boolean },
  ): Promise<string> {
    const { text = '' } = this.get(id).given;
    if (isRevealed && !this.breaks(34, 'unrecorded')) this.note(this.get(id), `revealed to ${person}`);
    return isRevealed || this.breaks(34) ? text : text.replaceAll(SECRET, '…');
  }

  async fetchNotificationLinks(id: string): Promise<number> {
    const task = this.get(id);
    if (this.breaks(39))
      await this.take(task, { action: 'approve', seen: seenOf(task), person: 'ann', requestKey: randomUUID() });
    return 1;
  }

  async limitCalls(calls: number | null): Promise<void> {
    if (!this.breaks(36)) this.budget = calls;
  }

  private breaks(number: number, how?: string): boolean {
    return this.planted?.case === number && this.planted.how === how;
  }

  private get(id: string): Task {
    const task = this.tasks.get(id);
    if (task === undefined || !this.isUp) throw new Error('there is nobody');
    return task;
  }

  private holder({ claim }: Task, person: Person): Person | null {
    return claim !== null && claim.person !== person && claim.until > Date.now() ? claim.person : null;
  }

  private judge(task: Task, decision: Decision, surface: string): Told {
    const { person, action, seen, output } = decision;
    const { needs, submitter } = task.given;
    if (task.taken !== null) return this.judgeLate(task, task.taken);
    if (task.status !== 'waiting') return this.breaks(5) && task.status === 'working' ? accepted('fine') : REFUSED;
    const refusals: readonly (readonly [boolean, number])[] = [
      [seen !== seenOf(task), 7],
      [action === 'correct' && !hasText(output), 25],
      [person === submitter, 19],
      [task.approvals.includes(person), 20],
      [needs === 'role' && !this.holders.has(person) && !this.isOpen(surface, 21), 21],
      [this.holder(task, person) !== null, 24],
      [this.dismissed.has(person) && !this.isOpen(surface, 49), 49],
    ];
    const isRefused = refusals.some(([holds, number]) => holds && !this.breaks(number));
    return isRefused ? REFUSED : accepted('fine');
  }

  private judgeLate(task: Task, taken: Decision): Told {
    if (this.breaks(1, 'later') || this.breaks(2, 'but acted on'))
      setTimeout(() => void this.effect(task, { decision: null, life: this.life }), LATE_MS);
    const isFree = this.breaks(1) || this.breaks(2) || (this.breaks(6) && task.status === 'ended');
    return isFree ? accepted('fine') : { ...REFUSED, decidedBy: taken.person };
  }

  /** Planted: who is refused at the door climbs in by the window. */
  private isOpen(surface: string, number: number): boolean {
    return surface === 'window' && this.breaks(number, 'by the window');
  }

  private async take(task: Task, decision: Decision): Promise<void> {
    const { action, person, note = '', item } = decision;
    if (task.status === 'working' && task.taken === null) return; // Planted: an early decision that is lost.
    if (task.taken !== null && !this.breaks(1) && !this.breaks(6)) return;
    this.note(task, this.entryOf({ person, action, note }));
    if (action === 'ask') {
      task.isAsking = true;
      if (task.said.length > 0) void this.draft(task);
    } else if (action === 'revise') void this.draft(task);
    else if (item !== undefined) await this.takeItem(task, { decision, item });
    else if (task.given.needs === 'two approvals' && task.approvals.push(person) < 2) return;
    else this.settle(task, decision);
  }

  private entryOf({ person, action, note }: { person: Person; action: string; note: string }): string {
    const at = this.breaks(31, 'when') ? new Date(0) : new Date();
    const who = this.breaks(31, 'who') ? 'somebody' : person;
    const what = this.breaks(31, 'what') ? 'decided; "approvers":0' : action;
    return `${at.toISOString()} ${who} ${what} ${this.breaks(31, 'why') || this.breaks(31) ? '' : note}`;
  }

  private settle(task: Task, decision: Decision): void {
    const isDelayed = (task.given.isUndoable === true && !this.breaks(40)) || this.breaks(44);
    const undoUntil = isDelayed ? Date.now() + UNDO_MS : 0;
    Object.assign(task, { taken: decision, status: 'working', undoUntil });
    void this.carryOut(task, decision);
  }

  private async takeItem(task: Task, { decision, item }: { decision: Decision; item: number }): Promise<void> {
    task.items.set(item, decision);
    if (decision.action === 'approve' || this.breaks(26))
      await this.call('/effect', {
        task,
        more: { performed: task.given.items?.[item] ?? null },
        key: `${task.id}:${item}`,
      });
    if (task.items.size === task.given.items?.length) task.status = 'ended';
  }

  private async draft(task: Task): Promise<void> {
    const { life } = this;
    Object.assign(task, { status: 'working', round: task.round + 1, isAsking: false });
    if (!(await this.isLetOn(task))) return;
    const said = this.breaks(43, 'and goes on without it') ? [] : task.said;
    const mayCall = this.budget === null || this.budget > 0;
    if (this.budget !== null) this.budget -= 1;
    const drafted = mayCall ? await this.call('/draft', { task, more: { said } }) : null;
    if (life !== this.life || (drafted === null && mayCall && this.breaks(37))) return;
    this.note(task, 'proposed');
    Object.assign(task, { proposed: drafted?.['proposed'] ?? null, status: 'waiting', openedAt: Date.now() });
    if (this.breaks(27) && task.given.isGated === true) void this.carryOut(task);
  }

  private async isLetOn(task: Task): Promise<boolean> {
    if (task.given.isGated !== true) return true;
    const hasPassed = (await this.call('/check', { task })) !== null;
    if (this.breaks(27, 'whatever it says')) return false;
    return hasPassed || this.breaks(27) || this.breaks(27, 'for a person');
  }

  private async carryOut(task: Task, decision: Decision | null = task.taken): Promise<void> {
    const { life } = this;
    while (Date.now() < task.undoUntil) await pause(TICK_MS);
    if (life !== this.life || (task.taken === null && decision !== null)) return;
    if (await this.goesBack(task)) return;
    if (decision?.action !== 'reject' || this.breaks(4)) await this.effect(task, { decision, life });
    if (life !== this.life) return;
    await this.call('/notice', { task, more: { kind: decision?.action === 'reject' ? 'rejected' : 'done' } });
    task.status = 'ended';
  }

  private async goesBack(task: Task): Promise<boolean> {
    const isChanged = this.changed.has(task.id);
    const why = this.breaks(9, 'as it was') ? '' : 'it has changed';
    if (isChanged) Object.assign(task, { taken: null, status: 'waiting', why });
    else if (task.why !== '' && this.breaks(9, 'twice')) await this.call('/effect', { task, key: randomUUID() });
    return isChanged || (task.why !== '' && this.breaks(9, 'and stays there'));
  }

  private async effect(task: Task, { decision, life }: { decision: Decision | null; life: number }): Promise<void> {
    const output = decision?.action === 'correct' ? (decision.output ?? null) : task.proposed;
    const performed = this.breaks(8) ? (JSON.parse(JSON.stringify(output).normalize('NFC')) as Json) : output;
    const key = this.breaks(11) ? randomUUID() : `${task.id}:effect`;
    while (life === this.life) {
      if ((await this.call('/effect', { task, more: { performed }, key })) !== null || this.breaks(46)) return;
      await pause(TICK_MS);
    }
  }

  private async tick(): Promise<void> {
    for (const task of this.isUp ? this.tasks.values() : []) {
      const { remindAfterSeconds, reassignAfterSeconds, fallbackAfterSeconds } = task.given;
      const isDue = (seconds: number | undefined): boolean =>
        seconds !== undefined && task.status === 'waiting' && Date.now() > task.openedAt + seconds * 1000;
      if (isDue(reassignAfterSeconds) && !this.breaks(16)) task.queue = 'leads';
      if (isDue(fallbackAfterSeconds) && !this.breaks(17)) {
        task.status = 'ended';
        await this.call(this.breaks(18) ? '/effect' : '/notice', { task, more: { kind: 'fallback' } });
      } else if (isDue(remindAfterSeconds) && !task.isReminded && !this.breaks(15)) {
        task.isReminded = true;
        await this.call('/notice', { task, more: { kind: 'reminder' } });
        if (this.breaks(47, 'twice')) await this.call('/notice', { task, more: { kind: 'reminder' } });
      }
    }
  }

  private async again(number: number): Promise<void> {
    this.kill();
    for (const task of this.tasks.values()) if (this.breaks(number) && task.status === 'waiting') task.status = 'ended';
    await this.restart();
  }

  private note(task: Task, text: string): void {
    task.trail.push({ text, seal: text.length });
  }

  private async call(
    path: string,
    { task, more = {}, key }: { task: Task; more?: object; key?: string },
  ): Promise<Record<string, Json> | null> {
    const headers = key === undefined ? {} : { 'idempotency-key': key };
    const body = JSON.stringify({ subject: task.given.subject, ...more });
    const response = await fetch(this.outside.url + path, { method: 'POST', headers, body }).catch(() => null);
    return response?.ok === true ? ((await response.json()) as Record<string, Json>) : null;
  }
}

const EMPTY = {
  round: 0,
  proposed: null,
  status: 'working',
  openedAt: 0,
  isReminded: false,
  queue: 'first',
  taken: null,
  undoUntil: 0,
  claim: null,
  isAsking: false,
  why: '',
} as const;

function hasText(output: Json | undefined): boolean {
  return typeof (output as { readonly text?: Json } | undefined)?.text === 'string';
}

function seenOf({ id, round }: Task): string {
  return `${id}-${round}`;
}

function accepted(said: string): Told {
  return { isAccepted: true, decidedBy: null, said };
}
