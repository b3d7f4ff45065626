import { DefaultLogger, Runtime } from '@temporalio/worker';

/** The SDK speaks up in tests only when something is wrong. Imported for its effect, once per test file. */
Runtime.install({
  logger: new DefaultLogger('ERROR'),
  telemetryOptions: { logging: { forward: {}, filter: 'ERROR' } },
});
