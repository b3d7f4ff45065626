import { CompiledQuery, type KyselyPlugin, type RootOperationNode } from 'kysely';
import type { Store, TenantTx } from '../../store/store';

interface PlanNode {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Index Name'?: string;
  /** This and what was removed: the mean of the loops. */
  readonly 'Actual Rows'?: number;
  readonly 'Actual Loops'?: number;
  readonly 'Rows Removed by Filter'?: number;
  readonly 'Rows Removed by Index Recheck'?: number;
  readonly 'Rows Removed by Join Filter'?: number;
  readonly Plans?: readonly PlanNode[];
}

export interface Plan {
  readonly milliseconds: number;
  readonly buffers: number;
  /** One line a node, from the top. */
  readonly lines: readonly string[];
  /** The planner takes one only where there is no index at all, since the product forbids them. */
  readonly sequentialScans: number;
  /**
   * Rows that were read, in a table or an index, and neither given back nor counted. Whoever reads a whole index for a page has nearly
   * all of its rows here, whether a filter, a sort or a limit dropped them.
   */
  readonly rowsPassedOver: number;
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
  const isCount = all.some(({ node }) => counts(node));
  return {
    milliseconds: explained['Execution Time'] + explained['Planning Time'],
    buffers: top['Shared Hit Blocks'] + top['Shared Read Blocks'],
    lines: all.map(({ node, depth }) => '  '.repeat(depth) + described(node)),
    sequentialScans: all.filter(({ node }) => node['Node Type'].includes('Seq Scan')).length,
    rowsPassedOver: Math.round(passedOver(top, false) - (isCount ? 0 : rowsOf(top))),
  };
}

function nodesOf(node: PlanNode, depth: number): readonly { readonly node: PlanNode; readonly depth: number }[] {
  return [{ node, depth }, ...(node.Plans ?? []).flatMap((child) => nodesOf(child, depth + 1))];
}

/** What the scans below read, but for what one of them handed to an aggregate: each row of that is counted. */
function passedOver(node: PlanNode, isCounted: boolean): number {
  const below = (node.Plans ?? []).map((child) => passedOver(child, isCounted || counts(node)));
  const fromBelow = below.reduce((sum, rows) => sum + rows, 0);
  if (!isScan(node)) return fromBelow + removedBy(node);
  // A bitmap's indexes may have given more than was left to look up.
  const read = Math.max(rowsOf(node) + removedBy(node), node['Node Type'] === 'Bitmap Heap Scan' ? fromBelow : 0);
  return read - (isCounted && node['Relation Name'] !== undefined ? rowsOf(node) : 0);
}

function counts(node: PlanNode): boolean {
  return node['Node Type'] === 'Aggregate';
}

function isScan(node: PlanNode): boolean {
  return node['Relation Name'] !== undefined || node['Index Name'] !== undefined;
}

function rowsOf(node: PlanNode): number {
  return (node['Actual Rows'] ?? 0) * (node['Actual Loops'] ?? 1);
}

function removedBy(node: PlanNode): number {
  const removed = ['Rows Removed by Filter', 'Rows Removed by Index Recheck', 'Rows Removed by Join Filter'] as const;
  return removed.reduce((sum, by) => sum + (node[by] ?? 0), 0) * (node['Actual Loops'] ?? 1);
}

function described(node: PlanNode): string {
  const on = node['Index Name'] ?? node['Relation Name'];
  const removed = removedBy(node) === 0 ? '' : `, ${Math.round(removedBy(node))} removed`;
  return `${node['Node Type']}${on === undefined ? '' : ` ${on}`} (${Math.round(rowsOf(node))} rows${removed})`;
}
