import { workflowIdOf } from '../../contracts/words/names';
import { ask, eventually } from '../api/testApi';
import type { Desk, Opened } from '../support/desk';
import { expire, forge, mint, signalDecide } from '../support/tokens';
import { kindsOf } from '../support/trail';
import { INVENTED_REPLY, GOOD_REPLY, type Stage, type StageName } from './stages';

/** One way of a task from its acceptance to its outcome. */
export interface Way {
  readonly on: StageName;
  readonly outcome: string;
  /** Takes a task that way, and gives its id. */
  readonly go: (stage: Stage) => Promise<string>;
}

const LOST = 'I lost my card somewhere in town, what now?';
const RATE = 'What is your exchange rate for euros today?';
const CORRECTION = { intent: 'card_lost', reply: 'We have blocked the card. A new one is on its way.', factsUsed: [] };

async function decide(desk: Desk, opened: Opened, json: object): Promise<void> {
  const { status, body } = await desk.decide(opened, json);
  if (status !== 200) throw new Error(`the decision was answered ${status}: ${JSON.stringify(body)}`);
}

const approve = (desk: Desk, opened: Opened) => decide(desk, opened, { action: 'approve' });

async function approvedOn({ desk }: Stage): Promise<string> {
  const opened = await desk.escalated(LOST);
  await approve(desk, opened);
  return opened.taskId;
}

async function secondRound(desk: Desk, opened: Opened): Promise<Opened> {
  const { digest } = await eventually(
    () => desk.review(opened.reviewId),
    ({ round, status }) => round === 2 && status === 'open',
  );
  return { ...opened, digest };
}

async function decidedBySignal({ bank, desk }: Stage): Promise<string> {
  const [opened, other] = await Promise.all([desk.escalated(LOST), desk.escalated(LOST)]);
  const token = await mint(bank, opened, { as: desk.ann, json: { action: 'approve' } });
  const foreign = await mint(bank, other, { as: desk.ann, json: { action: 'approve' } });
  const stale = await mint(bank, { ...opened, digest: 'f'.repeat(64) }, { as: desk.ann, json: { action: 'approve' } });
  const refused = ['garbage', 42, forge(token), expire(bank, token), foreign, stale];
  for (const each of refused) await signalDecide(bank, opened.taskId, each);
  const isRecorded = (kinds: readonly string[]) =>
    kinds.filter((kind) => kind === 'decision_refused').length === refused.length;
  await eventually(() => kindsOf(bank, opened.taskId), isRecorded);
  await signalDecide(bank, opened.taskId, token);
  await approve(desk, other);
  return opened.taskId;
}

async function claimedExtendedReleased({ bank, desk }: Stage): Promise<string> {
  const opened = await desk.escalated(LOST);
  const asked = { key: desk.ann, json: { leaseSeconds: 60 } };
  await ask(bank, `POST /v1/reviews/${opened.reviewId}/claim`, asked);
  await ask(bank, `POST /v1/reviews/${opened.reviewId}/extend`, asked);
  await ask(bank, `POST /v1/reviews/${opened.reviewId}/release`, { key: desk.ann });
  await approve(desk, opened);
  return opened.taskId;
}

async function deliveryRefusedThenDecidedAgain({ bank, desk }: Stage): Promise<string> {
  const opened = await desk.escalated(LOST);
  bank.crm.behave({ kind: 'refuses', status: 422 }, 1);
  await approve(desk, opened);
  await decide(desk, await secondRound(desk, opened), { action: 'correct', output: CORRECTION });
  return opened.taskId;
}

/** The longest of the usual ways: escalated, claimed, approved, with an effect and both webhooks. */
async function claimedAndCalledBack({ bank, desk, receiver }: Stage): Promise<string> {
  const opened = await desk.escalated(LOST, { callbackUrl: receiver.url });
  await ask(bank, `POST /v1/reviews/${opened.reviewId}/claim`, { key: desk.ann, json: {} });
  await approve(desk, opened);
  return opened.taskId;
}

async function correctedOn({ desk }: Stage, message = LOST): Promise<string> {
  const opened = await desk.escalated(message);
  await decide(desk, opened, { action: 'correct', output: CORRECTION });
  return opened.taskId;
}

