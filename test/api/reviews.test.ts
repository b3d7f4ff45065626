import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { workflowIdOf } from '../../contracts/words/names';
import { readAudit } from '../../store/audit';
import { TENANT, ask, eventually, newKey, startTestApi } from './testApi';
import type { TestApi } from './testApi';
import { startWorker } from './testWorker';

let api: TestApi;
/** Posts and reads. */
let key: string;
/** Two people who decide. */
let ann: string;
let bob: string;

beforeAll(async () => {
  api = await startTestApi({ worker: startWorker });
  key = await api.key();
  ann = await api.key(['reviews:read', 'reviews:decide']);
  bob = await api.key(['reviews:read', 'reviews:decide']);
});
afterAll(() => api.close());

const NOTE = { type: 'note-reply', input: { message: 'Is it open on Sunday? Write to jane@example.com.' } };

interface Opened {
  readonly taskId: string;
  readonly reviewId: string;
  readonly digest: string;
}

/** Posts a task and waits until it is put to review. */
async function opened(json: object = NOTE): Promise<Opened> {
  const { id } = (await ask(api, 'POST /v1/tasks', { key, json })).body;
  const read = () => ask(api, `GET /v1/tasks/${id}`, { key });
  const { body } = await eventually(read, (answer) => answer.body.status === 'waiting_for_review');
  return { taskId: id, reviewId: body.review.id, digest: body.draft.digest };
}

const decide = ({ reviewId, digest }: Opened, json: object, { as = ann, idempotencyKey = newKey() } = {}) =>
  ask(api, `POST /v1/reviews/${reviewId}/decision`, {
    key: as,
    json: { digest, ...json },
    headers: { 'idempotency-key': idempotencyKey },
  });

const ended = (taskId: string) => ask(api, `GET /v1/tasks/${taskId}?waitSeconds=60`, { key });

async function auditOf(taskId: string) {
  return api.dependencies.store.inTenant(TENANT, (tx) => readAudit(tx, taskId));
}

describe('a task whose class may leave alone', () => {
  it('is answered 200 with its output when it is waited for', async () => {
    const json = { type: 'note-reply', input: { message: 'Thanks a lot!' } };
    const headers = { 'idempotency-key': 'thanks-1' };
    const answer = await ask(api, 'POST /v1/tasks?waitSeconds=60', { key, json, headers });
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({
      status: 'completed',
      outcome: 'answered',
      output: { reply: 'A reply to a thanks.' },
      class: { name: 'thanks', probability: 0.97 },
      permit: { kind: 'grant' },
      reasons: [],
      review: null,
      attempts: [{ provider: 'embedded', result: 'ok', costMicroUsd: 0 }],
    });
    const { steps } = (await ask(api, `GET /v1/tasks/${answer.body.id}/timeline`, { key })).body;
    expect(steps.map(({ name }: { name: string }) => name)).toEqual(
      expect.arrayContaining(['screen', 'classify', 'draft', 'validate', 'judge', 'deliver']),
    );
    for (const { result } of steps) expect(result).toMatch(/^[A-Z].*\.$/);
  });
});

