import { describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import { draftDigest, emptyDraftDigest } from '../../contracts/digest';
import { bankSupport } from '../../tasks/bank-support/definition';
import { type TaskDefinition, defineTask } from '../../tasks/define';
import { taskTypes } from '../../tasks/registry';
import { DefinitionError, type PolicyEnvironment, policySnapshot, resolveDefinition } from '../../tasks/resolve';

interface Note {
  readonly text: string;
}

/** Valid, with nothing but what is required. */
function smallest(change: Partial<TaskDefinition<Note, Note>> = {}): TaskDefinition<Note, Note> {
  return defineTask<Note, Note>({
    name: 'notes',
    version: 1,
    title: 'Notes',
    description: 'For these tests.',
    input: z.object({ text: z.string().min(1) }),
    output: z.object({ text: z.string().min(3) }),
    textOf: ({ text }) => text,
    classes: { kind: 'examples', outOfScope: false, examples: [...five('praise'), ...five('blame')] },
    draft: { routes: [{ provider: 'openai' }, { provider: 'embedded' }], embedded: () => null, prompt: () => [] },
    checks: [],
    review: { queue: 'notes' },
    requirements: { accuracy: 0.9, p95Seconds: 5, maxCostUsd: 0.01 },
    ...change,
  });
}

function five(name: string): { text: string; class: string }[] {
  return [1, 2, 3, 4, 5].map((index) => ({ text: `${name} ${index}`, class: name }));
}

function problemsOf(change: Partial<TaskDefinition<Note, Note>>): readonly string[] {
  try {
    resolveDefinition(smallest(change));
  } catch (error) {
    if (error instanceof DefinitionError) return error.problems;
    throw error;
  }
  return [];
}

const passing = { name: 'a', check: () => ({ passed: true, reason: null, evidence: {} }) };
const classes = smallest().classes;
const integration = {
  name: 'crm',
  isRequired: true,
  freshSeconds: 60,
  contract: z.object({}),
  fetch: () => Promise.resolve({}),
};
const fallBack = (output: unknown, afterSeconds = 60) => ({
  review: { queue: 'notes', onTimeout: { kind: 'fall_back' as const, afterSeconds, output: output as Note } },
});

test('a budget is kept in whole micro-US-dollars, and what it leaves out has no limit', () => {
  const { spending } = resolveDefinition(smallest({ budget: { perTaskUsd: 0.07, perDayCalls: 3 } }));
  expect(spending).toEqual({ perTask: { microUsd: 70_000, calls: null }, perDay: { microUsd: null, calls: 3 } });
});

test('defaults are filled in', () => {
  const task = resolveDefinition(smallest({ context: [integration] }));
  expect(task).toMatchObject({
    maxInputBytes: 8_388_608,
    languages: ['en'],
    classNames: ['praise', 'blame', 'out_of_scope', 'unclear'],
    context: [{ timeoutSeconds: 5, maxAttempts: 3 }],
    effects: [],
    autonomy: { grants: [], never: [] },
    review: {
      remindAfterSeconds: [],
      onTimeout: { kind: 'keep_waiting' },
      leaseSeconds: 300,
      maxRounds: 5,
    },
  });
  expect(task.draft.routes.map((route) => route.maxRepairs)).toEqual([1, 0]);
});

test('JSON Schemas of both sides are made', () => {
  const { inputSchema, outputSchema } = resolveDefinition(smallest());
  expect(inputSchema).toMatchObject({ type: 'object', properties: { text: { minLength: 1 } } });
  expect(outputSchema).toMatchObject({ type: 'object', properties: { text: { minLength: 3 } } });
});

describe('a definition is refused with the option, the rule and the cure for', () => {
  const grant = { class: 'praise', threshold: 0.9 };
  test.each<[string, Partial<TaskDefinition<Note, Note>>, RegExp]>([
    ['a name in capitals', { name: 'Notes' }, /^name 'Notes' must be .*: write/],
    ['version 0', { version: 0 }, /^version 0 must be .*: start with 1/],
    ['no language', { languages: [] }, /^languages must name at least one: /],
    ['a language by name', { languages: ['english'] }, /^languages: 'english' must be .*: write 'en'/],
    ['too large an input', { maxInputBytes: 1e12 }, /^maxInputBytes .* must be .*: choose one/],
    [
      'a class with four examples',
      { classes: { ...classes, examples: [...five('praise'), ...five('blame').slice(1)] } as typeof classes },
      /'blame' has 4, at least 5 are needed: write more/,
    ],
    [
      'an example in two classes',
      {
        classes: {
          ...classes,
          examples: [...five('praise'), ...five('blame'), { text: 'PRAISE 1', class: 'blame' }],
        } as typeof classes,
      },
      /occurs twice \('praise', 'blame'\): keep one/,
    ],
    [
      'out of scope without examples',
      { classes: { ...classes, outOfScope: true } as typeof classes },
      /^classes.outOfScope needs examples/,
    ],
    [
      'examples of unclear',
      {
        classes: { ...classes, examples: [...five('praise'), ...five('blame'), ...five('unclear')] } as typeof classes,
      },
      /^class 'unclear' is .*: give/,
    ],
    [
      'rules that name a class twice',
      {
        classes: {
          kind: 'rules',
          names: ['a', 'a'],
          classify: () => {
            throw new Error();
          },
        },
      },
      /^classes.names: 'a' occurs twice/,
    ],
    [
      'two checks of one name',
      { checks: [passing, passing] },
      /^checks: 'a' occurs twice, names must be unique: rename/,
    ],
    ['two integrations of one name', { context: [integration, integration] }, /^context: 'crm' occurs twice/],
    [
      'an integration without a time-out',
      { context: [{ ...integration, timeoutSeconds: 0 }] },
      /^context 'crm': timeoutSeconds 0 must be/,
    ],
    ['no route', { draft: { ...smallest().draft, routes: [] } }, /^draft.routes must have at least one/],
    [
      'two repairs',
      { draft: { ...smallest().draft, routes: [{ provider: 'openai', maxRepairs: 2 as 1 }] } },
      /maxRepairs must be 0 or 1: add/,
    ],
    [
      'a grant for an unknown class',
      { autonomy: { grants: [{ ...grant, class: 'prais' }] } },
      /^autonomy.grants 'prais': there is no such class: the classes are praise, blame/,
    ],
    [
      'a grant for what is not understood',
      { autonomy: { grants: [{ ...grant, class: 'unclear' }] } },
      /goes to a person: remove the grant/,
    ],
    [
      'a grant for a class that never runs alone',
      { autonomy: { grants: [grant], never: ['praise'] } },
      /is in autonomy.never: remove it/,
    ],
    [
      'threshold 0',
      { autonomy: { grants: [{ ...grant, threshold: 0 }] } },
      /threshold 0 must be above 0 and at most 1: choose/,
    ],
    ['threshold above 1', { autonomy: { grants: [{ ...grant, threshold: 1.01 }] } }, /threshold 1.01 must be/],
    [
      'a threshold that is no number',
      { autonomy: { grants: [{ ...grant, threshold: NaN }] } },
      /threshold NaN must be/,
    ],
    [
      'an audit rate below one in a hundred',
      { autonomy: { grants: [{ ...grant, auditRate: 0.009 }] } },
      /auditRate 0.009 must be from 0.01 to 1: a grant that nobody looks at/,
    ],
    ['two grants for a class', { autonomy: { grants: [grant, grant] } }, /^autonomy.grants: 'praise' occurs twice/],
    ['an unknown class in never', { autonomy: { never: ['wrath'] } }, /^autonomy.never: there is no class 'wrath'/],
    [
      'reminders out of order',
      { review: { queue: 'notes', remindAfterSeconds: [60, 30] } },
      /^review.remindAfterSeconds must be above 0 and ascending, 30 is not: sort/,
    ],
    [
      'a reminder at once',
      { review: { queue: 'notes', remindAfterSeconds: [0] } },
      /remindAfterSeconds must be above 0/,
    ],
    ['a lease of no time', { review: { queue: 'notes', leaseSeconds: 1 } }, /^review.leaseSeconds 1 must be/],
    [
      'a fallback before the last reminder',
      { review: { ...fallBack({ text: 'later' }).review, remindAfterSeconds: [90] } },
      /afterSeconds 60 must be above 0 and after the last reminder/,
    ],
    [
      'a fallback that is no output',
      fallBack({ text: 'x' }),
      /^review.onTimeout.output must satisfy the output schema: correct text/,
    ],
    ['a fallback that is made from the draft', fallBack((draft: Note) => draft), /silence never approves/],
    [
      'a time-out that approves',
      { review: { queue: 'notes', onTimeout: { kind: 'approve' } as never } },
      /^review.onTimeout 'approve': silence never approves: use keep_waiting/,
    ],
    [
      'an accuracy in percent',
      { requirements: { accuracy: 95, p95Seconds: 5, maxCostUsd: 0 } },
      /^requirements.accuracy 95 must be .*: write 0.95/,
    ],
    ['a budget of nothing', { budget: { perDayUsd: 0 } }, /^budget.perDayUsd 0 must be above 0/],
    ['a budget of half a call', { budget: { perTaskCalls: 0.5 } }, /^budget.perTaskCalls 0.5 must be a whole number/],
    [
      'a task that may cost more than a day',
      { budget: { perTaskUsd: 5, perDayUsd: 4 } },
      /^budget.perTaskUsd 5 must not be above budget.perDayUsd 4/,
    ],
    [
      'an output without a JSON Schema',
      { output: z.object({ text: z.string().transform((text) => text) }) },
      /^output must have a JSON Schema/,
    ],
  ])('%s', (_, change, problem) => {
    const problems = problemsOf(change);
    expect(problems).toEqual([expect.stringMatching(problem)]);
  });

  test('several faults at once, all of them', () => {
    expect(() => resolveDefinition(smallest({ name: 'No', version: 0 }))).toThrow(/'No'[^]*- name[^]*- version/);
  });
});

describe('the policy snapshot', () => {
  const environment = { defaultModels: { openai: 'gpt-test', embedded: 'embedded/1' }, hasProvider: () => true };
  const snapshotOf = (change: Partial<TaskDefinition<Note, Note>> = {}) =>
    policySnapshot(resolveDefinition(smallest(change)), environment);

  test('is plain JSON, the same each time, with a version of its own content', () => {
    const snapshot = snapshotOf(fallBack({ text: 'later' }));
    expect(JSON.parse(JSON.stringify(snapshot))).toEqual(snapshot);
    expect(snapshot.version).toMatch(/^p[0-9a-f]{16}$/);
    expect(snapshotOf(fallBack({ text: 'later' }))).toEqual(snapshot);
  });

  test.each<[string, Partial<TaskDefinition<Note, Note>>]>([
    ['its version', { version: 2 }],
    ['a grant', { autonomy: { grants: [{ class: 'praise', threshold: 0.9 }] } }],
    ['a never', { autonomy: { never: ['blame'] } }],
    ['a reminder', { review: { queue: 'notes', remindAfterSeconds: [5] } }],
    ['the hourly cost', { review: { queue: 'notes', humanUsdPerHour: 31 } }],
    [
      'the order of routes',
      { draft: { ...smallest().draft, routes: [{ provider: 'embedded' }, { provider: 'openai' }] } },
    ],
    ['an integration', { context: [integration] }],
    ['the fallback', fallBack({ text: 'later' })],
  ])('has another version when the definition changes in %s', (_, change) => {
    expect(snapshotOf(change).version).not.toBe(snapshotOf().version);
  });

  test('has another version when the words of the fallback change', () => {
    expect(snapshotOf(fallBack({ text: 'later' })).version).not.toBe(snapshotOf(fallBack({ text: 'later!' })).version);
  });

  test('binds the fallback and the empty draft to its version', () => {
    const { version, emptyDigest, review } = snapshotOf(fallBack({ text: 'later' }));
    expect(review.onTimeout).toEqual({
      kind: 'fall_back',
      afterSeconds: 60,
      digest: draftDigest({ output: { text: 'later' }, effects: [] }, version),
    });
    expect(emptyDigest).toBe(emptyDraftDigest(version));
  });

  test("what a process configures goes before the defaults, and a task type's own before that", () => {
    const configured = { ...environment, defaultTimeoutSeconds: { openai: 7 }, humanUsdPerHour: 12 };
    const snapshotOf = (change: Partial<TaskDefinition<Note, Note>>, given: PolicyEnvironment = configured) => {
      const { routes, review } = policySnapshot(resolveDefinition(smallest(change)), given);
      return [routes[0]?.timeoutSeconds, review.humanMicroUsdPerHour];
    };
    const own = {
      draft: { ...smallest().draft, routes: [{ provider: 'openai' as const, timeoutSeconds: 3 }] },
      review: { queue: 'notes', humanUsdPerHour: 45 },
    };
    expect(snapshotOf({}, environment)).toEqual([60, 30_000_000]);
    expect(snapshotOf({})).toEqual([7, 12_000_000]);
    expect(snapshotOf(own)).toEqual([3, 45_000_000]);
  });

  test('leaves out routes of providers that are not configured', () => {
    const task = resolveDefinition(smallest());
    const alone = policySnapshot(task, { ...environment, hasProvider: (provider) => provider === 'embedded' });
    expect(alone.routes.map(({ name, isLocal, languages }) => ({ name, isLocal, languages }))).toEqual([
      { name: 'embedded', isLocal: true, languages: ['en'] },
    ]);
    expect(snapshotOf().routes[0]).toMatchObject({
      name: 'openai',
      model: 'gpt-test',
      isLocal: false,
      languages: null,
    });
  });
});

describe('the task types of the installation', () => {
  test('let no class run alone as they are shipped', () => {
    const types = [...taskTypes().values()];
    expect(types.map(({ name }) => name)).toEqual(['bank-support', 'invoice-extract', 'refund-decision']);
    expect(types.flatMap(({ autonomy }) => autonomy.grants)).toEqual([]);
  });

  test('take the grants of their owner', () => {
    const grants = { 'bank-support': [{ class: 'exchange_rate', threshold: 0.8, auditRate: 0.1 }] };
    expect(taskTypes({ grants }).get('bank-support')?.autonomy.grants).toEqual([
      {
        id: 'owner/bank-support/exchange_rate/0.8',
        class: 'exchange_rate',
        threshold: 0.8,
        auditRate: 0.1,
        by: 'owner',
      },
    ]);
  });

  test('refuse a grant for a task type that is not there, and for what never runs alone', () => {
    expect(() => taskTypes({ grants: { 'bank-suport': [] } })).toThrow(
      /use one of bank-support, invoice-extract, refund-decision/,
    );
    expect(() => taskTypes({ grants: { 'bank-support': [{ class: 'fraud_report', threshold: 1 }] } })).toThrow(
      /autonomy.never/,
    );
  });

  test('fall back to a constant that tells the customer no more than that the message is there', () => {
    const { review } = resolveDefinition(bankSupport());
    expect(review.remindAfterSeconds).toEqual([900, 3_600]);
    expect(review.onTimeout).toMatchObject({
      kind: 'fall_back',
      afterSeconds: 86_400,
      output: { intent: 'unclear', factsUsed: [] },
    });
  });
});
