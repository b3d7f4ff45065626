import { createRequire } from 'node:module';
import { join } from 'node:path';
import { anyFreePort } from '../../scripts/setup/freePort.mjs';
import { Processes } from '../../scripts/setup/Processes.mjs';
import { signalGroup } from '../../scripts/setup/stopGroup.mjs';
import type { Adapter, World } from '../adapter';
import { until } from '../until';
import { APPLICATION_WORK } from './applicationWork';
import { PEERS, PeerSystem } from './peerSystem';
import { versionOf } from './versionOf';

export const restate: Adapter = {
  name: 'restate',
  title: 'Restate',
  version: () => `${versionOf('@restatedev/restate-server')}, ${versionOf('@restatedev/restate-sdk')}`,
  notOffered: {
    ...APPLICATION_WORK,
    30: 'the run of a workflow can’t be started again from an earlier point; only invocations of services can',
  },
  open: async (world) => {
    const processes = new Processes();
    const server = await startServer(processes, world);
    const env = {
      RESTATE_INGRESS_URL: server.ingressUrl,
      RESTATE_ADMIN_URL: server.adminUrl,
      SERVICE_PORT: String(await anyFreePort()),
    };
    const also = ['waiting', 'cancel', 'answer', 'trail'] as const;
    const { restart } = server;
    // Its server is both: what drives the tasks and what keeps them.
    return PeerSystem.open({
      name: 'restate',
      world,
      processes,
      env,
      restartStore: restart,
      restartEngine: restart,
      also,
    });
  },
};

interface Server {
  readonly ingressUrl: string;
  readonly adminUrl: string;
  restart(): Promise<void>;
}

async function startServer(processes: Processes, world: World): Promise<Server> {
  const [ingress, admin, node] = [await anyFreePort(), await anyFreePort(), await anyFreePort()];
  const start = () =>
    processes.start({
      name: 'Restate',
      command: serverProgram(),
      args: [
        '--base-dir',
        join(world.folder, 'restate'),
        '--node-name',
        'conformance',
        '--no-logo',
        '--listen-mode',
        'tcp',
      ],
      cwd: world.folder,
      env: serverEnvironment({ ingress, admin, node }),
      logFile: join(world.folder, 'restate-server.log'),
    });
  const ingressUrl = `http://127.0.0.1:${ingress}`;
  const adminUrl = `http://127.0.0.1:${admin}`;
  const isHealthy = async () => {
    const answers = await Promise.all([fetch(`${adminUrl}/health`), fetch(`${ingressUrl}/restate/health`)]);
    return answers.every(({ ok }) => ok);
  };
  const ready = () => until('Restate', isHealthy, { isFine: (isReady) => isReady, seconds: 60 });
  let running = await start();
  await ready();
  const restart = async () => {
    signalGroup(running.pid, 'SIGKILL');
    await running.ended;
    running = await start();
    await ready();
  };
  return { ingressUrl, adminUrl, restart };
}

function serverEnvironment({ ingress, admin, node }: Readonly<Record<'ingress' | 'admin' | 'node', number>>) {
  return {
    ...process.env,
    RESTATE_BIND_IP: '127.0.0.1',
    RESTATE_BIND_PORT: String(node),
    RESTATE_ADVERTISED_ADDRESS: `http://127.0.0.1:${node}/`,
    RESTATE_INGRESS__BIND_ADDRESS: `127.0.0.1:${ingress}`,
    RESTATE_ADMIN__BIND_ADDRESS: `127.0.0.1:${admin}`,
    RESTATE_DEFAULT_NUM_PARTITIONS: '4',
    RESTATE_DISABLE_TELEMETRY: 'true',
    DO_NOT_TRACK: '1',
  };
}

/** The program itself: its starter in JavaScript would outlive a kill for a moment. */
function serverProgram(): string {
  const starter = createRequire(join(PEERS, 'node_modules', '@restatedev', 'restate-server', 'package.json'));
  return starter.resolve(`@restatedev/restate-server-${process.platform}-${process.arch}/bin/restate-server`);
}
