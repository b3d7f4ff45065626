import { processes } from './globalSetup';

export default async function globalTeardown(): Promise<void> {
  await processes.stopAll();
}
