import { bold, cyan, dim, green, red, yellow } from '../print';
import { forTerminal } from '../terminalText';
import {
  ageWords,
  dollars,
  dueWords,
  durationWords,
  peopleWords,
  probabilityWords,
  spaced,
  timeWords,
} from '../wording';
import { evidenceWords, readable } from '../readable';
import type { Review } from './reviews';

/** Everything that a person needs to decide, on one screen. */
export function reviewScreen(raw: Review, nowMs: number): string {
  const review = forTerminal(raw);
  const sections = [
    heading(review, nowMs),
    section('Why you are asked', why(review)),
    section('Changed since the round before', changes(review)),
    section(inputTitle(review), readable(review.input)),
    section('What the caller said since', answers(review)),
    section('Class', classification(review)),
    ...draftSections(raw),
    section('Checks', checks(review)),
    section('Context', context(review)),
    section('Attempts', attempts(review)),
    section('Decided cases like this', similar(review)),
    section('Who has to approve', approvals(review)),
    section('Rounds so far', rounds(review)),
    section('Questions to the caller', questions(review)),
    section('Notes', notes(review)),
    section('If nobody decides', ladder(review, nowMs)),
    isDecided(review) ? '' : section('To decide', howToDecide(review)),
  ];
  return sections.filter((text) => text !== '').join('\n\n');
}

/** The draft that a decision is bound to, and what approving it does. */
export function draftScreen(raw: Review): string {
  return draftSections(raw).join('\n\n');
}

function draftSections(raw: Review): string[] {
  const { draft, digest } = forTerminal({ draft: raw.draft, digest: raw.digest });
  if (draft === null) {
    const none = '  There is none: no draft could be made. Correct (write the output), decline, or revise.';
    return [section('Draft', `${none}\n  ${dim(`digest ${digest}`)}`)];
  }
  const hidden =
    JSON.stringify(draft.output) === JSON.stringify(raw.draft?.output)
      ? ''
      : `\n  ${yellow('Control characters in the draft are not shown here; --json shows them.')}`;
  const effects = draft.effects.map(({ sentence }) => `  • ${sentence}`);
  return [
    section(
      `Draft, version ${draft.version}`,
      `${readable(draft.output)}\n  ${dim(`digest ${draft.digest}`)}${hidden}`,
    ),
    section('What approving does', ['  • delivers this output to the caller', ...effects].join('\n')),
  ];
}

export function isDecided(review: Review): boolean {
  return review.status === 'closed';
}

function section(title: string, body: string): string {
  return body === '' ? '' : `${bold(cyan(title))}\n${body}`;
}

function heading(review: Review, nowMs: number): string {
  const first = [review.id, review.type, `round ${review.round}`, spaced(review.status)].join(' · ');
  const facts = [
    `queue ${review.queue}${review.alsoQueue === null ? '' : `, also ${review.alsoQueue}`}`,
    `priority ${review.priority}`,
    `opened ${ageWords(review.openedAt, nowMs)} ago`,
    ...(review.dueAt === null || isDecided(review)
      ? []
      : [review.isOverdue ? dueWords(review.dueAt, nowMs) : `due ${dueWords(review.dueAt, nowMs)}`]),
    ...(review.dueAt === null && review.isOverdue ? ['overdue'] : []),
    ...(review.reminders > 0 ? [`reminded ${review.reminders} ×`] : []),
    `task ${review.taskId}`,
  ].join(' · ');
  return [bold(first), facts, ...standing(review, nowMs)].join('\n');
}

function standing(review: Review, nowMs: number): string[] {
  const last = review.rounds.at(-1)?.decision ?? null;
  if (isDecided(review)) {
    const by = last === null ? `by ${spaced(review.closedBy ?? 'nobody')}` : `${last.byName} decided: ${last.action}`;
    const closed = yellow(`Closed${review.closedAt === null ? '' : ` at ${timeWords(review.closedAt)}`}: ${by}`);
    return [closed, ...undoable(review, nowMs)];
  }
  if (review.claimedBy === null) return undoable(review, nowMs);
  const until = review.claimedUntil === null ? '' : ` until ${timeWords(review.claimedUntil)}`;
  return [yellow(`Held by ${review.claimedByName ?? review.claimedBy}${until}`), ...undoable(review, nowMs)];
}

