import { settings } from './config';
import type { LoadedConfig } from './config';
import type { Setting } from './setting';

const MASK = '(set, not shown)';
const ABSENT = '(none)';

/** The configuration as a table of option, value and origin, for a person. Secrets are masked. */
export function describeConfig(loaded: LoadedConfig): string {
  const rows = settings.map((setting) => [
    setting.name,
    shown(setting, valueOf(loaded.config, setting.name)),
    loaded.origins[setting.name] ?? 'default',
  ]);
  return aligned([['OPTION', 'VALUE', 'FROM'], ...rows]);
}

function shown({ secret }: Setting, value: unknown): string {
  if (value === undefined) return ABSENT;
  if (secret === true) return MASK;
  return Array.isArray(value) ? JSON.stringify(value) : String(value);
}

function valueOf(config: object, name: string): unknown {
  return name.split('.').reduce<unknown>((node, key) => (node as Record<string, unknown>)[key], config);
}

function aligned(rows: readonly string[][]): string {
  const widths = [0, 1].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
