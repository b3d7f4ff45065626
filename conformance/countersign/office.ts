import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { Person, Told } from '../adapter';
import type { Json } from '../json';
import type { Doors } from './processes';

export interface Answer {
  readonly status: number;
  readonly body: Body;
  readonly text: string;
}

/** The fields of an answer's JSON. */
export type Body = Readonly<Record<string, Json>>;

export function fieldsOf(value: Json | undefined): Body {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Body) : {};
}

export function listOf(value: Json | undefined): readonly Body[] {
  return Array.isArray(value) ? (value as readonly Body[]) : [];
}

export interface Asking {
  readonly as: Person | 'caller' | 'admin' | { readonly key: string };
  readonly json?: object;
  readonly idempotencyKey?: string;
}

/** How long the API may know of a key what it knew before. */
const KNOWN_FOR_MS = 5_500;

const ROLES: Readonly<Partial<Record<Person, readonly string[]>>> = {
  sam: ['submitter', 'reviewer'],
  ann: ['reviewer'],
  bob: ['reviewer'],
  cat: ['reviewer'],
  dee: ['reviewer', 'approver', 'lead'],
};

/** The people of an installation, each with a key of their own, and what they ask of its API. */
export class Office {
  private readonly keys = new Map<string, string>();
  private readonly ids = new Map<Person, string>();
  private readonly names = new Map<string, Person>();

  private constructor(private readonly doors: () => Doors) {}

  static async open(doors: () => Doors): Promise<Office> {
    const office = new Office(doors);
    const { callerApiKey, adminApiKey, otherTenantsKey } = doors();
    for (const [who, key] of Object.entries({ caller: callerApiKey, admin: adminApiKey, zoe: otherTenantsKey }))
      office.keys.set(who, key);
    for (const [name, roles] of Object.entries(ROLES)) await office.employ(name as Person, roles);
    return office;
  }

  get url(): string {
    return this.doors().baseUrl;
  }

  /** Throws what `fetch` throws while the API is away. */
  async ask(call: string, { as, json, idempotencyKey }: Asking): Promise<Answer> {
    const [method = 'GET', path = '/'] = call.split(' ');
    const key = typeof as === 'string' ? this.keys.get(as) : as.key;
    const response = await fetch(this.url + path, {
      method,
      headers: {
        authorization: `Bearer ${key ?? ''}`,
        ...(json === undefined ? {} : { 'content-type': 'application/json' }),
        ...(method === 'POST' ? { 'idempotency-key': idempotencyKey ?? randomUUID() } : {}),
      },
      ...(json === undefined ? {} : { body: JSON.stringify(json) }),
    });
    const text = await response.text();
    return { status: response.status, text, body: fieldsOf(text === '' ? {} : (JSON.parse(text) as Json)) };
  }

  /** The body of an answer that must be a success. */
  async read(call: string, asking: Asking): Promise<Body> {
    const { status, body, text } = await this.ask(call, asking);
    if (status >= 300) throw new Error(`${call} answered ${status}: ${text}`);
    return body;
  }

  /** Asks for something that a person decides or does, and reads what they were told. */
  async told(call: string, asking: Asking): Promise<Told> {
    const { status, body, text } = await this.ask(call, asking);
    const isAccepted = status === 200 || (status === 202 && body['code'] === undefined);
    // A request is told apart by its id; the rest of the answer is what is said.
    const said = isAccepted ? JSON.stringify(body['decision'] ?? text) : text;
    return { isAccepted, decidedBy: this.personOf(body['decidedBy']), said };
  }

  /** With the role that tasks can ask for besides the one to review, or without. */
  async setRole(person: Person, { isGiven }: { readonly isGiven: boolean }): Promise<void> {
    const roles = [...(ROLES[person] ?? []), ...(isGiven ? ['approver'] : [])];
    await this.read(`PATCH /v1/members/${this.ids.get(person) ?? ''}`, { as: 'admin', json: { roles } });
    await pause(KNOWN_FOR_MS);
  }

  /** Their keys go with them. */
  async dismiss(person: Person): Promise<void> {
    await this.read(`DELETE /v1/members/${this.ids.get(person) ?? ''}`, { as: 'admin' });
    await pause(KNOWN_FOR_MS);
  }

  personOf(memberId: Json | undefined): Person | null {
    return this.names.get(String(memberId)) ?? null;
  }

  private async employ(name: Person, roles: readonly string[]): Promise<void> {
    const { id = null } = await this.read('POST /v1/members', {
      as: 'admin',
      json: { name, roles, email: addressOf(name), slackUserId: slackIdOf(name) },
    });
    const { key } = await this.read('POST /v1/api-keys', { as: 'admin', json: { name, memberId: id } });
    this.names.set(String(id), name);
    this.keys.set(name, String(key));
    this.ids.set(name, String(id));
  }
}

export function addressOf(person: Person): string {
  return `${person}@example.com`;
}

export function slackIdOf(person: Person): string {
  return `U0${person.toUpperCase()}`;
}
