/**
 * A process of the real installation, run by `node --import tsx`, that can be killed at a point of its work. CHAOS_ROLE: `start` (API
 * and worker, default), `api` or `worker`. CHAOS_FILE: where `arm` writes. CHAOS_FORGETFUL: the id of a task whose effects get a
 * new idempotency key at each attempt, a planted fault. The rest is the product's own configuration.
 */
import { randomUUID } from 'node:crypto';
import type { Installation } from '../../cli/assemble';
import { openDoors } from '../../cli/processes/doors';
import { startApiPart } from '../../cli/processes/parts';
import { runProcess } from '../../cli/processes/runProcess';
import type { LocalSteps, NotifyRequest, RemoteSteps, TaskStart } from '../../contracts/words/steps';
import type { TaskRef, TaskState } from '../../contracts/words/task';
import type { Effect } from '../../tasks/define';
import { startWorkerPart } from '../../worker/workerPart';
import { type CrashPlace, dieIfArmed } from './crashPoint';

type Steps = LocalSteps & RemoteSteps;

const file = process.env['CHAOS_FILE'] ?? '';
const forgetful = process.env['CHAOS_FORGETFUL'];

/** Does the work with a crash point on either side. Null: there is none here. */
async function around<T>(place: CrashPlace | null, taskId: string, work: () => Promise<T>): Promise<T> {
  if (place !== null) dieIfArmed(file, { point: `${place}:before`, taskId });
  const result = await work();
  if (place !== null) dieIfArmed(file, { point: `${place}:after`, taskId });
  return result;
}

type Step = (...given: readonly unknown[]) => Promise<unknown>;

function wrap(steps: Steps): Steps {
  const wrapped = Object.entries(steps).map(([name, step]: [string, Step]) => {
    const disturbed: Step = (...given) => around(placeOf(name, given), taskIdOf(given[0]), () => step(...given));
    return [name, disturbed];
  });
  return Object.fromEntries(wrapped) as Steps;
}

function taskIdOf(given: unknown): string {
  // A step that is about no task is given nothing.
  const { ref, taskId } = (given ?? {}) as { ref?: TaskRef; taskId?: string };
  return ref?.taskId ?? taskId ?? '';
}

function placeOf(name: string, given: readonly unknown[]): CrashPlace | null {
  if (name === 'project') return stageOf(given[1] as TaskState);
  if (name === 'notify') return (given[0] as NotifyRequest).event === 'task.completed' ? 'notify' : null;
  // The other steps are places of the same name; one that no test arms is never met.
  return name as CrashPlace;
}

function stageOf({ status, review }: TaskState): CrashPlace | null {
  if (status === 'completed') return 'completing';
  if (status === 'waiting_for_review') return 'opening';
  return review?.rounds.at(-1)?.decision ? 'deciding' : null;
}

/** The installation with crash points where its API starts workflows and where its steps perform effects. */
function disturb(installation: Installation): Installation {
  const { workflow } = installation.client;
  const start = workflow.start.bind(workflow) as (...given: unknown[]) => Promise<unknown>;
  const disturbed = (...given: unknown[]) =>
    around('start', (given[1] as { args: [TaskStart] }).args[0].taskId, () => start(...given));
  Object.assign(workflow, { start: disturbed });
  const taskTypes = [...installation.taskTypes].map(([name, taskType]) => {
    return [name, { ...taskType, effects: taskType.effects.map(disturbEffect) }] as const;
  });
  return { ...installation, taskTypes: new Map(taskTypes) };
}

function disturbEffect(effect: Effect<unknown, unknown>): Effect<unknown, unknown> {
  return {
    ...effect,
    perform: (request, environment) => {
      const taskId = environment.idempotencyKey.split(':')[0] ?? '';
      const suffix = taskId === forgetful ? `:${randomUUID()}` : '';
      const idempotencyKey = environment.idempotencyKey + suffix;
      return around('effect', taskId, () => effect.perform(request, { ...environment, idempotencyKey }));
    },
  };
}

const role = process.env['CHAOS_ROLE'] ?? 'start';
if (role !== 'start' && role !== 'api' && role !== 'worker') throw new TypeError(`there is no role ${role}`);

void runProcess({
  process: role,
  start: async (whole, keep) => {
    const installation = disturb(whole);
    if (role !== 'api') keep(await startWorkerPart(installation, { wrap }));
    if (role === 'worker') return {};
    const api = await startApiPart(installation);
    keep(api);
    return openDoors(installation, api.url);
  },
});
