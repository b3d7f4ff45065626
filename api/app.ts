import compression from 'compression';
import express from 'express';
import type { Express, Router } from 'express';
import helmet from 'helmet';
import { operations } from '../contracts/http/document';
import { mountAdministration } from './administration';
import { createAuthenticate } from './authenticate';
import { mountDecisions } from './decisions';
import type { ApiDependencies } from './dependencies';
import { mountDocs } from './docs';
import { type EventOptions, mountEvents } from './events';
import { mountGoldItems } from './goldItems';
import { mountHealth } from './health';
import { mountMembers } from './members';
import { mountNotifications } from './notifications';
import { ProblemError, convertErrors } from './problems';
import { mountNotes } from './notes';
import { mountQuestions } from './questions';
import { logRequests } from './requestLog';
import { mountReviewers } from './reviewers';
import { mountReviews } from './reviews';
import { expressPath } from './route';
import { mountSignIn } from './signIn';
import { mountTaskTypes } from './taskTypes';
import { mountTasks } from './tasks';
import { createWaiters } from './waiters';

export interface Api {
  readonly app: Express;
  /** Answers those who wait with what there is, ends the streams of events, and is no longer ready. */
  endWaits(): void;
  /** Resolves when what was answered before it was done is done. */
  settle(): Promise<void>;
}

/** The HTTP interface over what it is given. Reads no environment and opens no port. */
export function createApp(dependencies: ApiDependencies, eventOptions: Partial<EventOptions> = {}): Api {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  const waiters = createWaiters(dependencies.store);
  let isClosing = false;
  app.use(logRequests(dependencies.log), helmet({ contentSecurityPolicy: JSON_POLICY }), compression());
  // Answers hold personal data: nothing between here and the caller may keep them.
  app.use((_request, response, next) => {
    response.setHeader('Cache-Control', 'no-store');
    next();
  });
  const router = express.Router({ caseSensitive: true, strict: true });
  const door = {
    router,
    authenticate: createAuthenticate(dependencies),
    maxBodyBytes: dependencies.config.http.maxBodyBytes,
  };
  mountHealth(router, dependencies, () => isClosing);
  mountDocs(router);
  mountSignIn(router, dependencies);
  mountTasks(door, dependencies, waiters);
  // Before the reviews, among whose addresses `/v1/reviews/events` would be taken for an id.
  const events = mountEvents(door, dependencies, eventOptions);
  mountReviews(door, dependencies);
  mountDecisions(door, dependencies);
  mountQuestions(door, dependencies);
  mountNotes(door, dependencies);
  mountTaskTypes(door, dependencies);
  mountAdministration(door, dependencies);
  mountMembers(door, dependencies);
  const { settle } = mountNotifications(door, dependencies);
  mountReviewers(door, dependencies);
  mountGoldItems(door, dependencies);
  refuseOtherMethods(router);
  app.use(router);
  app.use(() => {
    throw new ProblemError('route_unknown');
  });
  app.use(convertErrors(dependencies.log));
  const endWaits = () => {
    isClosing = true;
    waiters.close();
    events.close();
  };
  return { app, endWaits, settle };
}

/** JSON is data: nothing in it may load or frame anything. Pages have a policy of their own. */
const JSON_POLICY = { useDefaults: false, directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] } };

function refuseOtherMethods(router: Router): void {
  for (const path of new Set(operations.map((operation) => operation.path))) {
    const methods = operations.filter((operation) => operation.path === path).map(({ method }) => method.toUpperCase());
    router.all(expressPath(path), () => {
      throw new ProblemError('method_not_allowed', { headers: { Allow: methods.join(', ') } });
    });
  }
}
