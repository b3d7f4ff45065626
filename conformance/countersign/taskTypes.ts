/** What an installation of this product declares to do the suite's task: it is drafted by a model, and carried out by one call. */
import { z } from 'zod';
import {
  type Budget,
  defineTask,
  HttpStatusError,
  type ReviewDefinition,
  type TaskDefinition,
} from '../../tasks/define';
import { type ResolvedTask, resolveDefinition } from '../../tasks/resolve';
import type { Variant } from './variants';

const Input = z.strictObject({ subject: z.string(), text: z.string(), items: z.array(z.unknown()).optional() });
type Input = z.infer<typeof Input>;
const Output = z.strictObject({ text: z.string(), amount: z.number() });
type Output = z.infer<typeof Output>;
const Batch = z.strictObject({ lines: z.array(Output) });
type Batch = z.infer<typeof Batch>;
const World = z.strictObject({ isOpen: z.boolean() });

const QUEUE = 'conformance';
const FALLBACK: Output = { text: 'We will come back to you.', amount: 0 };
const UNDO_SECONDS = 5;
const CERTAIN = {
  name: 'request',
  probability: 1,
  margin: 1,
  runnersUp: [],
  strangeness: 0,
  classifier: 'one class',
  calibrator: 'none',
};

/** The part of a definition that differs from one variant to another. */
const REVIEWS: Readonly<Partial<Record<Variant, Partial<ReviewDefinition<Output>>>>> = {
  conformance: {},
  'conformance-two-approvals': { approvals: 2 },
  'conformance-role': { role: 'approver' },
  'conformance-undo': { undoSeconds: UNDO_SECONDS },
  'conformance-widened': { ladder: [{ kind: 'widen', afterSeconds: 1, toQueue: 'conformance-leads', toRole: 'lead' }] },
  'conformance-reminded': { remindAfterSeconds: [1] },
  'conformance-budget': {},
  'conformance-fallback': {
    remindAfterSeconds: [1],
    onTimeout: { kind: 'fall_back', afterSeconds: 2, output: FALLBACK },
  },
};

/** Case 36 asks for a budget of so many calls. */
export const BUDGET_CALLS = 2;

const BUDGETS: Readonly<Partial<Record<Variant, Budget>>> = { 'conformance-budget': { perDayCalls: BUDGET_CALLS } };

export function conformanceTypes(outsideUrl: string): ReadonlyMap<string, ResolvedTask> {
  const drafted = (Object.keys(REVIEWS) as Variant[]).map((name) => resolveDefinition(draftedType(name, outsideUrl)));
  const others = [resolveDefinition(aloneType(outsideUrl)), resolveDefinition(batchType(outsideUrl))];
  return new Map([...drafted, ...others].map((type) => [type.name, type]));
}

function draftedType(name: Variant, outsideUrl: string): TaskDefinition<Input, Output> {
  const budget = BUDGETS[name];
  return defineTask<Input, Output>({
    ...common(outsideUrl),
    name,
    output: Output,
    draft: {
      routes: [{ provider: 'openai', maxAttempts: 2 }],
      embedded: () => null,
      prompt: ({ input, guidance, answers }) => [
        { role: 'system', content: `Propose an answer. subject=${input.subject}; guidance=${guidance ?? 'none'}` },
        { role: 'user', content: [input.text.slice(0, 1_000), ...answers.map(({ answer }) => answer)].join('\n') },
      ],
    },
    effects: [carryOut(outsideUrl)],
    review: { queue: QUEUE, ...REVIEWS[name] },
    ...(budget && { budget }),
  });
}

/** Allowed to run alone: what it is checked by must be there all the same. */
function aloneType(outsideUrl: string): TaskDefinition<Input, Output> {
  return defineTask<Input, Output>({
    ...common(outsideUrl),
    name: 'conformance-alone',
    output: Output,
    draft: {
      routes: [{ provider: 'embedded' }],
      embedded: ({ input }) => ({ output: { text: `for ${input.subject}`, amount: 1 }, score: 1 }),
      prompt: () => [],
    },
    effects: [carryOut(outsideUrl)],
    autonomy: { grants: [{ class: 'request', threshold: 0.1, auditRate: 0.01 }] },
    review: { queue: QUEUE },
  });
}

function batchType(outsideUrl: string): TaskDefinition<Input, Batch> {
  return defineTask<Input, Batch>({
    ...common(outsideUrl),
    name: 'conformance-batch',
    output: Batch,
    draft: {
      routes: [{ provider: 'embedded' }],
      embedded: ({ input }) => ({ output: Batch.parse({ lines: input.items ?? [] }), score: 1 }),
      prompt: () => [],
    },
    effects: [
      {
        name: 'carry_out',
        describe: () => 'carries out each line',
        request: ({ subject }, { lines }) => (lines.length === 0 ? null : { subject, lines }),
        perform: async ({ arguments: { subject, lines } }, { idempotencyKey, signal }) => {
          for (const [index, performed] of z.array(Output).parse(lines).entries())
            await post(`${outsideUrl}/effect`, {
              body: { subject, performed },
              key: `${idempotencyKey}:${index}`,
              signal,
            });
          return 'done';
        },
      },
    ],
    items: { of: ({ lines }) => lines, withItems: (_output, items) => Batch.parse({ lines: items }) },
    review: { queue: QUEUE },
  });
}

function common(outsideUrl: string) {
  return {
    version: 1,
    title: 'Conformance',
    description: 'The task of the conformance suite.',
    input: Input,
    textOf: ({ text }: Input) => text,
    classes: {
      kind: 'rules' as const,
      names: ['request'],
      classify: () => CERTAIN,
    },
    context: [
      {
        name: 'world',
        isRequired: true,
        maxAttempts: 2,
        freshSeconds: 60,
        contract: World,
        fetch: async ({ subject }: Input, { signal }: { readonly signal: AbortSignal }) => {
          const response = await fetch(`${outsideUrl}/check/${subject}`, { signal });
          if (!response.ok) throw new HttpStatusError(response.status);
          return response.json();
        },
      },
    ],
    checks: [],
    stillTrue: [
      {
        name: 'still_open',
        integrations: ['world'],
        check: ({ now }: { readonly now: Readonly<Record<string, unknown>> }) => {
          const isOpen = World.safeParse(now['world']).data?.isOpen ?? false;
          return { holds: isOpen, evidence: { isOpen } };
        },
      },
    ],
    requirements: { accuracy: 0.9, p95Seconds: 5, maxCostUsd: 0.1 },
  };
}

function carryOut(outsideUrl: string) {
  return {
    name: 'carry_out',
    describe: () => 'carries it out',
    request: ({ subject }: Input, output: Output) => (output.amount === 0 ? null : { subject, performed: output }),
    perform: async (
      { arguments: body }: { readonly arguments: Readonly<Record<string, unknown>> },
      { idempotencyKey, signal }: { readonly idempotencyKey: string; readonly signal: AbortSignal },
    ) => {
      await post(`${outsideUrl}/effect`, { body, key: idempotencyKey, signal });
      return 'done' as const;
    },
  };
}

async function post(
  url: string,
  { body, key, signal }: { body: object; key: string; signal: AbortSignal },
): Promise<void> {
  const headers = { 'content-type': 'application/json', 'idempotency-key': key };
  const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body), signal });
  await response.body?.cancel();
  if (!response.ok) throw new HttpStatusError(response.status);
}