/** Without the core bank there is no draft, so that a person writes the answer. */
async function whileBankIs(stage: Stage, kind: 'down' | 'breaks_contract'): Promise<string> {
  stage.bank.bank.behave({ kind });
  try {
    return await correctedOn(stage);
  } finally {
    stage.bank.bank.behave({ kind: 'ok' });
  }
}

async function mustAct(
  { desk }: Stage,
  verb: string,
  { of, as, json }: { of: Opened; as: string; json?: object },
): Promise<void> {
  const { status, body } = await desk.act(verb, of, as, json);
  if (status >= 300) throw new Error(`${verb} was answered ${status}: ${JSON.stringify(body)}`);
}

async function approvedByTwo({ desk }: Stage): Promise<string> {
  const opened = await desk.refund({ amountMinor: 25_000 });
  await approve(desk, opened);
  await desk.decide(opened, { action: 'approve' }, desk.cho);
  return opened.taskId;
}

async function correctedByTheSecond({ desk }: Stage): Promise<string> {
  const opened = await desk.refund({ amountMinor: 25_000 });
  const { draft } = await desk.review(opened.reviewId);
  await approve(desk, opened);
  const lines = [{ ...draft.output.lines[0], amountMinor: 24_000 }];
  const output = { ...draft.output, decision: 'partial_refund', lines, totalMinor: 24_000 };
  await desk.decide(opened, { action: 'correct', output }, desk.cho);
  await approve(desk, await desk.round(opened, 2));
  return opened.taskId;
}

async function undoneThenDeclined(stage: Stage): Promise<string> {
  const { desk } = stage;
  const opened = await desk.refund();
  await approve(desk, opened);
  await mustAct(stage, 'undo', { of: opened, as: desk.ann });
  await decide(desk, opened, { action: 'decline' });
  return opened.taskId;
}

async function changedSinceApproval({ bank, desk }: Stage): Promise<string> {
  const opened = await desk.refund();
  bank.payments.befall(opened.purchase.payment.id, { kind: 'disputed' });
  await approve(desk, opened);
  await decide(desk, await desk.round(opened, 2), { action: 'decline' });
  return opened.taskId;
}

async function askedAndAnswered(stage: Stage): Promise<string> {
  const { bank, desk, receiver } = stage;
  const opened = await desk.escalated('It does not work.', { callbackUrl: receiver.url });
  await mustAct(stage, 'ask', { of: opened, as: desk.ann, json: { question: 'Which card is it about?' } });
  await ask(bank, `POST /v1/tasks/${opened.taskId}/answers`, { key: desk.caller, json: { text: LOST } });
  await approve(desk, await secondRound(desk, opened));
  return opened.taskId;
}

async function askedInVain(stage: Stage): Promise<string> {
  const { bank, desk } = stage;
  const opened = await desk.escalated(LOST);
  await mustAct(stage, 'ask', { of: opened, as: desk.ann, json: { question: 'Which card is it about?' } });
  await eventually(
    () => kindsOf(bank, opened.taskId),
    (kinds) => kinds.includes('caller_silent'),
  );
  await approve(desk, opened);
  return opened.taskId;
}

async function widenedAndOverdue({ bank, desk }: Stage): Promise<string> {
  const opened = await desk.escalated(LOST);
  await eventually(
    () => kindsOf(bank, opened.taskId),
    (kinds) => kinds.includes('overdue'),
  );
  await approve(desk, opened);
  return opened.taskId;
}