describe('a review', () => {
  it('shows everything that a decision needs, with personal data masked', async () => {
    const { taskId, reviewId, digest } = await opened();
    const { body } = await ask(api, `GET /v1/reviews/${reviewId}`, { key: ann });
    expect(body).toMatchObject({
      id: reviewId,
      taskId,
      status: 'open',
      queue: 'notes',
      isMasked: true,
      digest,
      round: 1,
      classification: { name: 'question', runnersUp: [{ name: 'thanks' }] },
      reasons: [{ reason: 'autonomy_not_earned', step: 'judge', sentence: expect.stringMatching(/\.$/) }],
      draft: {
        digest,
        output: { reply: 'A reply to a question.' },
        effects: [
          { name: 'send', arguments: { text: 'A reply to a question.' }, sentence: 'Sends: A reply to a question.' },
        ],
      },
      rounds: [{ round: 1, decision: null }],
      outputSchema: { type: 'object' },
    });
    expect(body.input.message).toContain('Is it open on Sunday?');
    expect(JSON.stringify(body)).not.toContain('jane@example.com');
  });

  it('shows personal data to those who may see it, and the audit trail knows', async () => {
    const { taskId, reviewId } = await opened();
    const refused = await ask(api, `GET /v1/reviews/${reviewId}?reveal=true`, { key: ann });
    expect([refused.status, refused.body.scope]).toEqual([403, 'personal_data:read']);
    const { body } = await ask(api, `GET /v1/reviews/${reviewId}?reveal=true`, { key });
    expect(body.input.message).toContain('jane@example.com');
    const revealed = (await auditOf(taskId)).filter(({ kind }) => kind === 'revealed');
    expect(revealed).toHaveLength(1);
  });

  it('has each reveal on the audit trail and each note, under whatever request ids they come', async () => {
    const { taskId, reviewId } = await opened();
    const lead = await api.key(['reviews:read', 'personal_data:read']);
    const headers = { 'x-request-id': 'always-the-same' };
    for (const as of [key, key, lead]) {
      expect((await ask(api, `GET /v1/reviews/${reviewId}?reveal=true`, { key: as, headers })).body.isMasked).toBe(
        false,
      );
    }
    for (const text of ['first', 'second']) {
      const noted = await ask(api, `POST /v1/reviews/${reviewId}/notes`, { key: ann, json: { text }, headers });
      expect(noted.status).toBe(201);
    }
    const revealed = (await auditOf(taskId)).filter(({ kind }) => kind === 'revealed');
    expect(revealed).toHaveLength(3);
    expect(new Set(revealed.map(({ actor }) => actor)).size).toBe(2);
    const { notes } = (await ask(api, `GET /v1/reviews/${reviewId}`, { key: ann })).body;
    expect(notes.map(({ text }: { text: string }) => text).sort()).toEqual(['first', 'second']);
  });

  it('is listed with counts, and the caller finds what they hold', async () => {
    const { reviewId } = await opened();
    await ask(api, `POST /v1/reviews/${reviewId}/claim`, { key: bob });
    const mine = await ask(api, 'GET /v1/reviews?assignee=me&status=claimed&queue=notes&sort=-age', { key: bob });
    expect(mine.body.items.map(({ id }: { id: string }) => id)).toContain(reviewId);
    expect(mine.body.counts).toContainEqual(expect.objectContaining({ queue: 'notes', status: 'claimed' }));
    expect((await ask(api, 'GET /v1/reviews?assignee=me', { key: ann })).body.items).toEqual([]);
    await ask(api, `POST /v1/reviews/${reviewId}/release`, { key: bob });
  });

  it('is not found under another id, or by another tenant', async () => {
    const { reviewId } = await opened();
    const other = await api.key(undefined, { tenant: 'other' });
    for (const [id, as] of [
      ['rev_none', ann],
      ['tsk_none', ann],
      [reviewId, other],
    ] as const) {
      expect((await ask(api, `GET /v1/reviews/${id}`, { key: as })).body.code).toBe('review_unknown');
      expect((await ask(api, `POST /v1/reviews/${id}/claim`, { key: as })).body.code).toBe('review_unknown');
    }
  });
});

