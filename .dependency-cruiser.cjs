/**
 * The import rules between the rooms (docs/architecture.md). `npm run check` and test/architecture run them, and
 * test/sabotage shows that they can fail.
 */

/** Runs before anything that an old Node can't load, from the scripts and from the command alike. */
const NODE_CHECK = 'scripts/setup/nodeVersion';

/** What each room may import besides itself. A room that is not named here may import anything of ours. */
const MAY_IMPORT = {
  contracts: [],
  guards: ['contracts'],
  autonomy: ['contracts'],
  models: ['contracts'],
  platform: ['contracts'],
  tasks: ['contracts', 'guards'],
  store: ['contracts', 'guards', 'autonomy', 'models', 'platform'],
  activities: ['contracts', 'guards', 'autonomy', 'models', 'platform', 'store', 'tasks'],
  worker: ['contracts', 'guards', 'autonomy', 'models', 'platform', 'store', 'tasks', 'activities'],
  workflows: ['contracts/words'],
  api: ['contracts', 'guards', 'platform', 'store', 'tasks'],
  cli: ['contracts', 'guards', 'autonomy', 'models', 'platform', 'store', 'tasks', 'api', 'worker', NODE_CHECK],
  // Outside systems speak their real protocol: they know a task type's contracts with them, and nothing else of it.
  fakes: ['contracts', 'tasks/[^/]+/contracts'],
};

/** Rooms from which a room may take types, which are gone at run time. */
const MAY_IMPORT_TYPES = { api: ['workflows'] };

const PRODUCT = Object.keys(MAY_IMPORT).filter((room) => room !== 'fakes');
const OURS = [...Object.keys(MAY_IMPORT), 'bench', 'conformance', 'scripts', 'test'];

/** @param {readonly string[]} paths */
const below = (paths) => `^(${paths.join('|')})(/|\\.)`;

const roomRules = Object.entries(MAY_IMPORT).map(([room, allowed]) => {
  const typesOnly = MAY_IMPORT_TYPES[/** @type {keyof typeof MAY_IMPORT_TYPES} */ (room)] ?? [];
  return {
    name: `${room}-imports`,
    severity: 'error',
    comment: `${room} imports ${['itself', ...allowed].join(', ')}`,
    from: { path: below([room]) },
    to: { path: below(OURS), pathNot: below([room, ...allowed, ...typesOnly]) },
  };
});

const typeRules = Object.entries(MAY_IMPORT_TYPES).map(([room, typesOnly]) => ({
  name: `${room}-types`,
  severity: 'error',
  comment: `${room} imports only types of ${typesOnly.join(', ')}`,
  from: { path: below([room]) },
  to: { path: below(typesOnly), dependencyTypesNot: ['type-only'] },
}));

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    ...roomRules,
    ...typeRules,
    {
      name: 'no-cycle',
      severity: 'error',
      comment: 'data goes one way; nothing calls back up',
      from: {},
      to: { circular: true },
    },
    {
      name: 'words-are-plain',
      severity: 'error',
      comment: 'contracts/words is bundled into workflows: no package, no Node module, no other file',
      from: { path: '^contracts/words/' },
      to: { pathNot: '^contracts/words/' },
    },
    {
      name: 'workflow-packages',
      severity: 'error',
      comment: 'workflow code reaches the engine, plain words and its own files only',
      from: { path: '^workflows/' },
      to: { pathNot: ['^workflows/', '^contracts/words/', 'node_modules/@temporalio/workflow/'] },
    },
    {
      name: 'product-needs-no-fakes',
      severity: 'error',
      comment: 'outside systems, benches, scripts and tests stay outside the product',
      from: { path: below(PRODUCT) },
      to: { path: below(['fakes', 'bench', 'conformance', 'scripts', 'test']), pathNot: below([NODE_CHECK]) },
    },
    {
      name: 'tasks-through-the-door',
      severity: 'error',
      comment: 'what is shared by task types is tasks/define.ts; one task type never imports another',
      from: { path: '^tasks/([^/]+)/' },
      to: { path: '^tasks/[^/]+/', pathNot: '^tasks/$1/' },
    },
    {
      name: 'no-orphan',
      severity: 'error',
      comment: 'a file that nothing imports and that imports nothing is dead, or is not in its place',
      from: { orphan: true, path: below(PRODUCT), pathNot: '\\.d\\.ts$' },
      to: {},
    },
    {
      name: 'resolvable',
      severity: 'error',
      comment: 'an import that leads nowhere',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'production-dependencies',
      severity: 'error',
      comment: 'the product runs without the development packages',
      from: { path: below(PRODUCT) },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'], dependencyTypesNot: ['type-only'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    // The programs of the peers, with packages of their own.
    exclude: { path: '^conformance/peers/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
};