/** Each has its history in the folder `histories`, under its name. */
export const WAYS: Readonly<Record<string, Way>> = {
  answered: { on: 'plain', outcome: 'answered', go: async ({ desk }) => (await desk.answered(RATE)).id },
  approved: { on: 'plain', outcome: 'approved', go: approvedOn },
  corrected: { on: 'plain', outcome: 'corrected', go: (stage) => correctedOn(stage) },
  declined: {
    on: 'plain',
    outcome: 'declined',
    go: async ({ desk }) => {
      const opened = await desk.escalated(LOST);
      await decide(desk, opened, { action: 'decline', reasonCode: 'wrong_customer', note: 'not ours' });
      return opened.taskId;
    },
  },
  revisedThenApproved: {
    on: 'plain',
    outcome: 'approved',
    go: async ({ desk }) => {
      const opened = await desk.escalated(LOST);
      await decide(desk, opened, { action: 'revise', guidance: 'This is about card stolen.' });
      await approve(desk, await secondRound(desk, opened));
      return opened.taskId;
    },
  },
  fellBack: {
    on: 'hasty',
    outcome: 'fell_back',
    go: ({ desk, receiver }) => desk.post(LOST, { callbackUrl: receiver.url }),
  },
  cancelledWhileWaiting: {
    on: 'plain',
    outcome: 'cancelled',
    go: async ({ bank, desk }) => {
      const { taskId } = await desk.escalated(LOST);
      await ask(bank, `POST /v1/tasks/${taskId}/cancel`, { key: desk.caller, json: { reason: 'no longer needed' } });
      return taskId;
    },
  },
  cancelledNatively: {
    on: 'plain',
    outcome: 'cancelled',
    go: async ({ bank, desk }) => {
      const { taskId } = await desk.escalated(LOST);
      await bank.dependencies.client.workflow.getHandle(workflowIdOf(bank.tenant, taskId)).cancel();
      return taskId;
    },
  },
  contextUnavailable: { on: 'plain', outcome: 'corrected', go: (stage) => whileBankIs(stage, 'down') },
  contractViolation: { on: 'plain', outcome: 'corrected', go: (stage) => whileBankIs(stage, 'breaks_contract') },
  providerFailsThenEmbedded: {
    on: 'modelled',
    outcome: 'approved',
    go: (stage) => {
      stage.openai.behave({ kind: 'status', status: 503 }, { kind: 'status', status: 401 });
      return approvedOn(stage);
    },
  },
  repairThenNextRoute: {
    on: 'modelled',
    outcome: 'approved',
    go: (stage) => {
      stage.says(INVENTED_REPLY);
      return approvedOn(stage).finally(() => stage.says(GOOD_REPLY));
    },
  },
  decidedBySignal: { on: 'plain', outcome: 'approved', go: decidedBySignal },
  outOfScopeCorrected: {
    on: 'plain',
    outcome: 'corrected',
    go: (stage) => correctedOn(stage, 'Who won the football world cup in 1998?'),
  },
  claimedExtendedReleased: { on: 'plain', outcome: 'approved', go: claimedExtendedReleased },
  deliveryRefusedThenDecidedAgain: { on: 'plain', outcome: 'corrected', go: deliveryRefusedThenDecidedAgain },
  approvedByTwo: { on: 'shop', outcome: 'approved', go: approvedByTwo },
  correctedByTheSecond: { on: 'shop', outcome: 'corrected', go: correctedByTheSecond },
  undoneThenDeclined: { on: 'shop', outcome: 'declined', go: undoneThenDeclined },
  changedSinceApproval: { on: 'shop', outcome: 'declined', go: changedSinceApproval },
  askedAndAnswered: { on: 'shop', outcome: 'approved', go: askedAndAnswered },
  askedInVain: { on: 'shop', outcome: 'approved', go: askedInVain },
  widenedAndOverdue: { on: 'climbing', outcome: 'approved', go: widenedAndOverdue },
  approvedInBusinessHours: { on: 'office', outcome: 'approved', go: approvedOn },
  claimedAndCalledBack: { on: 'plain', outcome: 'approved', go: claimedAndCalledBack },
};

/** Takes a task one way to its very end, webhooks included. Throws where it ends otherwise than the way says. */
export async function take(way: Way, stage: Stage): Promise<string> {
  const taskId = await way.go(stage);
  const { client } = stage.bank.dependencies;
  const outcome: unknown = await client.workflow.getHandle(workflowIdOf(stage.bank.tenant, taskId)).result();
  if (outcome !== way.outcome) throw new Error(`the task ended as ${String(outcome)}, the way says ${way.outcome}`);
  return taskId;
}
