import type { Actor } from '../contracts/words/review';

/** Who makes a request, as the door that let them in knows them. */
export interface Caller {
  readonly tenant: string;
  readonly actor: Actor;
  readonly via: 'api_key' | 'session';
}
