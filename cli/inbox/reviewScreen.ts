import { bold, cyan, dim, green, red, yellow } from '../print';
import { forTerminal } from '../terminalText';
import { ageWords, dollars, dueWords, durationWords, probabilityWords, spaced, timeWords } from '../wording';
import { evidenceWords, readable } from '../readable';
import type { Review } from './reviews';

/** Everything that a person needs to decide, on one screen. */
export function reviewScreen(raw: Review, nowMs: number): string {
  const review = forTerminal(raw);
  const sections = [
    heading(review, nowMs),
    section('Why you are asked', why(review)),
    section(inputTitle(review), readable(review.input)),
    section('Class', classification(review)),
    ...draftSections(raw),
    section('Checks', checks(review)),
    section('Context', context(review)),
    section('Attempts', attempts(review)),
    section('Decided cases like this', similar(review)),
    section('Rounds so far', rounds(review)),
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
    `queue ${review.queue}`,
    `priority ${review.priority}`,
    `opened ${ageWords(review.openedAt, nowMs)} ago`,
    ...(review.dueAt === null || isDecided(review)
      ? []
      : [review.isOverdue ? dueWords(review.dueAt, nowMs) : `due ${dueWords(review.dueAt, nowMs)}`]),
    ...(review.reminders > 0 ? [`reminded ${review.reminders} ×`] : []),
    `task ${review.taskId}`,
  ].join(' · ');
  return [bold(first), facts, ...standing(review)].join('\n');
}

function standing(review: Review): string[] {
  const last = review.rounds.at(-1)?.decision ?? null;
  if (isDecided(review)) {
    const by = last === null ? `by ${spaced(review.closedBy ?? 'nobody')}` : `${last.byName} decided: ${last.action}`;
    return [yellow(`Closed${review.closedAt === null ? '' : ` at ${timeWords(review.closedAt)}`}: ${by}`)];
  }
  if (review.claimedBy === null) return [];
  const until = review.claimedUntil === null ? '' : ` until ${timeWords(review.claimedUntil)}`;
  return [yellow(`Held by ${review.claimedByName ?? review.claimedBy}${until}`)];
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
  const decided = all.filter(({ decision }) => decision !== null);
  return decided
    .map(({ round, decision }) => {
      if (decision === null) return '';
      const code = decision.reasonCode === null ? '' : ` (${decision.reasonCode})`;
      return `  round ${round}: ${decision.action}${code} by ${decision.byName}, ${timeWords(decision.at)}`;
    })
    .join('\n');
}

function notes({ notes: all }: Review): string {
  return all
    .map(
      ({ kind, by, at, round, text }) => `  ${kind} of round ${round} by ${by}, ${timeWords(at)}\n${readable(text, 4)}`,
    )
    .join('\n');
}

function ladder(review: Review, nowMs: number): string {
  if (isDecided(review)) return '';
  const rungs = review.ladder.map(({ kind, at, doneAt }) => {
    const what = kind === 'remind' ? 'a reminder' : 'the task falls back, as its type declares';
    return `  ${doneAt === null ? dueWords(at, nowMs) : `done at ${timeWords(doneAt)}`}: ${what}`;
  });
  return rungs.length === 0 ? '  it waits: silence never approves' : rungs.join('\n');
}

function howToDecide({ id }: Review): string {
  return ['approve', 'correct', 'decline', 'revise']
    .map((action) => `  npx countersign inbox ${action} ${id}${ARGUMENTS[action] ?? ''}`)
    .join('\n');
}

const ARGUMENTS: Readonly<Record<string, string>> = { decline: ' --reason <code>', revise: ' --guidance <text>' };
