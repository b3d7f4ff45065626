import { startApi } from '../../api/server';
import { startSweeper } from '../../api/sweeper';
import { apiDependenciesOf, type Installation } from '../assemble';

/** A part of a process: the API or the worker. */
export interface RunningPart {
  /** Rejects when the part fails by itself. */
  readonly finished: Promise<void>;
  stop(): Promise<void>;
}

export async function startApiPart(installation: Installation): Promise<RunningPart & { readonly url: string }> {
  const dependencies = apiDependenciesOf(installation);
  const api = await startApi(dependencies, { orNextFreePort: true });
  const sweeper = startSweeper(dependencies);
  const stop = async () => {
    await api.close();
    await sweeper.close();
  };
  return { url: api.url, finished: new Promise(() => {}), stop };
}
