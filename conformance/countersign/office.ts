import { randomUUID } from 'node:crypto';
import type { Person } from '../adapter';
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

const ROLES: Readonly<Record<Exclude<Person, 'zoe'>, readonly string[]>> = {
  sam: ['submitter', 'reviewer'],
  ann: ['reviewer'],
  bob: ['reviewer'],
  cat: ['reviewer'],
  dee: ['reviewer', 'approver', 'lead'],
};

/** The people of an installation, each with a key of their own, and what they ask of its API. */
export class Office {
  private readonly keys = new Map<string, string>();
  private readonly keyIds = new Map<Person, string>();
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

  /** Throws what `fetch` throws while the API is away. */
  async ask(call: string, { as, json, idempotencyKey }: Asking): Promise<Answer> {
    const [method = 'GET', path = '/'] = call.split(' ');
    const key = typeof as === 'string' ? this.keys.get(as) : as.key;
    const response = await fetch(this.doors().baseUrl + path, {
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

  async revokeKeyOf(person: Person): Promise<void> {
    await this.read(`DELETE /v1/api-keys/${this.keyIds.get(person) ?? ''}`, { as: 'admin' });
  }

  personOf(memberId: Json | undefined): Person | null {
    return this.names.get(String(memberId)) ?? null;
  }

  private async employ(name: Person, roles: readonly string[]): Promise<void> {
    const { id = null } = await this.read('POST /v1/members', {
      as: 'admin',
      json: { name, roles, email: `${name}@example.com` },
    });
    const { key, id: keyId } = await this.read('POST /v1/api-keys', { as: 'admin', json: { name, memberId: id } });
    this.names.set(String(id), name);
    this.keys.set(name, String(key));
    this.keyIds.set(name, String(keyId));
  }
}
