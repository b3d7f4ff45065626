/**
 * The inbox with many open reviews, on a PostgreSQL of its own: real tasks through the whole product, the rest rows in its tables. Pages
 * of every filter and sort with their counts, the plan of each query, the next to claim, and how soon a claim at one process is shown by
 * another. `--open 10000 --tasks 100 --claims 50`; half as many closed ones are added.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { reviewIdOf } from '../contracts/words/names';
import { startInstallation } from '../scripts/setup/installation.mjs';
import { findPostgres, startPostgres } from '../scripts/setup/postgres.mjs';
import { Processes } from '../scripts/setup/Processes.mjs';
import { readyOf, startUntilReady } from '../scripts/setup/readyLine.mjs';
import { openStore } from '../store/openStore';
import { listReviews, nextReviewCandidates, type ReviewFilter, type ReviewSortKey, type Taker } from '../store/reviews';
import type { Store } from '../store/store';
import { atOnce } from './atOnce';
import { claimAndLook, type ClaimsSeen } from './inbox/claims';
import { FILTERS, type Measured, readPages, SORTS } from './inbox/pages';
import { type Plan, plansOf } from './inbox/plans';
import { seedRows } from './inbox/seedRows';
import { call, type Target } from './inbox/target';
import { quantile, report, round } from './report';

const ROOT = path.join(__dirname, '..');
const TENANT = 'default';
const POSTS_AT_ONCE = 20;
const PAGES_A_LISTING = 5;
const NEXT_TRIES = 50;
const TAKER: Taker = { actor: 'mem_taker', roles: ['reviewer'] };
const MAX_PAGE_MS = 100;
const MAX_CLAIM_MS = 250;
/** So many open reviews are what the inbox was made for (docs/adr/0015-inbox.md). */
const MANY_OPEN = 100_000;
/**
 * For a page, so large a part of the open reviews may be read beyond what is on it. Of two conditions an index finds one, and the widest
 * (overdue, in an order that has those without a due time beside it) holds for 44 % here; who reads an index to its end reads all.
 */
const MAX_PASSED_OVER = 2 / 3;
/** These cost a millisecond to read, whatever part they are. */
const PASSED_OVER_ANYWAY = 1_000;

interface Sizes {
  readonly open: number;
  readonly tasks: number;
  readonly claims: number;
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      open: { type: 'string', default: '10000' },
      tasks: { type: 'string' },
      claims: { type: 'string', default: '50' },
    },
  });
  const open = Number(values.open);
  const sizes = { open, tasks: Number(values.tasks ?? Math.ceil(open / 100)), claims: Number(values.claims) };
  const home = mkdtempSync(path.join(tmpdir(), 'countersign-inbox-'));
  const processes = new Processes();
  try {
    const databaseUrl = await ownPostgres(processes);
    Object.assign(process.env, { COUNTERSIGN_HOME: home, DATABASE_URL: databaseUrl });
    await measure({ processes, home, databaseUrl, sizes });
  } finally {
    await processes.stopAll();
    rmSync(home, { recursive: true, force: true });
  }
}

async function ownPostgres(processes: Processes): Promise<string> {
  const programs = findPostgres();
  if (programs === undefined)
    throw new Error("PostgreSQL's server programs are not here: install PostgreSQL 15 or later");
  return startPostgres({ processes, programs });
}

interface Setting {
  readonly processes: Processes;
  readonly home: string;
  readonly databaseUrl: string;
  readonly sizes: Sizes;
}

async function measure({ processes, home, databaseUrl, sizes }: Setting): Promise<void> {
  const { baseUrl, adminApiKey, callerApiKey, temporalAddress } = await startInstallation({
    root: ROOT,
    log: console.error,
    processes,
  });
  const here: Target = { url: baseUrl, key: adminApiKey };
  const there: Target = { url: await startSecondApi(processes, { home, temporalAddress }), key: adminApiKey };
  // Nobody claims what they posted themselves.
  const real = await escalate({ url: baseUrl, key: callerApiKey }, { count: sizes.tasks, inbox: here });
  console.error(`${real.length} tasks wait for review; adding rows`);
  await seedRows({ databaseUrl, tenant: TENANT, open: sizes.open - real.length });
  const pages = await readAll(here, sizes);
  const store = await openStore({ databaseUrl });
  try {
    const plans = await allPlans(store, sizes);
    const nextMs = await candidates(store);
    const claims = await claimAndLook(real.slice(0, sizes.claims), { here, there });
    tell({ sizes, pages, plans, nextMs, claims });
  } finally {
    await store.close();
  }
}

