import { bankSupport } from './bank-support/definition';
import type { GrantDefinition } from './define';
import { invoiceExtract } from './invoice-extract/definition';
import { refundDecision } from './refund-decision/definition';
import { DefinitionError, type ResolvedTask, resolveDefinition } from './resolve';

export interface TaskTypesOptions {
  /** By task type: the classes that their owner lets run alone. Default: none, so that every answer is reviewed. */
  readonly grants?: Readonly<Record<string, readonly GrantDefinition[]>>;
}

/**
 * The task types of this installation by name. Throws a DefinitionError where one is not valid or a grant is for a task type that
 * isn't there.
 */
export function taskTypes({ grants = {} }: TaskTypesOptions = {}): Map<string, ResolvedTask> {
  const grantsOf = (name: string): { grants: readonly GrantDefinition[] } => ({ grants: grants[name] ?? [] });
  const tasks = [
    resolveDefinition(bankSupport(grantsOf('bank-support'))),
    resolveDefinition(invoiceExtract(grantsOf('invoice-extract'))),
    resolveDefinition(refundDecision(grantsOf('refund-decision'))),
  ];
  const types = new Map(tasks.map((task) => [task.name, task]));
  for (const name of Object.keys(grants)) {
    if (!types.has(name)) {
      const known = [...types.keys()].join(', ');
      throw new DefinitionError(name, [`grants name the task type '${name}', and there is none: use one of ${known}`]);
    }
  }
  return types;
}
