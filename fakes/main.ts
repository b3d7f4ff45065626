/**
 * The outside systems of the demonstration: a core bank, a CRM, an order system and a payment service at one address. FAKES_PORT is
 * the port (default 0: a free one). With FAKES_EXIT_WITH_PARENT=1 the process ends when its standard input closes or its parent goes
 * away.
 */
import { startFakeSystems } from './bankServer';

async function main(): Promise<void> {
  const port = Number(process.env['FAKES_PORT'] ?? '0');
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new RangeError(
      `FAKES_PORT '${process.env['FAKES_PORT']}' must be a port from 0 to 65535: correct it, or unset it for a free one`,
    );
  }
  const server = await startFakeSystems({ port });
  const stop = (): void => void server.close().then(() => process.exit(0));
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  if (process.env['FAKES_EXIT_WITH_PARENT'] === '1') {
    process.stdin.resume().once('end', stop).once('error', stop);
    process.once('disconnect', stop);
  }
  console.log(`fakes listening on ${server.url}`);
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
});
