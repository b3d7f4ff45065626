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

/** What the particulars of a code add to its own sentence, or say in its place; undefined where they don't. */
function particulars(said: ProblemBody, detail: string): string | undefined {
  const { code, role, scope, undoUntil, outcome } = said;
  if (code === 'role_required' && role !== undefined) return `${detail} It is: ${role}`;
  if (code === 'scope_required' && scope !== undefined) return `${detail} It is: ${scope}`;
  if (code === 'task_ended' && outcome !== undefined)
    return `The task has ended: ${spaced(outcome)}. Nothing was changed.`;
  if (code === 'too_late' && undoUntil !== undefined)
    return `It could be taken back until ${timeWords(undoUntil)}. Nothing was changed.`;
  return undefined;
}

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
  return particulars(said, detail) ?? detail;
}

function at(time: string | undefined): string {
  return time === undefined ? '' : ` at ${timeWords(time)}`;
}