/** The decision on the newest round, while its time lasts. */
function undoable({ id, rounds: all }: Review, nowMs: number): string[] {
  const { byName, undoUntil } = all.at(-1)?.decision ?? { byName: '', undoUntil: null };
  if (undoUntil === null || Date.parse(undoUntil) <= nowMs) return [];
  return [`Until ${timeWords(undoUntil)} ${byName} or a lead can take it back: npx countersign inbox undo ${id}`];
}

/** Told where more than one person is asked, or one with a role of their own. */
function approvals({ needed, rounds: all }: Review): string {
  const given = all.at(-1)?.approvals ?? [];
  if (needed.approvals <= 1 && needed.approvers === 0 && given.length === 0) return '';
  const approvers = needed.approvers === 0 ? '' : `, of these ${needed.approvers} with the role approver`;
  const rule = needed.rule === null ? '' : ` ${dim(`(rule ${needed.rule})`)}`;
  return [
    `  ${peopleWords(needed.approvals)}${approvers}${rule}`,
    ...given.map(
      ({ byName, at, surface }) => `  ${green('approved')} by ${byName}${doorWords(surface)}, ${timeWords(at)}`,
    ),
    ...(needed.missing === 0 ? [] : [`  ${yellow(`${peopleWords(needed.missing)} still missing`)}`]),
  ].join('\n');
}

function changes({ changes: all }: Review): string {
  return all
    .map(
      ({ integration, path, before, after }) =>
        `  ${bold(integration)} ${path}: ${flat(before)} → ${yellow(flat(after))}`,
    )
    .join('\n');
}

function flat(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? 'nothing');
}

function questions({ rounds: all }: Review): string {
  return all
    .flatMap(({ round, questions: asked }) =>
      asked.map(
        ({ text, byName, at, status }) =>
          `  asked in round ${round} by ${byName}, ${timeWords(at)}: ${QUESTION_WORDS[status]}\n${readable(text, 4)}`,
      ),
    )
    .join('\n');
}

const QUESTION_WORDS: Readonly<Record<Review['rounds'][number]['questions'][number]['status'], string>> = {
  open: 'waits for the answer',
  answered: 'answered',
  unanswered: 'not answered in time',
  withdrawn: 'no longer asked, since it was decided',
};

function answers({ answers: all }: Review): string {
  return all
    .map(({ question, text, at }) => {
      const to = question === null ? 'unasked' : `to the question: ${question}`;
      return `  ${timeWords(at)}, ${to}\n${readable(text, 4)}`;
    })
    .join('\n');
}

function why({ reasons }: Review): string {
  return reasons
    .map(({ sentence, step, evidence }) => {
      const words = evidenceWords(evidence);
      return `  • ${sentence} ${dim(`(${step})`)}${words === '' ? '' : `\n    ${dim(words)}`}`;
    })
    .join('\n');
}

function inputTitle({ language, isMasked }: Review): string {
  const told = language === null ? 'language unknown' : `language ${language}`;
  return `Input, ${told}${isMasked ? ', personal data masked (--reveal shows it, and is audited)' : ''}`;
}

function classification({ classification: found, trust }: Review): string {
  const sure = trust === null ? [] : [`  the draft is right with confidence ${bold(probabilityWords(trust.score))}`];
  if (found === null) return ['  none', ...sure].join('\n');
  const others = found.runnersUp.map(({ name, probability }) => `${name} ${probabilityWords(probability)}`);
  const sameness = `margin ${probabilityWords(found.margin)}, strangeness ${probabilityWords(found.strangeness)}`;
  return [
    `  ${bold(found.name)} ${probabilityWords(found.probability)} ${dim(`(${sameness})`)}`,
    ...(others.length === 0 ? [] : [`  next: ${others.join(', ')}`]),
    ...sure,
  ].join('\n');
}