async function startSecondApi(
  processes: Processes,
  { home, temporalAddress }: { readonly home: string; readonly temporalAddress: string },
): Promise<string> {
  const env = {
    ...process.env,
    COUNTERSIGN_HOME: home,
    COUNTERSIGN_LOCAL: '1',
    PORT: '0',
    TEMPORAL_ADDRESS: temporalAddress,
  };
  const args = ['--import', 'tsx', 'cli/main.ts', 'api'];
  const options = { name: 'second API', command: process.execPath, args, cwd: ROOT, env };
  const { said } = await startUntilReady(processes, options, readyOf);
  if (said.baseUrl === undefined) throw new Error('the second API does not say where it is');
  return said.baseUrl;
}

/** Posts real tasks, which all go to a person, and gives their reviews once all of them are open. */
async function escalate(
  target: Target,
  { count, inbox }: { readonly count: number; readonly inbox: Target },
): Promise<readonly string[]> {
  const taskIds: string[] = [];
  const input = { message: 'What is your exchange rate for euros today?', customerId: 'cus_1001' };
  await atOnce(count, POSTS_AT_ONCE, async () => {
    const { id } = await call<{ id: string }>(target, 'POST /v1/tasks', {
      type: 'bank-support',
      input,
      review: 'required',
    });
    taskIds.push(id);
  });
  const isOpen = async () => {
    const { counts } = await call<{ counts: readonly { count: number }[] }>(inbox, 'GET /v1/reviews?limit=1');
    return counts.reduce((sum, each) => sum + each.count, 0) >= count;
  };
  while (!(await isOpen())) await new Promise((resolve) => setTimeout(resolve, 500));
  return taskIds.map(reviewIdOf);
}

/** Each filter with each sort from the top, then all open reviews to the end with each sort: cursors of any depth. */
async function readAll(target: Target, { open }: Sizes): Promise<readonly Measured[]> {
  const pages: Measured[] = [];
  await readPages(target, { filter: 'none', sort: '', most: 20, limit: 50 });
  for (const filter of Object.keys(FILTERS))
    for (const sort of SORTS) pages.push(await readPages(target, { filter, sort, most: PAGES_A_LISTING, limit: 50 }));
  for (const sort of SORTS) {
    const deep = await readPages(target, { filter: 'open', sort, most: open, limit: 200 });
    pages.push({ ...deep, filter: 'open, to the last page' });
  }
  return pages;
}

type Asked = ReviewFilter & { readonly sort?: readonly ReviewSortKey[]; readonly cursor?: string };

/** Of the first page of each listing and the second, which has a cursor. */
async function allPlans(store: Store, { open }: Sizes): Promise<ReadonlyMap<string, readonly Plan[]>> {
  const now = new Date().toISOString();
  // Where there are fewer in all, fewer are few: else all of them would be read for a page, as they may be.
  const search = open < MANY_OPEN ? { now, fewRows: Math.ceil(open / 10) } : { now };
  const plans = new Map<string, readonly Plan[]>();
  for (const [name, query] of Object.entries(FILTERS))
    for (const sort of SORTS) {
      const first = { ...askedOf(query, sort), ...search, limit: 50 };
      const { nextCursor: cursor } = await store.inTenant(TENANT, (tx) => listReviews(tx, first));
      const pages = { first, ...(cursor !== null && { second: { ...first, cursor } }) };
      for (const [page, request] of Object.entries(pages))
        plans.set(
          `${name}, ${sort || 'default'}, ${page} page`,
          await plansOf(store, TENANT, (tx) => listReviews(tx, request)),
        );
    }
  for (const queue of ['', 'support', 'fraud'])
    plans.set(
      `next ${queue}`,
      await plansOf(store, TENANT, (tx) => nextReviewCandidates(tx, { ...TAKER, ...search, ...(queue && { queue }) })),
    );
  return plans;
}

function askedOf(query: string, sort: string): Asked {
  const { status, overdue, ...rest } = Object.fromEntries(new URLSearchParams(query));
  return {
    ...rest,
    ...(status !== undefined && { status: status.split(',') as NonNullable<ReviewFilter['status']> }),
    ...(overdue !== undefined && { isOverdue: overdue === 'true' }),
    ...(sort && { sort: [sort as ReviewSortKey] }),
  };
}

async function candidates(store: Store): Promise<readonly number[]> {
  const milliseconds: number[] = [];
  for (let tries = 0; tries < NEXT_TRIES; tries += 1) {
    const queue = ['', 'support', 'fraud', 'escalations'][tries % 4] ?? '';
    const startedAt = performance.now();
    const request = { ...TAKER, now: new Date().toISOString(), ...(queue && { queue }) };
    await store.inTenant(TENANT, (tx) => nextReviewCandidates(tx, request));
    milliseconds.push(performance.now() - startedAt);
  }
  return milliseconds;
}

