import { expect, test } from '@jest/globals';
import { violationsIn } from '../architecture/importRules';
import { plantedProject } from './plantedProject';

/** Files that break no rule, one for each room, each imported by another. */
const SOUND = {
  'contracts/words/task.ts': 'export const WORD = 1;',
  'contracts/task.ts':
    "import { z } from 'zod';\nimport { WORD } from './words/task';\nexport const rule = z.literal(WORD);",
  'guards/guard.ts': "export { rule as guard } from '../contracts/task';",
  'models/model.ts': "export { rule as model } from '../contracts/task';",
  'platform/clock.ts': "export { rule as clock } from '../contracts/task';",
  'autonomy/grant.ts': "export { rule as grant } from '../contracts/task';",
  'store/store.ts': "import { clock } from '../platform/clock';\nexport const store = clock;",
  'activities/draft.ts': "import { store } from '../store/store';\nexport const draft = store;",
  'worker/worker.ts': "import { draft } from '../activities/draft';\nexport const worker = draft;",
  'workflows/aiTask.ts':
    "import { sleep } from '@temporalio/workflow';\nimport { WORD } from '../contracts/words/task';\nexport type Run = number;\nexport const aiTask = () => sleep(WORD);",
  'tasks/define.ts': "export { rule as defineTask } from '../contracts/task';",
  'tasks/bank/contracts.ts': "import { defineTask } from '../define';\nexport const contract = defineTask;",
  'tasks/invoice/definition.ts': "import { defineTask } from '../define';\nexport const invoice = defineTask;",
  'api/tasks.ts':
    "import type { Run } from '../workflows/aiTask';\nimport { store } from '../store/store';\nexport const tasks = (run: Run) => [run, store];",
  'cli/main.ts':
    "import { tasks } from '../api/tasks';\nimport { worker } from '../worker/worker';\nexport const main = [tasks, worker];",
  'fakes/main.ts': "import { contract } from '../tasks/bank/contracts';\nexport const fake = contract;",
};

/** A forbidden import, and the rule that has to say so. */
const FAULTS: ReadonlyArray<readonly [rule: string, file: string, imported: string]> = [
  ['contracts-imports', 'contracts/planted.ts', '../store/store'],
  ['guards-imports', 'guards/planted.ts', '../models/model'],
  ['autonomy-imports', 'autonomy/planted.ts', '../platform/clock'],
  ['models-imports', 'models/planted.ts', '../store/store'],
  ['platform-imports', 'platform/planted.ts', '../store/store'],
  ['store-imports', 'store/planted.ts', '../activities/draft'],
  ['activities-imports', 'activities/planted.ts', '../api/tasks'],
  ['worker-imports', 'worker/planted.ts', '../workflows/aiTask'],
  ['workflows-imports', 'workflows/planted.ts', '../contracts/task'],
  ['api-imports', 'api/planted.ts', '../activities/draft'],
  ['api-types', 'api/planted-value.ts', '../workflows/aiTask'],
  ['cli-imports', 'cli/planted.ts', '../activities/draft'],
  ['cli-imports', 'cli/planted-workflow.ts', '../workflows/aiTask'],
  ['tasks-imports', 'tasks/planted.ts', '../platform/clock'],
  ['tasks-through-the-door', 'tasks/bank/planted.ts', '../invoice/definition'],
  ['fakes-imports', 'fakes/planted.ts', '../tasks/invoice/definition'],
  ['product-needs-no-fakes', 'api/planted-fake.ts', '../fakes/main'],
  ['product-needs-no-fakes', 'store/planted-test.ts', '../test/tool'],
  ['words-are-plain', 'contracts/words/planted.ts', 'zod'],
  ['words-are-plain', 'contracts/words/planted-up.ts', '../task'],
  ['workflow-packages', 'workflows/planted-node.ts', 'node:fs'],
  ['workflow-packages', 'workflows/planted-package.ts', 'zod'],
  ['workflow-packages', 'workflows/planted-client.ts', '@temporalio/client'],
  ['resolvable', 'guards/planted-nowhere.ts', './nowhere'],
  ['production-dependencies', 'models/planted-dev.ts', 'fast-check'],
];

function planted(): Record<string, string> {
  const faults = FAULTS.map(([, file, imported]) => [file, `import * as fault from '${imported}';\nexport { fault };`]);
  return {
    ...SOUND,
    ...(Object.fromEntries(faults) as Record<string, string>),
    'test/tool.ts': "import { WORD } from '../contracts/words/task';\nexport const tool = WORD;",
    'store/one.ts': "import { two } from './two';\nexport const one = () => two;",
    'store/two.ts': "import { one } from './one';\nexport const two = () => one;",
    'guards/alone.ts': 'export const alone = 1;',
  };
}

test('a project that keeps the import rules passes', () => {
  expect(violationsIn(plantedProject(SOUND))).toEqual([]);
});

test('each forbidden import, a cycle and a file without any use are told by the rule that forbids them', () => {
  const told = violationsIn(plantedProject(planted())).map(({ rule, from }) => `${rule} ${from}`);
  const expected = FAULTS.map(([rule, file]) => `${rule} ${file}`);
  expect(told).toEqual(expect.arrayContaining([...expected, 'no-cycle store/one.ts', 'no-orphan guards/alone.ts']));
});