function checks({ checks: all }: Review): string {
  return all
    .map(({ name, passed, evidence }) => {
      const words = evidenceWords(evidence);
      return `  ${passed ? green('passed') : red('failed')} ${name}${words === '' ? '' : ` ${dim(words)}`}`;
    })
    .join('\n');
}

function context({ context: all }: Review): string {
  return all
    .map(({ integration, status, ageSeconds, isFresh, content, evidence }) => {
      if (status !== 'ok') return `  ${bold(integration)}: ${red(spaced(status))} ${dim(evidenceWords(evidence))}`;
      const age = `${durationWords(ageSeconds)} old${isFresh ? '' : ', stale'}`;
      const body = content === null || content === undefined ? '' : `\n${readable(content, 4)}`;
      return `  ${bold(integration)}, ${isFresh ? age : yellow(age)}${body}`;
    })
    .join('\n');
}

function attempts({ attempts: all }: Review): string {
  return all
    .map(
      ({ route, provider, model, result, latencyMs, costMicroUsd }) =>
        `  ${route}: ${provider} ${model}, ${spaced(result)}, ${Math.round(latencyMs)} ms, ${dollars(costMicroUsd)}`,
    )
    .join('\n');
}

function similar({ similar: all }: Review): string {
  return all
    .map(({ action, by, at, output }) => `  ${action} by ${by}, ${timeWords(at)}\n${readable(output, 4)}`)
    .join('\n');
}

function rounds({ rounds: all }: Review): string {
  return all
    .flatMap(({ round, decision, undone }) => [
      ...undone.map((each) => `  ${said(round, each.decision)}; taken back by ${each.byName}, ${timeWords(each.at)}`),
      ...(decision === null ? [] : [`  ${said(round, decision)}`]),
    ])
    .join('\n');
}

type Decision = NonNullable<Review['rounds'][number]['decision']>;

function said(round: number, { action, reasonCode, byName, at, surface }: Decision): string {
  const code = reasonCode === null ? '' : ` (${reasonCode})`;
  return `round ${round}: ${action}${code} by ${byName}${doorWords(surface)}, ${timeWords(at)}`;
}

const DOOR_WORDS: Readonly<Record<Decision['surface'], string>> = {
  http: '',
  bulk: ', with others at once',
  link: ', by the link of an e-mail',
  slack: ', in Slack',
  signal: ', by a decision token',
};

function doorWords(surface: Decision['surface']): string {
  return DOOR_WORDS[surface];
}

function notes({ notes: all }: Review): string {
  return all
    .map(
      ({ kind, by, at, round, text }) =>
        `  ${kind}${round === null ? '' : ` of round ${round}`} by ${by}, ${timeWords(at)}\n${readable(text, 4)}`,
    )
    .join('\n');
}

function ladder(review: Review, nowMs: number): string {
  if (isDecided(review)) return '';
  const rungs = review.ladder.map(({ kind, at, doneAt }) => {
    return `  ${doneAt === null ? dueWords(at, nowMs) : `done at ${timeWords(doneAt)}`}: ${RUNG_WORDS[kind]}`;
  });
  const still = review.status === 'waiting_for_caller' ? ['  it stands still while the caller is asked'] : [];
  return rungs.length === 0 ? '  it waits: silence never approves' : [...still, ...rungs].join('\n');
}

const RUNG_WORDS: Readonly<Record<Review['ladder'][number]['kind'], string>> = {
  remind: 'a reminder',
  widen: 'it is put before more people',
  overdue: 'it counts as overdue',
  fall_back: 'the task falls back, as its type declares',
};

function howToDecide({ id }: Review): string {
  return ['approve', 'correct', 'decline', 'revise', 'ask']
    .map((action) => `  npx countersign inbox ${action} ${id}${ARGUMENTS[action] ?? ''}`)
    .join('\n');
}

const ARGUMENTS: Readonly<Record<string, string>> = {
  decline: ' --reason <code>',
  revise: ' --guidance <text>',
  ask: ' --question <text>',
};
