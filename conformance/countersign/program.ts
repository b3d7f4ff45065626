/**
 * A process of this product with the suite's task types, as an installation that declares its own would run it. CONFORMANCE_ROLE: `api`,
 * `worker`, or `verify`, which says whether the audit trail of CONFORMANCE_TASK is intact.
 */
import { ensureAdminKey } from '../../api/localDoors';
import { DEFAULT_TENANT, type Installation } from '../../cli/assemble';
import { openDoors } from '../../cli/processes/doors';
import { startApiPart } from '../../cli/processes/parts';
import { runProcess } from '../../cli/processes/runProcess';
import { readAudit, verifyChain } from '../../store/audit';
import { savePolicy } from '../../store/policies';
import { ensureTenant } from '../../store/tenants';
import { policySnapshot } from '../../tasks/resolve';
import { startWorkerPart } from '../../worker/workerPart';
import { conformanceTypes } from './taskTypes';

const OTHER_TENANT = 'other';

async function withSuitesTypes(installation: Installation): Promise<Installation> {
  const { store, config } = installation;
  const taskTypes = conformanceTypes(process.env['OUTSIDE_URL'] ?? '');
  const environment = {
    defaultModels: { openai: config.models.openai.model, embedded: 'embedded' },
    hasProvider: () => true,
  };
  const policies = new Map([...taskTypes].map(([name, type]) => [name, policySnapshot(type, environment)]));
  await store.asSystem(async (tx) => {
    for (const [name, snapshot] of policies) {
      const onTimeout = taskTypes.get(name)?.review.onTimeout;
      await savePolicy(tx, { snapshot, fallback: onTimeout?.kind === 'fall_back' ? onTimeout.output : null });
    }
  });
  return { ...installation, taskTypes, policies };
}

async function otherTenantsKey(installation: Installation): Promise<string> {
  const createdAt = installation.clock().toISOString();
  await installation.store.asSystem((tx) => ensureTenant(tx, { id: OTHER_TENANT, name: 'Other', createdAt }));
  return ensureAdminKey(installation, { tenant: OTHER_TENANT });
}

async function verify({ store }: Installation): Promise<object> {
  const taskId = process.env['CONFORMANCE_TASK'] ?? '';
  const entries = await store.inTenant(DEFAULT_TENANT, (tx) => readAudit(tx, taskId));
  return verifyChain(entries, { tenant: DEFAULT_TENANT, taskId });
}

const role = process.env['CONFORMANCE_ROLE'];

void runProcess({
  process: role === 'worker' ? 'worker' : 'api',
  start: async (plain, keep) => {
    if (role === 'verify') return verify(plain);
    const installation = await withSuitesTypes(plain);
    if (role === 'worker') {
      keep(await startWorkerPart(installation));
      return {};
    }
    const api = await startApiPart(installation);
    keep(api);
    const doors = await openDoors(installation, api.url);
    return { ...doors, otherTenantsKey: await otherTenantsKey(installation) };
  },
});
