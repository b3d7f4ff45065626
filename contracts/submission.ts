import type { JsonObject, JsonValue } from './digest';

/** What a caller sent, as it is kept: one encrypted text of the task, under the name `input`. */
export interface Submission {
  readonly input: JsonValue;
  readonly subject: string | null;
  readonly reference: string | null;
  readonly callbackUrl: string | null;
  readonly metadata: JsonObject | null;
}
