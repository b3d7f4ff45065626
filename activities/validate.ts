import type { DraftContent, JsonValue } from '../contracts/digest';
import type { ValidateRequest } from '../contracts/words/steps';
import type { CheckResult } from '../contracts/words/task';
import type { DraftCheck, DraftMaterial } from '../tasks/define';
import type { ResolvedTask } from '../tasks/resolve';
import { type StepDependencies, taskTypeOf } from './dependencies';
import { loadMaterial } from './material';

/** The output's schema first, then the task type's own checks. A check that throws has failed. */
export async function validate(
  dependencies: StepDependencies,
  request: ValidateRequest,
): Promise<readonly CheckResult[]> {
  const { ref, draft: draftRef, class: classification, contexts, guidance, answers = [] } = request;
  const taskType = taskTypeOf(dependencies, ref.type);
  const { material, draft } = await loadMaterial(dependencies, ref, {
    class: classification,
    contexts,
    guidance,
    answers,
    draft: draftRef,
  });
  return checkDraft(taskType, material, draft);
}

function checkDraft(
  taskType: ResolvedTask,
  material: DraftMaterial<unknown>,
  draft: DraftContent | null,
): CheckResult[] {
  const schema = checkSchema(taskType, draft?.output ?? null);
  if (!schema.passed) return [schema];
  return [schema, ...taskType.checks.map((check) => runCheck(check, material, draft?.output ?? null))];
}

export function checkSchema(taskType: ResolvedTask, output: JsonValue): CheckResult {
  const parsed = taskType.output.safeParse(output);
  const paths = parsed.success ? [] : parsed.error.issues.slice(0, 20).map(({ path }) => path.map(String).join('.'));
  return {
    name: 'schema',
    passed: parsed.success,
    reason: parsed.success ? null : 'checks_failed',
    evidence: { paths },
  };
}

function runCheck(
  check: DraftCheck<unknown, unknown>,
  material: DraftMaterial<unknown>,
  output: JsonValue,
): CheckResult {
  try {
    return { name: check.name, ...check.check(material, output) };
  } catch {
    return { name: check.name, passed: false, reason: 'checks_failed', evidence: { failure: 'check_threw' } };
  }
}
