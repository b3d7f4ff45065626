import { canonicalJson } from '../contracts/digest';
import { DECIDING_ROLES } from '../contracts/words/roles';
import type { TaskDefinition } from './define';

const RUNGS = ['remind', 'widen', 'overdue'];
const MAX_APPROVALS = 5;
const MAX_UNDO_SECONDS = 3_600;
const MAX_CALLER_WAIT_SECONDS = 30 * 86_400;

type Problems = string[];

/** Everything that is wrong with how people decide; `name` is what the name of a queue looks like. */
export function reviewProblems(definition: TaskDefinition, name: RegExp): Problems {
  const { review } = definition;
  return [
    ...limitsProblems(review, name),
    ...ladderProblems(review, name),
    ...eyesProblems(definition),
    ...undoProblems(review),
    ...preconditionProblems(definition),
    ...timeoutProblems(definition),
  ];
}

function limitsProblems(review: TaskDefinition['review'], name: RegExp): Problems {
  const { queue, remindAfterSeconds = [], leaseSeconds, maxRounds, humanUsdPerHour } = review;
  const problems: Problems = [];
  if (!name.test(queue))
    problems.push(`review.queue '${queue}' must be lower-case words joined by hyphens: write it like 'support'`);
  remindAfterSeconds.forEach((seconds, index) => {
    if (!(seconds > (remindAfterSeconds[index - 1] ?? 0))) {
      problems.push(
        `review.remindAfterSeconds must be above 0 and ascending, ${seconds} is not: sort them and remove repetitions`,
      );
    }
  });
  if (leaseSeconds !== undefined && !(leaseSeconds >= 10 && leaseSeconds <= 86_400)) {
    problems.push(
      `review.leaseSeconds ${leaseSeconds} must be from 10 to 86400: choose how long one person may hold a review`,
    );
  }
  if (maxRounds !== undefined && !(isCount(maxRounds) && maxRounds <= 20)) {
    problems.push(`review.maxRounds ${maxRounds} must be a whole number from 1 to 20: write 1 to allow no revision`);
  }
  if (humanUsdPerHour !== undefined && !(humanUsdPerHour >= 0)) {
    problems.push(
      `review.humanUsdPerHour ${humanUsdPerHour} must be 0 or more: write what an hour of a reviewer costs`,
    );
  }
  return problems;
}

function timeoutProblems({ review, output }: TaskDefinition): Problems {
  const onTimeout: { readonly kind: string } | undefined = review.onTimeout;
  if (onTimeout === undefined || onTimeout.kind === 'keep_waiting') return [];
  // Definitions may come from plain JavaScript, where the type forbids nothing.
  if (onTimeout.kind !== 'fall_back' || review.onTimeout?.kind !== 'fall_back') {
    return [
      `review.onTimeout '${onTimeout.kind}': silence never approves: use keep_waiting, or fall_back with a constant output`,
    ];
  }
  const { afterSeconds, output: fallback } = review.onTimeout;
  const problems: Problems = [];
  const rungs = [...(review.remindAfterSeconds ?? []), ...(review.ladder ?? []).map((rung) => rung.afterSeconds)];
  if (!(afterSeconds > Math.max(0, ...rungs))) {
    problems.push(
      `review.onTimeout.afterSeconds ${afterSeconds} must be above 0 and after the last reminder and rung: choose a later time`,
    );
  }
  if (typeof fallback === 'function') {
    return [
      ...problems,
      `review.onTimeout.output must be a constant: a fallback that is made from a draft would approve it, and silence never approves`,
    ];
  }
  const parsed = output.safeParse(fallback);
  if (!parsed.success) {
    const where = parsed.error.issues
      .map((issue) => `${issue.path.join('.') || 'output'} (${issue.message})`)
      .join(', ');
    problems.push(`review.onTimeout.output must satisfy the output schema: correct ${where}`);
  } else if (!hasJsonForm(parsed.data)) {
    problems.push(`review.onTimeout.output must be plain JSON: remove what JSON can't carry`);
  }
  return problems;
}

