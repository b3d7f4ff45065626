import { resolve } from 'node:path';
import type { Command } from 'commander';
import { Client } from './client';
import { type Connection, findConnection } from './connection';

/** The folder of the project. */
export const ROOT = resolve(__dirname, '..');

interface ConnectionFlags {
  readonly url?: string;
  readonly apiKey?: string;
}

/** A client for the installation that the command's flags, the environment or `npm start` name. */
export function clientFor(command: Command): Client {
  return new Client(connectionFor(command));
}

export function connectionFor(command: Command): Connection {
  const flags = command.optsWithGlobals<ConnectionFlags>();
  return findConnection({ flags, env: process.env, cwd: process.cwd(), root: ROOT });
}