interface Results {
  readonly sizes: Sizes;
  readonly pages: readonly Measured[];
  readonly plans: ReadonlyMap<string, readonly Plan[]>;
  readonly nextMs: readonly number[];
  readonly claims: ClaimsSeen;
}

function tell({ sizes, pages, plans, nextMs, claims }: Results): void {
  tellPages(pages);
  tellPlans(plans);
  const all = pages.flatMap(({ milliseconds }) => milliseconds);
  const p95 = (values: readonly number[]) => round(quantile(values, 0.95), 1);
  const slowest = Math.max(...filtersOf(pages).map(([, milliseconds]) => p95(milliseconds)));
  const allPlans = [...plans].flatMap(([listing, each]) => each.map((plan) => ({ listing, ...plan })));
  const sequentialScans = allPlans.reduce((sum, plan) => sum + plan.sequentialScans, 0);
  const [widest] = [...allPlans].sort((a, b) => b.rowsPassedOver - a.rowsPassedOver);
  const mostRowsPassedOver = widest?.rowsPassedOver ?? NaN;
  const figures = {
    ...sizes,
    closed: Math.round(sizes.open / 2),
    pages: all.length,
    pageP50Ms: round(quantile(all, 0.5), 1),
    pageP95Ms: p95(all),
    pageP99Ms: round(quantile(all, 0.99), 1),
    slowestFilterP95Ms: slowest,
    nextP95Ms: p95(nextMs),
    claimToEventP50Ms: round(quantile(claims.eventMs, 0.5), 1),
    claimToEventP95Ms: p95(claims.eventMs),
    claimToListP95Ms: p95(claims.listMs),
    plans: allPlans.length,
    sequentialScans,
    mostRowsPassedOver,
    mostPassedOverBy: widest?.listing,
    mostBuffers: Math.max(...allPlans.map(({ buffers }) => buffers)),
  };
  report('inbox', figures, {
    pageP95Ms: { seen: figures.pageP95Ms, atMost: MAX_PAGE_MS },
    slowestFilterP95Ms: { seen: slowest, atMost: MAX_PAGE_MS },
    claimToEventP95Ms: { seen: figures.claimToEventP95Ms, atMost: MAX_CLAIM_MS },
    claimToListP95Ms: { seen: figures.claimToListP95Ms, atMost: MAX_CLAIM_MS },
    sequentialScans: { seen: sequentialScans, atMost: 0 },
    mostRowsPassedOver: {
      seen: mostRowsPassedOver,
      atMost: Math.max(PASSED_OVER_ANYWAY, Math.round(sizes.open * MAX_PASSED_OVER)),
    },
  });
}

function filtersOf(pages: readonly Measured[]): readonly (readonly [string, readonly number[]])[] {
  const names = new Set(pages.map(({ filter }) => filter));
  return [...names].map((name) => [
    name,
    pages.filter(({ filter }) => filter === name).flatMap(({ milliseconds }) => milliseconds),
  ]);
}

function tellPages(pages: readonly Measured[]): void {
  const rows = filtersOf(pages).map(([filter, milliseconds]) => [
    filter,
    {
      pages: milliseconds.length,
      p50Ms: round(quantile(milliseconds, 0.5), 1),
      p95Ms: round(quantile(milliseconds, 0.95), 1),
    },
  ]);
  console.table(Object.fromEntries(rows));
}

/** Each shape of a plan once, with the listings that have it. */
function tellPlans(plans: ReadonlyMap<string, readonly Plan[]>): void {
  const shapes = new Map<string, { readonly plan: Plan; readonly listings: string[] }>();
  for (const [listing, each] of plans)
    for (const plan of each) {
      const shape = plan.lines.join('\n').replaceAll(/\(.*?\)/g, '');
      const known = shapes.get(shape) ?? { plan, listings: [] };
      shapes.set(shape, known);
      known.listings.push(listing);
    }
  for (const { plan, listings } of shapes.values()) {
    const others = listings.length > 1 ? ` and ${listings.length - 1} more` : '';
    const cost = `${round(plan.milliseconds, 1)} ms, ${plan.buffers} buffers, ${plan.rowsPassedOver} rows passed over`;
    console.log(`\n${listings[0]}${others}: ${cost}`);
    for (const line of plan.lines) console.log(`  ${line}`);
  }
}

void main();