/** Definitions may come from plain JavaScript, where the type forbids nothing. */
function ladderProblems({ ladder = [] }: TaskDefinition['review'], name: RegExp): Problems {
  return ladder.flatMap((rung) => {
    const kind: string = rung.kind;
    if (!RUNGS.includes(kind)) {
      return [`review.ladder '${kind}': silence never approves, and a rung can't decide: use ${RUNGS.join(', ')}`];
    }
    const option = `review.ladder '${kind}'`;
    const problems: Problems = [];
    if (!(rung.afterSeconds > 0))
      problems.push(`${option}: afterSeconds ${rung.afterSeconds} must be above 0: choose a time after the opening`);
    if (rung.kind !== 'widen') return problems;
    const { toQueue, toRole } = rung;
    if (toQueue === undefined && toRole === undefined)
      problems.push(`${option} must say to whom: give toQueue, toRole or both`);
    if (toQueue !== undefined && !name.test(toQueue))
      problems.push(
        `${option}: toQueue '${toQueue}' must be lower-case words joined by hyphens: write it like 'support'`,
      );
    return [...problems, ...roleProblems(`${option}: toRole`, toRole)];
  });
}

function roleProblems(option: string, role: string | undefined): Problems {
  const roles = Object.keys(DECIDING_ROLES);
  return role === undefined || roles.includes(role) ? [] : [`${option} '${role}' is none of ${roles.join(', ')}`];
}

function eyesProblems({ review, approvalRules = [] }: TaskDefinition): Problems {
  const names = approvalRules.map((rule) => rule.name);
  const twice = names.filter((each, index) => names.indexOf(each) !== index);
  return [
    ...roleProblems('review.role', review.role),
    ...countProblems('review', review),
    ...approvalRules.flatMap((rule) => countProblems(`approvalRules '${rule.name}'`, rule)),
    ...twice.map((each) => `approvalRules: '${each}' occurs twice, names must be unique: rename or remove one`),
  ];
}

function countProblems(
  option: string,
  { approvals = 1, approvers = 0 }: { readonly approvals?: number; readonly approvers?: number },
): Problems {
  const problems: Problems = [];
  if (!(Number.isInteger(approvals) && approvals >= 1 && approvals <= MAX_APPROVALS)) {
    problems.push(
      `${option}: approvals ${approvals} must be a whole number from 1 to ${MAX_APPROVALS}: write 2 for two people`,
    );
  }
  if (!(Number.isInteger(approvers) && approvers >= 0 && approvers <= approvals)) {
    problems.push(
      `${option}: approvers ${approvers} must be a whole number from 0 to approvals: they are some of them`,
    );
  }
  return problems;
}

function undoProblems({ undoSeconds = 0, callerWaitSeconds = 1 }: TaskDefinition['review']): Problems {
  const problems: Problems = [];
  if (!(undoSeconds >= 0 && undoSeconds <= MAX_UNDO_SECONDS)) {
    problems.push(`review.undoSeconds ${undoSeconds} must be from 0 to ${MAX_UNDO_SECONDS}: write 0 for no undo`);
  }
  if (!(callerWaitSeconds >= 1 && callerWaitSeconds <= MAX_CALLER_WAIT_SECONDS)) {
    problems.push(
      `review.callerWaitSeconds ${callerWaitSeconds} must be from 1 to ${MAX_CALLER_WAIT_SECONDS}: choose how long an answer is waited for`,
    );
  }
  return problems;
}

function preconditionProblems({ stillTrue = [], context = [] }: TaskDefinition): Problems {
  const names = stillTrue.map((precondition) => precondition.name);
  const known = context.map((integration) => integration.name);
  return [
    ...names
      .filter((each, index) => names.indexOf(each) !== index)
      .map((each) => `stillTrue: '${each}' occurs twice, names must be unique: rename or remove one`),
    ...stillTrue.flatMap(({ name, integrations }) => {
      const option = `stillTrue '${name}'`;
      if (integrations.length === 0)
        return [`${option} must name an integration: what doesn't change needs no second look`];
      return integrations
        .filter((each) => !known.includes(each))
        .map((each) => `${option}: there is no integration '${each}' in context: add it, or name another`);
    }),
  ];
}

function isCount(value: number): boolean {
  return Number.isInteger(value) && value >= 1;
}

function hasJsonForm(value: unknown): boolean {
  try {
    canonicalJson(value);
    return true;
  } catch {
    return false; // Not swallowed: the caller turns it into a problem with its cure.
  }
}