describe('a claim', () => {
  it('keeps others out until it is given back, and they are told who holds it', async () => {
    const review = await opened();
    const claimed = await ask(api, `POST /v1/reviews/${review.reviewId}/claim`, {
      key: ann,
      json: { leaseSeconds: 120 },
    });
    expect(claimed.status).toBe(200);
    const refused = await ask(api, `POST /v1/reviews/${review.reviewId}/claim`, { key: bob });
    expect([refused.status, refused.body.code]).toEqual([409, 'claimed_by_other']);
    expect(refused.body).toMatchObject({ claimedBy: claimed.body.by, claimedUntil: claimed.body.until });
    expect((await decide(review, { action: 'approve' }, { as: bob })).body.code).toBe('claimed_by_other');
    const extended = await ask(api, `POST /v1/reviews/${review.reviewId}/extend`, {
      key: ann,
      json: { leaseSeconds: 600 },
    });
    expect(Date.parse(extended.body.until)).toBeGreaterThan(Date.parse(claimed.body.until));
    expect((await ask(api, `POST /v1/reviews/${review.reviewId}/release`, { key: ann })).body.claim).toBeNull();
    expect((await ask(api, `POST /v1/reviews/${review.reviewId}/extend`, { key: ann })).body.code).toBe('not_claimed');
    expect((await ask(api, `POST /v1/reviews/${review.reviewId}/claim`, { key: bob })).status).toBe(200);
    await decide(review, { action: 'approve' }, { as: bob });
  });

  it('of the next review gives each of two people another one, and nothing when nothing is open', async () => {
    const own = await startTestApi({ worker: startWorker });
    try {
      const [caller, first, second] = [await own.key(), await own.key(), await own.key()];
      const next = (as: string) => ask(own, 'POST /v1/reviews/next', { key: as });
      expect((await next(first)).status).toBe(204);
      const ids = await Promise.all(
        [1, 2].map(async () => (await ask(own, 'POST /v1/tasks', { key: caller, json: NOTE })).body.id),
      );
      await eventually(
        () => ask(own, 'GET /v1/reviews?status=open', { key: first }),
        ({ body }) => body.items.length === ids.length,
      );
      const [one, two] = await Promise.all([next(first), next(second)]);
      expect([one.status, two.status]).toEqual([200, 200]);
      expect(new Set([one.body.taskId, two.body.taskId])).toEqual(new Set(ids));
      expect((await next(first)).status).toBe(204);
    } finally {
      await own.close();
    }
  });
});

