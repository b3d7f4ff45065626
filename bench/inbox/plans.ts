import { CompiledQuery, type KyselyPlugin, type RootOperationNode } from 'kysely';
import type { Store, TenantTx } from '../../store/store';

interface PlanNode {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Index Name'?: string;
  readonly 'Actual Rows'?: number;
  readonly 'Actual Loops'?: number;
  readonly Plans?: readonly PlanNode[];
}

export interface Plan {
  readonly milliseconds: number;
  readonly buffers: number;
  /** One line a node, from the top. */
  readonly lines: readonly string[];
  readonly sequentialScans: number;
}

/** Runs `work` as the product does, in a transaction of the tenant's role, and gives the plan of each of its queries, analyzed. */
export async function plansOf(
  store: Store,
  tenant: string,
  work: (tx: TenantTx) => Promise<unknown>,
): Promise<readonly Plan[]> {
  return store.inTenant(tenant, async (tx) => {
    const nodes: RootOperationNode[] = [];
    const listening: KyselyPlugin = {
      transformQuery: ({ node }) => {
        nodes.push(node);
        return node;
      },
      transformResult: ({ result }) => Promise.resolve(result),
    };
    await work({ ...tx, db: tx.db.withPlugin(listening) });
    const plans: Plan[] = [];
    for (const node of nodes) {
      const { sql, parameters } = tx.db.getExecutor().compileQuery(node, { queryId: 'plan' });
      if (sql.includes('set_config')) continue;
      const explain = CompiledQuery.raw(`explain (analyze, buffers, format json) ${sql}`, [...parameters]);
      const { rows } = await tx.db.executeQuery<Record<string, readonly [Explained]>>(explain);
      plans.push(planOf(Object.values(rows[0] ?? {})[0]?.[0]));
    }
    return plans;
  });
}

interface Explained {
  readonly Plan: PlanNode & { readonly 'Shared Hit Blocks': number; readonly 'Shared Read Blocks': number };
  readonly 'Execution Time': number;
  readonly 'Planning Time': number;
}

function planOf(explained: Explained | undefined): Plan {
  if (explained === undefined) throw new Error('PostgreSQL gave no plan');
  const { Plan: top } = explained;
  const all = nodesOf(top, 0);
  return {
    milliseconds: explained['Execution Time'] + explained['Planning Time'],
    buffers: top['Shared Hit Blocks'] + top['Shared Read Blocks'],
    lines: all.map(({ node, depth }) => '  '.repeat(depth) + described(node)),
    sequentialScans: all.filter(({ node }) => node['Node Type'].includes('Seq Scan')).length,
  };
}

function nodesOf(node: PlanNode, depth: number): readonly { readonly node: PlanNode; readonly depth: number }[] {
  return [{ node, depth }, ...(node.Plans ?? []).flatMap((child) => nodesOf(child, depth + 1))];
}

function described(node: PlanNode): string {
  const on = node['Index Name'] ?? node['Relation Name'];
  const rows = (node['Actual Rows'] ?? 0) * (node['Actual Loops'] ?? 1);
  return `${node['Node Type']}${on === undefined ? '' : ` ${on}`} (${Math.round(rows)} rows)`;
}
