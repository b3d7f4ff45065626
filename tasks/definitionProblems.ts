import { z } from 'zod';
import { OUT_OF_SCOPE, UNCLEAR } from '../contracts/words/vocabulary';
import type { ClassesByExample, TaskDefinition } from './define';
import { reviewProblems } from './reviewProblems';

const TYPE_NAME = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;
const CLASS_NAME = /^[a-z][a-z0-9]*(_[a-z0-9]+)*$/;
/** Fewer can't be told from chance, and leave nothing to hold out. */
const MIN_EXAMPLES = 5;
const MAX_INPUT_BYTES = 67_108_864;
/** A million: as micro-US-dollars it stays a whole number that JavaScript can count with. */
const MAX_BUDGET_USD = 1_000_000;
const MIN_AUDIT_RATE = 0.01;

type Problems = string[];

/** Everything that is wrong with a definition, each with the option, the rule and the cure; empty where it is valid. */
export function definitionProblems(definition: TaskDefinition, classNames: readonly string[]): readonly string[] {
  return [
    ...identityProblems(definition),
    ...(definition.classes.kind === 'examples'
      ? exampleProblems(definition.classes)
      : ruleProblems(definition.classes.names)),
    ...partProblems(definition),
    ...autonomyProblems(definition, classNames),
    ...reviewProblems(definition, TYPE_NAME),
    ...requirementProblems(definition.requirements),
    ...budgetProblems(definition.budget),
    ...schemaProblems(definition),
  ];
}

function identityProblems({ name, version, maxInputBytes, languages }: TaskDefinition): Problems {
  const problems: Problems = [];
  if (!TYPE_NAME.test(name)) {
    problems.push(`name '${name}' must be lower-case words joined by hyphens: write it like 'bank-support'`);
  }
  if (!isCount(version)) problems.push(`version ${version} must be a whole number from 1: start with 1 and count up`);
  if (maxInputBytes !== undefined && !(isCount(maxInputBytes) && maxInputBytes <= MAX_INPUT_BYTES)) {
    problems.push(
      `maxInputBytes ${maxInputBytes} must be a whole number from 1 to ${MAX_INPUT_BYTES}: choose one, or leave it out`,
    );
  }
  if (languages?.length === 0) problems.push(`languages must name at least one: leave it out for English`);
  for (const language of languages ?? []) {
    if (!/^[a-z]{2}$/.test(language))
      problems.push(`languages: '${language}' must be an ISO 639-1 code: write 'en' or 'de'`);
  }
  return problems;
}

function exampleProblems({ examples, outOfScope }: ClassesByExample): Problems {
  const counts = new Map<string, number>();
  const classOf = new Map<string, string>();
  const problems: Problems = [];
  for (const example of examples) {
    counts.set(example.class, (counts.get(example.class) ?? 0) + 1);
    const key = example.text.trim().toLowerCase();
    if (key === '') problems.push(`classes.examples: one of '${example.class}' is empty: write a text or remove it`);
    const other = classOf.get(key);
    if (other !== undefined) {
      problems.push(
        `classes.examples: "${example.text}" occurs twice ('${other}', '${example.class}'): keep one of them`,
      );
    }
    classOf.set(key, example.class);
  }
  for (const [name, count] of counts) {
    problems.push(...classNameProblems(name));
    if (count < MIN_EXAMPLES) {
      problems.push(
        `classes.examples: '${name}' has ${count}, at least ${MIN_EXAMPLES} are needed: write more, or drop the class`,
      );
    }
  }
  if (outOfScope !== counts.has(OUT_OF_SCOPE)) {
    problems.push(
      outOfScope
        ? `classes.outOfScope needs examples of '${OUT_OF_SCOPE}': write at least ${MIN_EXAMPLES}, or set it to false`
        : `classes.examples has '${OUT_OF_SCOPE}' while classes.outOfScope is false: set it to true, or remove them`,
    );
  }
  if ([...counts.keys()].filter((name) => name !== OUT_OF_SCOPE).length < 2) {
    problems.push(
      `classes.examples must have at least two classes besides '${OUT_OF_SCOPE}': add one, or classify by rules`,
    );
  }
  return problems;
}

function ruleProblems(names: readonly string[]): Problems {
  const problems = [...repeated('classes.names', names), ...names.flatMap(classNameProblems)];
  if (names.length === 0) problems.push(`classes.names must name at least one class: add what the rules can find`);
  return problems;
}

function classNameProblems(name: string): Problems {
  if (name === UNCLEAR)
    return [`class '${UNCLEAR}' is what a classifier says of itself: give its examples another class`];
  return CLASS_NAME.test(name)
    ? []
    : [`class '${name}' must be lower-case words joined by underscores: write it like 'card_lost'`];
}

function partProblems({ context = [], draft, checks, effects = [] }: TaskDefinition): Problems {
  const problems = [
    ...repeated(
      'context',
      context.map((integration) => integration.name),
    ),
    ...repeated(
      'draft.routes',
      draft.routes.map(({ provider, model }) => (model === undefined ? provider : `${provider}/${model}`)),
    ),
    ...repeated(
      'checks',
      checks.map((check) => check.name),
    ),
    ...repeated(
      'effects',
      effects.map((effect) => effect.name),
    ),
  ];
  if (draft.routes.length === 0)
    problems.push(`draft.routes must have at least one route: add { provider: 'embedded' }`);
  for (const { name, freshSeconds, ...limits } of context) {
    if (!(freshSeconds > 0))
      problems.push(`context '${name}': freshSeconds ${freshSeconds} must be above 0: say how long its facts are good`);
    problems.push(...limitProblems(`context '${name}'`, limits));
  }
  for (const route of draft.routes) {
    const { maxRepairs } = route;
    problems.push(...limitProblems(`draft.routes '${route.provider}'`, route));
    if (maxRepairs !== undefined && !(Number.isInteger(maxRepairs) && maxRepairs >= 0 && maxRepairs <= 1)) {
      problems.push(`draft.routes '${route.provider}': maxRepairs must be 0 or 1: add a further route instead`);
    }
  }
  return problems;
}

