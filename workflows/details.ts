import type { Round, TaskState } from '../contracts/words/task';

/** What on-call reads in the Temporal UI: Markdown, closed words and numbers only. */
export function describeState(state: TaskState): string {
  return [headline(state), '', ...facts(state).map((fact) => `- ${fact}`)].join('\n');
}

function headline(state: TaskState): string {
  const { review } = state;
  if (state.status === 'completed') return `**${state.outcome}** since ${state.completedAt}`;
  if (review?.status === 'waiting_for_caller') return '**waiting for the caller** to answer a question';
  if (review?.status === 'revising') return `**making another draft** for a reviewer in queue \`${review.queue}\``;
  if (review) return `**waiting for a reviewer** in queue \`${review.queue}\` since ${review.openedAt}`;
  return '**running**';
}

function facts(state: TaskState): string[] {
  const { review } = state;
  const lines: string[] = [];
  if (state.class) lines.push(`class \`${state.class.name}\`, probability ${state.class.probability.toFixed(3)}`);
  if (state.confidence) lines.push(`confidence ${state.confidence.score.toFixed(3)} (${state.confidence.calibrator})`);
  if (state.reasons.length > 0)
    lines.push(`reasons: ${state.reasons.map((given) => `\`${given.reason}\``).join(', ')}`);
  if (review && review.status !== 'closed') {
    lines.push(
      `round ${review.rounds.length}, ${review.claim ? `claimed by \`${review.claim.by}\`` : 'claimed by nobody'}`,
      ...factsOfRound(review.rounds.at(-1)),
    );
    if (review.alsoQueue) lines.push(`widened to queue \`${review.alsoQueue}\``);
    const next = review.ladder.find((rung) => rung.doneAt === null);
    lines.push(
      `reminders so far: ${review.reminders}; next on the ladder: ${next ? `${next.kind} at ${next.at}` : 'nothing, it waits'}`,
    );
    lines.push(
      `decide with the Update \`decide\` (API, console, CLI) or the signal \`decide\` carrying a decision token`,
    );
  }
  return lines;
}

function factsOfRound(round: Round | undefined): string[] {
  const { needed, approvals = [], undone = [] } = round ?? {};
  const lines: string[] = [];
  if (needed && needed.approvals > 1) lines.push(`approved by ${approvals.length} of ${needed.approvals} people`);
  if (undone.length > 0) lines.push(`decisions that were taken back: ${undone.length}`);
  return lines;
}
