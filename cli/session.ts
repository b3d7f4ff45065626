import { resolve } from 'node:path';
import type { Command } from 'commander';
import { Client } from './client';
import { findConnection } from './connection';

/** The folder of the project. */
export const ROOT = resolve(__dirname, '..');

interface ConnectionFlags {
  readonly url?: string;
  readonly apiKey?: string;
}

/** A client for the installation that the command's flags, the environment or `npm start` name. */
export function clientFor(command: Command): Client {
  const flags = command.optsWithGlobals<ConnectionFlags>();
  return new Client(findConnection({ flags, env: process.env, cwd: process.cwd(), root: ROOT }));
}
