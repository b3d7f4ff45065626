import type { ClientProblem, ProblemBody } from './ClientProblem';
import { forTerminal } from './terminalText';
import { spaced, timeWords } from './wording';

/** A problem as a person reads it: what happened, with who and when where somebody was quicker, and each field at fault. */
export function refusalText({ body }: ClientProblem): string {
  const said = forTerminal(body);
  const lines = [sentence(said), ...(said.errors ?? []).map(({ path, message }) => `  ${path || '/'}: ${message}`)];
  if (said.code === 'internal' && said.instance !== undefined) lines.push(`  For the log: ${said.instance}`);
  return lines.join('\n');
}

const DONE: Readonly<Record<string, string>> = {
  approve: 'approved the draft',
  correct: 'corrected the draft',
  decline: 'declined it',
  revise: 'sent it back for another draft',
  fall_back: 'let it fall back, since nobody had decided',
};

function sentence(said: ProblemBody): string {
  const detail = said.detail ?? said.title ?? spaced(said.code);
  if (said.code === 'already_decided' && said.decidedBy !== undefined) {
    const done = DONE[said.decidedAction ?? ''] ?? 'decided on it';
    return `${said.decidedByName ?? said.decidedBy} ${done}${at(said.decidedAt)}. Yours came second and changed nothing.`;
  }
  if (said.code === 'claimed_by_other' && said.claimedBy !== undefined) {
    const until = said.claimedUntil === undefined ? '' : ` until ${timeWords(said.claimedUntil)}`;
    return `${said.claimedByName ?? said.claimedBy} holds this review${until}. Nothing was changed. Take another one: npx countersign inbox next`;
  }
  if (said.code === 'task_ended' && said.outcome !== undefined) {
    return `The task has ended: ${spaced(said.outcome)}. Nothing was changed.`;
  }
  if (said.code === 'scope_required' && said.scope !== undefined) return `${detail} It is: ${said.scope}`;
  return detail;
}

function at(time: string | undefined): string {
  return time === undefined ? '' : ` at ${timeWords(time)}`;
}
