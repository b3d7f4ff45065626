import { FALLBACK_TEXT, INPUT_TEXT } from '../contracts/words/names';
import type { DecisionRecord, Round, TaskState, TextName } from '../contracts/words/task';

/** The names of the texts that a state refers to, its input among them; what is kept with the policy is left out. */
export function textNamesOf({ contexts, draft, output, review, answers = [] }: TaskState): readonly TextName[] {
  const names = [
    INPUT_TEXT,
    ...contexts.map(({ text }) => text),
    draft?.text,
    output,
    ...(review?.rounds ?? []).flatMap(ofRound),
    ...answers.map(({ text }) => text),
  ];
  return names.flatMap((name) => (!name || name === FALLBACK_TEXT ? [] : [name]));
}

function ofRound({
  draft,
  decision,
  approvals = [],
  undone = [],
  questions = [],
}: Round): (TextName | null | undefined)[] {
  const decisions = [...(decision === null ? [] : [decision]), ...approvals, ...undone.map((each) => each.decision)];
  return [draft?.text, ...decisions.flatMap(ofDecision), ...questions.map(({ text }) => text)];
}

function ofDecision({ output, guidance, note }: DecisionRecord): (TextName | null)[] {
  return [output, guidance, note];
}
