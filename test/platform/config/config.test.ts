import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { ConfigError } from '../../../platform/config/ConfigError';
import { loadConfig, settings } from '../../../platform/config/config';
import { describeConfig } from '../../../platform/config/describeConfig';

const MASTER_KEY = Buffer.alloc(32, 7).toString('base64');

function rootWith(yaml?: string): string {
  const root = mkdtempSync(join(tmpdir(), 'countersign-config-'));
  if (yaml !== undefined) writeFileSync(join(root, 'temporal.config.yaml'), yaml);
  return root;
}

function problemsOf(load: () => unknown): ConfigError['problems'] {
  try {
    load();
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  throw new Error('The configuration was accepted.');
}

describe('what is in force', () => {
  test('without any source every option has its default, paths below the root', () => {
    const root = rootWith();
    const { config, origins } = loadConfig({ root, env: {} });
    expect(config).toMatchObject({
      home: join(root, '.countersign'),
      temporal: { address: '127.0.0.1:7233', namespace: 'default', taskQueue: 'countersign', maxCachedWorkflows: 500 },
      http: { host: '127.0.0.1', port: 8088 },
      store: { directory: join(root, '.countersign', 'store'), poolSize: 10 },
      models: { weightsDir: join(root, '.models'), cacheDir: join(root, '.countersign', 'models') },
      webhooks: { allowPrivateAddresses: false, timeoutSeconds: 10 },
      people: { costPerHourUsd: 30 },
      log: { level: 'info' },
    });
    expect(new Set(Object.values(origins))).toEqual(new Set(['default']));
  });

  test('a flag beats the environment, which beats the file, which beats the default', () => {
    const yaml = 'http:\n  port: 1001\n  host: 0.0.0.0\ntemporal:\n  namespace: from-file\n  taskQueue: from-file\n';
    const env = { PORT: '1002', TEMPORAL_NAMESPACE: 'from-environment' };
    const { config, origins } = loadConfig({ root: rootWith(yaml), env, flags: { 'http.port': 1003 } });
    expect(config.http).toMatchObject({ port: 1003, host: '0.0.0.0' });
    expect(config.temporal).toMatchObject({ namespace: 'from-environment', taskQueue: 'from-file' });
    expect(origins).toMatchObject({
      'http.port': 'flag http.port',
      'http.host': 'temporal.config.yaml',
      'temporal.namespace': 'environment TEMPORAL_NAMESPACE',
      'log.level': 'default',
    });
  });

  test('an empty variable, an absent flag and a key without a value count as not given', () => {
    const yaml = 'http:\n  publicUrl:\nstore:\n';
    const env = { DATABASE_URL: '', PORT: '' };
    const { config, origins } = loadConfig({ root: rootWith(yaml), env, flags: { 'http.port': undefined } });
    expect(config.store.databaseUrl).toBeUndefined();
    expect(config.http.publicUrl).toBeUndefined();
    expect(origins['http.port']).toBe('default');
  });

  test('the store and the classifiers follow the home folder unless they are told otherwise', () => {
    const { config } = loadConfig({
      root: '/srv/app',
      env: { COUNTERSIGN_HOME: '/data', COUNTERSIGN_STORE_DIRECTORY: 's' },
    });
    expect(config.store.directory).toBe('/srv/app/s');
    expect(config.models.cacheDir).toBe('/data/models');
  });

  test.each([
    ['nothing', {}, false],
    ['a key', { OPENAI_API_KEY: 'sk-1' }, true],
    ['an address', { OPENAI_BASE_URL: 'http://127.0.0.1:9/v1' }, true],
    ['a key, and the wish not to use it', { OPENAI_API_KEY: 'sk-1', OPENAI_ENABLED: 'false' }, false],
  ])('with %s set the real model is used or not', (_what, env, expected) => {
    expect(loadConfig({ root: rootWith(), env }).config.models.openai.enabled).toBe(expected);
  });

  test('a secret is read from the file that <NAME>_FILE names, without its line end', () => {
    const root = rootWith();
    const file = join(root, 'key');
    writeFileSync(file, `${MASTER_KEY}\n`);
    const { config, origins } = loadConfig({ root, env: { COUNTERSIGN_MASTER_KEY_FILE: file } });
    expect(config.secrets.masterKey).toBe(MASTER_KEY);
    expect(origins['secrets.masterKey']).toBe(`file ${file} (COUNTERSIGN_MASTER_KEY_FILE)`);
  });
});

describe('what is refused', () => {
  test.each<[string, NodeJS.ProcessEnv, string, RegExp]>([
    ['a port that is no number', { PORT: '80x' }, 'http.port', /number/],
    ['a port out of range', { PORT: '65536' }, 'http.port', /65535/],
    ['an address with a scheme', { TEMPORAL_ADDRESS: 'http://127.0.0.1:7233' }, 'temporal.address', /host:port/],
    ['a truth value in other words', { TEMPORAL_TLS: 'yes' }, 'temporal.tls', /boolean/],
    ['a master key of another size', { COUNTERSIGN_MASTER_KEY: 'c2hvcnQ=' }, 'secrets.masterKey', /32 bytes/],
    ['a database of another kind', { DATABASE_URL: 'mysql://x/y' }, 'store.databaseUrl', /postgres/],
    ['an unknown log level', { LOG_LEVEL: 'loud' }, 'log.level', /info/],
    ['an address that is not the web', { COUNTERSIGN_BANK_URL: 'ftp://bank' }, 'integrations.bankUrl', /http/],
    ['a Temporal key without encryption', { TEMPORAL_API_KEY: 'k' }, 'temporal.tls', /clear/],
    [
      'one price without the other',
      { OPENAI_INPUT_MICRO_USD_PER_MILLION_TOKENS: '4' },
      'models.openai.outputMicroUsdPerMillionTokens',
      /both/,
    ],
  ])('%s names the option, the rule and the cure', (_what, env, option, rule) => {
    const problems = problemsOf(() => loadConfig({ root: rootWith(), env }));
    expect(problems).toEqual([expect.objectContaining({ option, rule: expect.stringMatching(rule) })]);
    expect(problems[0]?.cure).toMatch(/\w/);
  });

  test('all problems are told at once, each with its origin, and no value is shown', () => {
    const load = () =>
      loadConfig({ root: rootWith('http:\n  port: -1\n'), env: { COUNTERSIGN_MASTER_KEY: 'my-secret' } });
    expect(problemsOf(load).map(({ option, origin }) => `${option} ${origin}`)).toEqual([
      'http.port temporal.config.yaml',
      'secrets.masterKey environment COUNTERSIGN_MASTER_KEY',
    ]);
    expect(load).toThrow(/http\.port \(from temporal\.config\.yaml\): .*Give a port from 0 to 65535/);
    expect(load).not.toThrow(/my-secret/);
  });

  test('an option that does not exist names those that do', () => {
    const [problem] = problemsOf(() => loadConfig({ root: rootWith('http:\n  prot: 80\n'), env: {} }));
    expect(problem).toMatchObject({ option: 'http.prot', origin: 'temporal.config.yaml' });
    expect(problem?.cure).toMatch(/http\.port/);
  });

  test('an unknown flag is refused', () => {
    const [problem] = problemsOf(() => loadConfig({ root: rootWith(), env: {}, flags: { 'http.colour': 'red' } }));
    expect(problem).toMatchObject({ option: 'http.colour', origin: 'flag http.colour' });
  });

  test('a secret in the file is refused', () => {
    const [problem] = problemsOf(() =>
      loadConfig({ root: rootWith('store:\n  databaseUrl: postgres://a/b\n'), env: {} }),
    );
    expect(problem).toMatchObject({ option: 'store.databaseUrl', cure: expect.stringMatching(/DATABASE_URL_FILE/) });
  });

  test('a secret given twice is refused', () => {
    const env = { OPENAI_API_KEY: 'a', OPENAI_API_KEY_FILE: '/nowhere' };
    expect(problemsOf(() => loadConfig({ root: rootWith(), env }))[0]?.rule).toMatch(/both set/);
  });

  test('a secret file that can not be read is named', () => {
    const env = { OPENAI_API_KEY_FILE: '/nowhere/key' };
    expect(problemsOf(() => loadConfig({ root: rootWith(), env }))[0]?.origin).toMatch('/nowhere/key');
  });

  test.each(['http: [', 'a: 1\na: 2\n', '- http\n', 'http: 5\n'])(
    'a file that is not a mapping of options: %j',
    (yaml) => {
      expect(problemsOf(() => loadConfig({ root: rootWith(yaml), env: {} }))[0]?.origin).toBe('temporal.config.yaml');
    },
  );
});

describe('telling members', () => {
  test.each([
    ['a mail server without a sender', { COUNTERSIGN_SMTP_URL: 'smtp://mail.example' }, 'notifications.from'],
    ['a bot token without a signing secret', { SLACK_BOT_TOKEN: 'xoxb-1' }, 'notifications.slackSigningSecret'],
  ])('%s is refused, and so are links that lead nowhere', (_what, env, option) => {
    const problems = problemsOf(() => loadConfig({ root: rootWith(), env }));
    expect(problems.map((problem) => problem.option)).toEqual([option, 'http.publicUrl']);
  });
});

describe('the printed table', () => {
  test('has a line for every option with its value and origin', () => {
    const table = describeConfig(loadConfig({ root: '/srv/app', env: { PORT: '9000' } }));
    expect(table.split('\n')).toHaveLength(settings.length + 1);
    expect(table).toMatch(/^http\.port +9000 +environment PORT$/m);
    expect(table).toMatch(/^store\.directory +\/srv\/app\/\.countersign\/store +default$/m);
    expect(table).toMatch(/^http\.publicUrl +\(none\) +default$/m);
  });

  test('masks every secret', () => {
    const env = {
      DATABASE_URL: 'postgres://me:hidden@db/x',
      COUNTERSIGN_MASTER_KEY: MASTER_KEY,
      OPENAI_API_KEY: 'hidden-openai',
      TEMPORAL_API_KEY: 'hidden-temporal',
      TEMPORAL_TLS: 'true',
      COUNTERSIGN_PUBLIC_URL: 'https://countersign.example',
      COUNTERSIGN_SMTP_URL: 'smtp://me:hidden@mail.example',
      COUNTERSIGN_MAIL_FROM: 'countersign@example.com',
      SLACK_BOT_TOKEN: 'xoxb-hidden',
      SLACK_SIGNING_SECRET: 'hidden-signing',
    };
    const table = describeConfig(loadConfig({ root: rootWith(), env }));
    expect(table).not.toMatch(/hidden/);
    expect(table).not.toContain(MASTER_KEY);
    expect(table.match(/set, not shown/g)).toHaveLength(settings.filter(({ secret }) => secret === true).length);
  });
});

describe('the file that ships', () => {
  const ROOT = join(__dirname, '..', '..', '..');
  const text = readFileSync(join(ROOT, 'temporal.config.yaml'), 'utf8');
  const prose = text.replace(/\n *# /g, ' ');

  test('explains every option and names its variable', () => {
    const unexplained = settings.filter(({ doc, env }) => !prose.includes(`${doc} (${env}`));
    expect(unexplained.map(({ name }) => name)).toEqual([]);
  });

  test('gives nothing, and with the comments taken off the options gives the defaults', () => {
    const shipped = loadConfig({ root: ROOT, env: {} });
    expect(new Set(Object.values(shipped.origins))).toEqual(new Set(['default']));
    const root = rootWith();
    const { config: defaults } = loadConfig({ root, env: {} });
    writeFileSync(join(root, 'temporal.config.yaml'), text.replace(/^( *)# (\w+:( \S+)?)$/gm, '$1$2'));
    const opened = loadConfig({ root, env: {} });
    expect(opened.config).toEqual(defaults);
    expect(opened.origins['http.port']).toBe('temporal.config.yaml');
  });
});
