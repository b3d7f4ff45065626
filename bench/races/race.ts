import { setTimeout as pause } from 'node:timers/promises';
import { reviewIdOf } from '../../contracts/words/names';
import type { Fleet } from './fleet';

const ASK_TIMEOUT_MS = 20_000;
const AGAIN_AFTER_MS = 100;
const GIVE_UP_AFTER_MS = 180_000;
const MESSAGE = 'I lost my card somewhere in town, what now?';

export interface People {
  readonly caller: string;
  readonly approver: string;
  readonly decliner: string;
}

/** What came of one race; `faults` names everything that must never be. */
export interface Race {
  /** Null: it was never accepted. */
  readonly taskId: string | null;
  readonly winner: 'approve' | 'decline' | null;
  readonly faults: readonly string[];
  /** Answers that should not be, though nothing was lost by them. */
  readonly internalErrors: number;
}

interface Answer {
  readonly status: number;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- what the product answers is what is looked at here
  readonly body: any;
}

/** One task; two people decide on it at once, one for it and one against; then everything about it is looked at. */
export class Racing {
  private internalErrors = 0;
  private taskId: string | null = null;

  constructor(
    private readonly fleet: Fleet,
    private readonly people: People,
    private readonly name: string,
  ) {}

  async run(): Promise<Race> {
    try {
      const taskId = await this.post();
      this.taskId = taskId;
      const { reviewId, digest } = await this.opened(taskId);
      const [approval, refusal] = await Promise.all([
        this.decide(reviewId, { action: 'approve', digest, as: this.people.approver }),
        this.decide(reviewId, { action: 'decline', digest, as: this.people.decliner }),
      ]);
      const told = [approval, refusal].map(({ status, body }) => `${status} ${String(body.code ?? body.action)}`);
      const task = await this.until(
        `the task ends after ${told.join(' and ')}`,
        `GET /v1/tasks/${taskId}?waitSeconds=5`,
        this.people.caller,
        {
          isFine: ({ body }) => body.status === 'completed',
        },
      );
      return this.judge({ taskId, approval, refusal, outcome: String(task.body.outcome) });
    } catch (error) {
      const { taskId, internalErrors } = this;
      return { taskId, winner: null, faults: [String(error)], internalErrors };
    }
  }

  private judge(seen: { taskId: string; approval: Answer; refusal: Answer; outcome: string }): Race {
    const { taskId, approval, refusal, outcome } = seen;
    const faults: string[] = [];
    const winners = [approval, refusal].filter(({ status }) => status === 200).length;
    if (winners !== 1) faults.push(`${winners} of two were told that their decision took effect`);
    const winner = approval.status === 200 ? 'approve' : 'decline';
    const loser = winner === 'approve' ? refusal : approval;
    if (loser.status !== 409 || loser.body.code !== 'already_decided' || loser.body.decidedAction !== winner)
      faults.push(`the loser was told ${loser.status} ${String(loser.body.code)} ${String(loser.body.decidedAction)}`);
    const expected = winner === 'approve' ? 'approved' : 'declined';
    if (outcome !== expected) faults.push(`the task ended as ${outcome}, and the winner said ${winner}`);
    const effects = this.fleet.crm.interactions.filter(({ idempotencyKey }) =>
      idempotencyKey.startsWith(taskId),
    ).length;
    const due = winner === 'approve' ? 1 : 0;
    if (effects !== due) faults.push(`${effects} effects where ${due} is due`);
    return { taskId, winner, faults, internalErrors: this.internalErrors };
  }

  private async post(): Promise<string> {
    const json = { type: 'bank-support', input: { message: MESSAGE, customerId: 'cus_1001' }, review: 'required' };
    const posted = await this.until('the task is accepted', 'POST /v1/tasks', this.people.caller, {
      json,
      key: this.name,
      isFine: ({ status }) => status === 202 || status === 200,
    });
    return String(posted.body.id);
  }

  private async opened(taskId: string): Promise<{ reviewId: string; digest: string }> {
    const reviewId = reviewIdOf(taskId);
    const { body } = await this.until('the review opens', `GET /v1/reviews/${reviewId}`, this.people.approver, {
      isFine: ({ status, body: review }) => status === 200 && review.status === 'open',
    });
    return { reviewId, digest: String(body.digest) };
  }

  /** Asked again under the same key for as long as the answer is that it is not known, as a client does. */
  private decide(
    reviewId: string,
    { action, digest, as }: { action: string; digest: string; as: string },
  ): Promise<Answer> {
    return this.until(`${action} is answered`, `POST /v1/reviews/${reviewId}/decision`, as, {
      json: { action, digest },
      key: `${action} ${this.name}`,
      isFine: ({ status }) => status === 200 || (status >= 400 && status < 500),
    });
  }

  private async until(
    what: string,
    call: string,
    as: string,
    asked: { json?: object; key?: string; isFine: (answer: Answer) => boolean },
  ): Promise<Answer> {
    const deadline = Date.now() + GIVE_UP_AFTER_MS;
    let last: Answer | null = null;
    while (Date.now() < deadline) {
      const answer = await this.ask(call, as, asked);
      if (answer?.status === 500) this.internalErrors += 1;
      if (answer && asked.isFine(answer)) return answer;
      last = answer ?? last;
      await pause(AGAIN_AFTER_MS * (0.5 + Math.random()));
    }
    throw new Error(`${what}: not within ${GIVE_UP_AFTER_MS / 1000} s; the last answer was ${JSON.stringify(last)}`);
  }

  /** Null: there was no answer, since no API was up or it was killed meanwhile. */
  private async ask(call: string, as: string, { json, key }: { json?: object; key?: string }): Promise<Answer | null> {
    const url = this.fleet.url();
    if (url === null) return null;
    const [method = 'GET', address = ''] = call.split(' ');
    try {
      const response = await fetch(url + address, {
        method,
        signal: AbortSignal.timeout(ASK_TIMEOUT_MS),
        headers: {
          authorization: `Bearer ${as}`,
          ...(json && { 'content-type': 'application/json' }),
          ...(key !== undefined && { 'idempotency-key': key }),
        },
        ...(json && { body: JSON.stringify(json) }),
      });
      return { status: response.status, body: await response.json() };
    } catch {
      return null; // Asked again by the caller: a killed process answers nothing.
    }
  }
}