describe('a decision', () => {
  it('to approve delivers the draft, with the effect it asked for', async () => {
    const review = await opened();
    const answer = await decide(review, { action: 'approve', note: 'fine' });
    expect(answer.status).toBe(200);
    expect(answer.body.decision).toMatchObject({
      action: 'approve',
      digest: review.digest,
      permitDigest: review.digest,
      surface: 'http',
    });
    const { body } = await ended(review.taskId);
    expect(body).toMatchObject({
      status: 'completed',
      outcome: 'approved',
      output: { reply: 'A reply to a question.' },
    });
    const shown = (await ask(api, `GET /v1/reviews/${review.reviewId}`, { key: ann })).body;
    expect(shown.notes).toMatchObject([{ kind: 'note', text: 'fine', round: 1 }]);
  });

  it('to correct delivers the corrected output under a digest of its own', async () => {
    const review = await opened();
    const json = { action: 'correct', output: { reply: 'No, it is closed.' }, correctionKind: 'substance' };
    const { body: answered } = await decide(review, json);
    expect(answered.decision.permitDigest).not.toBe(review.digest);
    const { body } = await ended(review.taskId);
    expect(body).toMatchObject({ outcome: 'corrected', output: { reply: 'No, it is closed.' } });
    expect(body.permit.digest).toBe(answered.decision.permitDigest);
  });

  it('to decline delivers nothing', async () => {
    const review = await opened();
    await decide(review, { action: 'decline', reasonCode: 'not_ours' });
    expect((await ended(review.taskId)).body).toMatchObject({ outcome: 'declined', output: null });
  });

  it('to revise opens the next round with a draft that follows the guidance', async () => {
    const review = await opened();
    expect((await decide(review, { action: 'revise', guidance: 'Say when it opens.' })).status).toBe(200);
    const read = () => ask(api, `GET /v1/reviews/${review.reviewId}`, { key: ann });
    const { body } = await eventually(read, (answer) => answer.body.round === 2 && answer.body.status === 'open');
    expect(body.draft.output).toEqual({ reply: 'Say when it opens.' });
    expect(body.notes).toMatchObject([{ kind: 'guidance', text: 'Say when it opens.' }]);
    const stale = await decide(review, { action: 'approve' }, { as: bob });
    expect([stale.status, stale.body.code]).toEqual([409, 'stale_digest']);
    expect(stale.body.draft).toMatchObject({ digest: body.digest, output: { reply: 'Say when it opens.' } });
    expect((await decide({ ...review, digest: body.digest }, { action: 'approve' })).status).toBe(200);
    expect((await ended(review.taskId)).body.output).toEqual({ reply: 'Say when it opens.' });
  });

  it('of the second of two at once is refused, and names the first', async () => {
    const review = await opened();
    const answers = await Promise.all([
      decide(review, { action: 'approve' }),
      decide(review, { action: 'decline' }, { as: bob }),
    ]);
    const [won, lost] = answers[0].status === 200 ? answers : [answers[1], answers[0]];
    expect([won.status, lost.status, lost.body.code]).toEqual([200, 409, 'already_decided']);
    const { action, by, at } = won.body.decision;
    expect(lost.body).toMatchObject({ decidedBy: by, decidedAction: action, decidedAt: at });
    await ended(review.taskId);
    const late = await decide(review, { action: 'decline' }, { as: bob });
    expect([late.status, late.body.code, late.body.decidedBy]).toEqual([409, 'already_decided', by]);
    const refused = (await auditOf(review.taskId)).filter(({ kind }) => kind === 'decision_refused');
    expect(refused.map(({ facts }) => facts['code'])).toEqual(['already_decided', 'already_decided']);
  });

  it('is answered the same under the same key, also when it was refused, and not repeated', async () => {
    const review = await opened();
    const once = { idempotencyKey: newKey() };
    const [first, again] = [
      await decide(review, { action: 'approve' }, once),
      await decide(review, { action: 'approve' }, once),
    ];
    expect(again.status).toBe(200);
    expect(again.body.decision).toEqual(first.body.decision);
    expect(again.headers.get('idempotent-replayed')).toBe('true');
    expect((await decide(review, { action: 'decline' }, once)).body.code).toBe('idempotency_key_reused');
    const refusedOnce = { as: bob, idempotencyKey: newKey() };
    const refused = await decide(review, { action: 'decline' }, refusedOnce);
    const refusedAgain = await decide(review, { action: 'decline' }, refusedOnce);
    expect([refused.status, refused.body.code]).toEqual([409, 'already_decided']);
    expect({ ...refusedAgain.body, instance: '' }).toEqual({ ...refused.body, instance: '' });
    await ended(review.taskId);
    const kinds = (await auditOf(review.taskId)).map(({ kind }) => kind);
    expect(kinds.filter((kind) => kind === 'decided')).toHaveLength(1);
    expect(kinds.filter((kind) => kind === 'decision_refused')).toHaveLength(1);
  });

  it.each([
    ['a correction without an output', { action: 'correct' }, 'output_invalid'],
    ['a correction that breaks the schema', { action: 'correct', output: { reply: '' } }, 'output_invalid'],
    ['a correction with a field too many', { action: 'correct', output: { reply: 'a', other: 1 } }, 'output_invalid'],
    ['a revision without guidance', { action: 'revise' }, 'guidance_required'],
    ['a revision with blank guidance', { action: 'revise', guidance: '  ' }, 'guidance_required'],
    ['an output that is approved', { action: 'approve', output: { reply: 'a' } }, 'input_invalid'],
    ['an unknown action', { action: 'maybe' }, 'input_invalid'],
    ['a digest of another draft', { action: 'approve', digest: '0'.repeat(64) }, 'stale_digest'],
    ['a round that is not open', { action: 'approve', round: 2 }, 'stale_digest'],
  ])('that is %s is refused, and nothing changes', async (_name, json, code) => {
    const review = await opened();
    const answer = await decide(review, json);
    expect(answer.body.code).toBe(code);
    expect((await ask(api, `GET /v1/reviews/${review.reviewId}`, { key: ann })).body).toMatchObject({
      status: 'open',
      round: 1,
    });
    expect((await decide(review, { action: 'approve' })).status).toBe(200);
  });

  it.each(['{ "reply": 1e400 }', '{ "reply": "\\ud800" }'])(
    'that has no canonical form is refused, and nothing changes: %s',
    async (output) => {
      const review = await opened();
      const answer = await ask(api, `POST /v1/reviews/${review.reviewId}/decision`, {
        key: ann,
        raw: `{ "action": "correct", "digest": "${review.digest}", "output": ${output} }`,
      });
      expect([answer.status, answer.body.code]).toEqual([422, 'input_invalid']);
      const { body } = await ask(api, `GET /v1/reviews/${review.reviewId}`, { key: ann });
      expect(body).toMatchObject({ status: 'open', round: 1 });
    },
  );

  it('by a token counts when the token arrives by signal, once, and another kind of signal does not', async () => {
    const review = await opened();
    const path = `POST /v1/reviews/${review.reviewId}/decision-tokens`;
    const minted = await ask(api, path, {
      key: ann,
      json: { action: 'correct', digest: review.digest, output: { reply: 'By token.' } },
    });
    expect(minted.status).toBe(201);
    expect(Date.parse(minted.body.expiresAt)).toBeGreaterThan(Date.now());
    const handle = api.dependencies.client.workflow.getHandle(workflowIdOf(TENANT, review.taskId));
    await handle.signal('decide', { action: 'approve' });
    await handle.signal('decide', `${minted.body.token}x`);
    await eventually(
      () => auditOf(review.taskId),
      (entries) => entries.filter(({ kind }) => kind === 'decision_refused').length === 2,
    );
    await handle.signal('decide', minted.body.token);
    expect((await ended(review.taskId)).body).toMatchObject({ outcome: 'corrected', output: { reply: 'By token.' } });
    expect((await ask(api, path, { key: ann, json: { action: 'approve', digest: review.digest } })).body.code).toBe(
      'task_ended',
    );
  });
});

