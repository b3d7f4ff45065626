import type { Router } from 'express';
import { getHealth, getReadiness } from '../contracts/http/health';
import type { ReplyOf } from '../contracts/http/operation';
import type { ApiDependencies } from './dependencies';
import { send } from './route';

const PROBE_DEADLINE_MS = 2_000;

/** `isClosing`: a process that is about to end is not ready, so that nothing new is sent to it. */
export function mountHealth(router: Router, dependencies: ApiDependencies, isClosing: () => boolean): void {
  router.get(getHealth.path, (_request, response) => send(response, { status: 200, body: { status: 'up' } }));
  router.get(getReadiness.path, async (_request, response) =>
    send(response, await readiness(dependencies, isClosing())),
  );
}

async function readiness(
  { store, client }: ApiDependencies,
  isClosing: boolean,
): Promise<ReplyOf<typeof getReadiness>> {
  const temporal = client.connection.withDeadline(Date.now() + PROBE_DEADLINE_MS, () =>
    client.workflowService.getSystemInfo({}),
  );
  const [hasStore, hasTemporal] = await Promise.all([isFine(store.ping()), isFine(temporal)]);
  const missing = [
    ...(hasStore ? [] : ['store' as const]),
    ...(hasTemporal ? [] : ['temporal' as const]),
    ...(isClosing ? ['shutting_down' as const] : []),
  ];
  if (missing.length > 0) return { status: 503, body: { status: 'not_ready', missing } };
  return { status: 200, body: { status: 'ready', missing } };
}

async function isFine(probe: Promise<unknown>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => (timer = setTimeout(() => resolve(false), PROBE_DEADLINE_MS)));
  const fine = probe.then(
    () => true,
    () => false,
  );
  return Promise.race([fine, late]).finally(() => clearTimeout(timer));
}
