import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { listApiKeys } from '../../store/apiKeys';
import { verifyChain } from '../../store/audit';
import { ask, eventually, newKey } from '../api/testApi';
import { openTestBank, type TestBank } from '../support/bank';
import { replayFailures } from '../support/history';
import { openRefundDesk, type RefundCase, type RefundDesk } from '../support/refundDesk';
import { trailOf } from '../support/trail';

const VERBS = ['claim', 'release', 'undo', 'ask'] as const;
type Action = 'approve' | 'decline' | 'correct' | 'revise';

type Person = 'ann' | 'ben' | 'cho' | 'lea';
type Deed =
  | { readonly kind: 'claim' | 'release' | 'undo' | 'ask'; readonly person: Person }
  | { readonly kind: 'approve' | 'decline' | 'correct' | 'revise'; readonly person: Person }
  | { readonly kind: 'answer' | 'cancel' };

const person = fc.constantFrom<Person>('ann', 'ben', 'cho', 'lea');
const byPerson = (...kinds: readonly ((typeof VERBS)[number] | Action)[]) =>
  fc.record({ kind: fc.constantFrom(...kinds), person });
/** Several at once, then the next several. */
const hours = fc.array(
  fc.array(
    fc.oneof(
      { weight: 10, arbitrary: byPerson('approve') },
      { weight: 4, arbitrary: byPerson('decline', 'correct', 'revise') },
      { weight: 5, arbitrary: byPerson(...VERBS) },
      { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('answer' as const, 'cancel' as const) }) },
    ),
    { minLength: 2, maxLength: 4 },
  ),
  { minLength: 2, maxLength: 5 },
);

const SAMPLES = 16;
const AMOUNTS_MINOR = [4_000, 25_000] as const;
const TIMEOUT_MS = 180_000;
const LIMIT_MINOR = 20_000;

let bank: TestBank;
let desk: RefundDesk;
/** Cho's id: nobody else at the desk is an approver. */
let approver: string;

beforeAll(async () => {
  bank = await openTestBank({
    refund: {
      review: {
        ...{ undoSeconds: 1, isClaimRequired: false, leaseSeconds: 10, callerWaitSeconds: 2, remindAfterSeconds: [1] },
        ladder: [
          { kind: 'widen', afterSeconds: 2, toQueue: 'refunds-leads', toRole: 'lead' },
          { kind: 'overdue', afterSeconds: 3 },
        ],
      },
    },
  });
  desk = await openRefundDesk(bank);
  const { items } = await bank.dependencies.store.inTenant(bank.tenant, (tx) => listApiKeys(tx, { limit: 200 }));
  [approver = ''] = items.filter(({ scopes }) => scopes.includes('reviews:approve')).map(({ id }) => id);
});
afterAll(() => bank.close());

type Life = readonly [hours: readonly (readonly Deed[])[], amountMinor: number];

/** Enough for any amount, and not cancelled in the end as the others are. */
const UNDISPUTED: readonly (readonly Deed[])[] = [
  [{ kind: 'approve', person: 'ben' }],
  [{ kind: 'approve', person: 'cho' }],
];

/** What was answered with 200 to whoever decided. */
interface Told {
  readonly action: string;
  readonly by: string;
}

async function act(of: RefundCase, deed: Deed): Promise<Told | null> {
  if (!('person' in deed)) {
    const [path, json] = deed.kind === 'answer' ? ['answers', { text: 'It is the teapot.' }] : ['cancel', {}];
    await ask(bank, `POST /v1/tasks/${of.taskId}/${path}`, { key: desk.caller, json });
    return null;
  }
  const as = desk[deed.person];
  switch (deed.kind) {
    case 'claim':
    case 'release':
    case 'undo':
    case 'ask': {
      const json = { claim: {}, ask: { question: 'Which line is it?' }, release: undefined, undo: undefined }[
        deed.kind
      ];
      await desk.act(deed.kind, of, as, json);
      return null;
    }
    default:
      return decide(of, as, await decisionOf(of, deed.kind));
  }
}

/** Asks again under the same key for as long as the answer is that it is not known. */
async function decide({ reviewId }: RefundCase, as: string, json: object): Promise<Told | null> {
  const headers = { 'idempotency-key': newKey() };
  const { status, body } = await eventually(
    () => ask(bank, `POST /v1/reviews/${reviewId}/decision`, { key: as, json, headers }),
    (answer) => answer.status !== 202 && answer.status !== 503,
  );
  return status === 200 ? { action: body.decision.action, by: body.decision.by } : null;
}

