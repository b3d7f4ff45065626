import type { ErrorCode } from '../contracts/words/errorCodes';
import type { FieldError } from '../contracts/http/problem';

/** The RFC 9457 body as it came; every member but `code` may be missing when a newer server speaks. */
export interface ProblemBody {
  readonly code: ErrorCode;
  readonly status?: number;
  readonly title?: string;
  readonly detail?: string;
  readonly instance?: string;
  readonly errors?: readonly FieldError[];
  readonly decidedBy?: string;
  readonly decidedByName?: string;
  readonly decidedAction?: string;
  readonly decidedAt?: string;
  readonly claimedBy?: string;
  readonly claimedByName?: string;
  readonly claimedUntil?: string;
  readonly outcome?: string;
  readonly scope?: string;
  readonly role?: string;
  readonly undoUntil?: string;
}

/** The server did not do what was asked, and says why. */
export class ClientProblem extends Error {
  override readonly name = 'ClientProblem';
  readonly code: ErrorCode;
  readonly detail: string;

  constructor(readonly body: ProblemBody) {
    const detail = body.detail ?? body.title ?? body.code;
    super(detail);
    this.code = body.code;
    this.detail = detail;
  }
}

export function isProblem(error: unknown, code: ErrorCode): error is ClientProblem {
  return error instanceof ClientProblem && error.code === code;
}
