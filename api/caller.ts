import type { Actor } from '../contracts/words/review';

/** Who makes a request, as the door that let them in knows them. */
export interface Caller {
  readonly tenant: string;
  readonly actor: Actor;
  /** `notification`: a link in an e-mail, or a button in Slack. */
  readonly via: 'api_key' | 'session' | 'notification';
  /** Of the API key, where it is by one. */
  readonly keyId?: string;
}