/** On the draft that is open now, as somebody who has just looked; a correction asks for a little less. */
async function decisionOf(of: RefundCase, action: string): Promise<object> {
  const { digest, draft } = await desk.review(of.reviewId);
  if (action === 'revise') return { action, digest, guidance: 'It is about all of it.' };
  if (action !== 'correct') return { action, digest };
  const amountMinor = Math.max(1, (draft?.output.totalMinor ?? 2) - 1);
  const lines = [{ ...draft?.output.lines[0], amountMinor }];
  return { action, digest, output: { ...draft?.output, decision: 'partial_refund', lines, totalMinor: amountMinor } };
}

interface Lived {
  readonly amountMinor: number;
  readonly told: number;
  readonly payments: number;
}

async function live([all, amountMinor]: Life): Promise<Lived> {
  const of = await desk.refund({ amountMinor });
  const told: Told[] = [];
  for (const hour of all) {
    const answers = await Promise.all(hour.map((deed) => act(of, deed)));
    told.push(...answers.filter((each) => each !== null));
  }
  if (all !== UNDISPUTED) await act(of, { kind: 'cancel' });
  await requireRight(of, told);
  return { amountMinor, told: told.length, payments: desk.paid(of).length };
}

async function requireRight(of: RefundCase, told: readonly Told[]): Promise<void> {
  const task = await desk.ended(of.taskId);
  const paid = desk.paid(of);
  const isPaid = task.outcome === 'approved' || task.outcome === 'corrected';
  expect(paid.map(({ amountMinor }) => amountMinor)).toEqual(isPaid ? [task.output.totalMinor] : []);
  const { rounds } = await desk.review(of.reviewId);
  if (isPaid) requireQuorum(rounds.at(-1), task.output.totalMinor);
  // Whoever was told that their decision took effect finds it in the record, each once.
  const recorded = rounds.flatMap((round: Round) => [
    // A correction that waits for another person stands in its own round, and is carried to the next.
    ...round.approvals.filter(({ action }) => action === 'approve'),
    ...(round.decision ? [round.decision] : []),
    ...round.undone.map(({ decision }) => decision).filter(({ round: made }) => made === round.round),
  ]);
  const names = (each: readonly Told[]) => each.map(({ action, by }) => `${action} ${by}`).sort();
  expect(names(told)).toEqual(names(recorded));
  const trail = await trailOf(bank, of.taskId);
  expect(verifyChain(trail, { tenant: bank.tenant, taskId: of.taskId })).toMatchObject({ isIntact: true });
}

interface Round {
  readonly round: number;
  readonly approvals: readonly (Told & { readonly round: number })[];
  readonly decision: (Told & { readonly round: number }) | null;
  readonly undone: readonly { readonly decision: Told & { readonly round: number } }[];
}

function requireQuorum(round: Round, totalMinor: number): void {
  const people = new Set([...round.approvals, ...(round.decision ? [round.decision] : [])].map(({ by }) => by));
  const isAboveLimit = totalMinor > LIMIT_MINOR;
  expect(people.size).toBeGreaterThanOrEqual(isAboveLimit ? 2 : 1);
  if (isAboveLimit) expect([...people]).toContain(approver);
}

describe('on the real engine, whatever several people do at once', () => {
  it(
    'what is paid is what enough people approved, once, and nobody is told what is not so',
    async () => {
      const seed = Number(process.env['FAST_CHECK_SEED'] ?? 20_261_124);
      const disputed = fc.sample(fc.tuple(hours, fc.constantFrom(...AMOUNTS_MINOR)), { seed, numRuns: SAMPLES });
      const undisputed = AMOUNTS_MINOR.map((amountMinor) => [UNDISPUTED, amountMinor] as const);
      const lives = await Promise.all([...disputed, ...undisputed].map(live));
      // Nobody is told what is not so where everybody is refused, and nothing is paid wrongly where nothing is paid.
      for (const amount of AMOUNTS_MINOR) {
        const of = lives.filter(({ amountMinor }) => amountMinor === amount);
        expect(of.reduce((sum, { told }) => sum + told, 0)).toBeGreaterThan(0);
        expect(of.reduce((sum, { payments }) => sum + payments, 0)).toBeGreaterThan(0);
      }
    },
    TIMEOUT_MS,
  );

  it('and every history of these replays', async () => {
    expect(await replayFailures(bank)).toEqual({});
  });
});