describe('a task', () => {
  it('is cancelled while it waits for a person, once', async () => {
    const review = await opened();
    const answer = await ask(api, `POST /v1/tasks/${review.taskId}/cancel`, { key, json: { reason: 'sent twice' } });
    expect(answer.status).toBe(202);
    expect((await ended(review.taskId)).body).toMatchObject({ outcome: 'cancelled', output: null });
    const again = await ask(api, `POST /v1/tasks/${review.taskId}/cancel`, { key, json: {} });
    expect([again.status, again.body.code, again.body.outcome]).toEqual([409, 'task_ended', 'cancelled']);
    expect((await decide(review, { action: 'approve' })).body.code).toBe('task_ended');
  });

  it('is decided like others before it, which the review shows', async () => {
    await decide(await opened(), { action: 'correct', output: { reply: 'Mail jim@example.com.' } });
    const { reviewId } = await opened();
    const read = () => ask(api, `GET /v1/reviews/${reviewId}`, { key: ann });
    const { body } = await eventually(read, (answer) => JSON.stringify(answer.body.similar).includes('Mail'));
    expect(body.similar[0]).toMatchObject({ class: 'question', by: expect.any(String), at: expect.any(String) });
    expect(JSON.stringify(body.similar)).not.toContain('jim@');
  });

  it('counts in the standing of its type', async () => {
    const { standing } = (await ask(api, 'GET /v1/task-types/note-reply', { key })).body;
    expect(standing.reviewed).toBeGreaterThan(0);
    expect(standing.outcomes.approved).toBeGreaterThan(0);
  });
});