function limitProblems(option: string, limits: { timeoutSeconds?: number; maxAttempts?: number }): Problems {
  const problems: Problems = [];
  if (limits.timeoutSeconds !== undefined && !(limits.timeoutSeconds > 0 && limits.timeoutSeconds <= 600)) {
    problems.push(
      `${option}: timeoutSeconds ${limits.timeoutSeconds} must be above 0 and at most 600: choose one, or leave it out`,
    );
  }
  if (limits.maxAttempts !== undefined && !isCount(limits.maxAttempts)) {
    problems.push(`${option}: maxAttempts ${limits.maxAttempts} must be a whole number from 1: write 1 to try once`);
  }
  return problems;
}

function autonomyProblems({ autonomy }: TaskDefinition, classNames: readonly string[]): Problems {
  const { grants = [], never = [] } = autonomy ?? {};
  const known = `the classes are ${classNames.join(', ')}`;
  const problems = repeated(
    'autonomy.grants',
    grants.map((grant) => grant.class),
  );
  for (const name of never) {
    if (!classNames.includes(name)) problems.push(`autonomy.never: there is no class '${name}': ${known}`);
  }
  for (const grant of grants) {
    const option = `autonomy.grants '${grant.class}'`;
    if (!classNames.includes(grant.class)) problems.push(`${option}: there is no such class: ${known}`);
    if (grant.class === OUT_OF_SCOPE || grant.class === UNCLEAR)
      problems.push(`${option}: what is not understood goes to a person: remove the grant`);
    if (never.includes(grant.class))
      problems.push(`${option}: the class is in autonomy.never: remove it from one of them`);
    if (!(grant.threshold > 0 && grant.threshold <= 1)) {
      problems.push(
        `${option}: threshold ${grant.threshold} must be above 0 and at most 1: choose the confidence from which it runs alone`,
      );
    }
    if (grant.auditRate !== undefined && !(grant.auditRate >= MIN_AUDIT_RATE && grant.auditRate <= 1)) {
      problems.push(
        `${option}: auditRate ${grant.auditRate} must be from ${MIN_AUDIT_RATE} to 1: a grant that nobody looks at can't be withdrawn`,
      );
    }
  }
  return problems;
}

function requirementProblems({ accuracy, p95Seconds, maxCostUsd }: TaskDefinition['requirements']): Problems {
  const problems: Problems = [];
  if (!(accuracy > 0 && accuracy <= 1))
    problems.push(`requirements.accuracy ${accuracy} must be above 0 and at most 1: write 0.95 for 95 %`);
  if (!(p95Seconds > 0))
    problems.push(`requirements.p95Seconds ${p95Seconds} must be above 0: write the time 95 of 100 answers may take`);
  if (!(maxCostUsd >= 0))
    problems.push(`requirements.maxCostUsd ${maxCostUsd} must be 0 or more: write what one answer may cost`);
  return problems;
}

function budgetProblems(budget: TaskDefinition['budget'] = {}): Problems {
  const { perTaskUsd, perDayUsd, perTaskCalls, perDayCalls } = budget;
  const problems: Problems = [];
  for (const [option, usd] of Object.entries({ perTaskUsd, perDayUsd })) {
    if (usd !== undefined && !(usd > 0 && usd <= MAX_BUDGET_USD))
      problems.push(
        `budget.${option} ${usd} must be above 0 and at most ${MAX_BUDGET_USD}: name no remote route where no model may cost anything`,
      );
  }
  for (const [option, calls] of Object.entries({ perTaskCalls, perDayCalls })) {
    if (calls !== undefined && !isCount(calls))
      problems.push(
        `budget.${option} ${calls} must be a whole number from 1: choose one, or leave it out for no limit`,
      );
  }
  const pairs = [
    ['perTaskUsd', perTaskUsd, 'perDayUsd', perDayUsd],
    ['perTaskCalls', perTaskCalls, 'perDayCalls', perDayCalls],
  ] as const;
  for (const [one, ofTask, other, ofDay] of pairs) {
    if (ofTask !== undefined && ofDay !== undefined && ofTask > ofDay)
      problems.push(
        `budget.${one} ${ofTask} must not be above budget.${other} ${ofDay}: lower the one, or raise the other`,
      );
  }
  return problems;
}

function schemaProblems({ input, output }: TaskDefinition): Problems {
  const sides = [
    ['input', input],
    ['output', output],
  ] as const;
  return sides.flatMap(([io, schema]) => {
    try {
      z.toJSONSchema(schema, { io });
      return [];
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      return [`${io} must have a JSON Schema, and this has none (${why}): use refinements instead of transformations`];
    }
  });
}

function repeated(option: string, names: readonly string[]): Problems {
  const twice = names.filter((name, index) => names.indexOf(name) !== index);
  return [...new Set(twice)].map(
    (name) => `${option}: '${name}' occurs twice, names must be unique: rename or remove one`,
  );
}

function isCount(value: number): boolean {
  return Number.isInteger(value) && value >= 1;
}
