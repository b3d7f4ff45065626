import type { LocalSteps, RemoteSteps } from '../contracts/words/steps';
import { classify } from './classify';
import { deliver } from './deliver';
import type { StepDependencies } from './dependencies';
import { draft, draftLocally } from './draft';
import { gather } from './gather';
import { judge } from './judge';
import { notify, parkNotice } from './notify';
import { planLadder } from './planLadder';
import { project } from './project';
import { screen } from './screen';
import { createTextCache } from './textCache';
import { validate } from './validate';
import { verifyDecisionToken } from './verifyDecisionToken';

/** All steps of a task, with what they need bound to them. */
export function createActivities(given: StepDependencies): LocalSteps & RemoteSteps {
  const dependencies = { ...given, textCache: given.textCache ?? createTextCache(given.clock) };
  return {
    screen: (ref, answers) => screen(dependencies, ref, answers),
    classify: (ref, answers) => classify(dependencies, ref, answers),
    draftLocally: (request) => draftLocally(dependencies, request),
    validate: (request) => validate(dependencies, request),
    judge: (request) => judge(dependencies, request),
    planLadder: (request) => Promise.resolve(planLadder(request)),
    verifyDecisionToken: (ref, token) => verifyDecisionToken(dependencies, ref, token),
    parkNotice: (notice) => parkNotice(dependencies, notice),
    project: (ref, state, events) => project(dependencies, ref, { state, events }),
    gather: (request) => gather(dependencies, request),
    draft: (request) => draft(dependencies, request),
    deliver: (request) => deliver(dependencies, request),
    notify: (notice) => notify(dependencies, notice),
    reachHistory: () => Promise.resolve(),
  };
}
