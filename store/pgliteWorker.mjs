// The thread that runs the embedded store, so that a slow query never stalls the event loop of the process.
// Plain JavaScript: worker threads load it the same way under node, tsx and Jest.
import { parentPort, workerData } from 'node:worker_threads';
import { PGlite } from '@electric-sql/pglite';

/**
 * @typedef {import('./embeddedThread.js').EmbeddedStart} EmbeddedStart
 * @typedef {import('./embeddedThread.js').EmbeddedRequest} EmbeddedRequest
 * @typedef {import('./embeddedThread.js').EmbeddedAnswer} EmbeddedAnswer
 */

if (parentPort === null) throw new Error('this file is a worker thread of the embedded store, not a program');
const port = parentPort;
const start = /** @type {EmbeddedStart} */ (workerData);

/** @param {EmbeddedAnswer} message */
function answer(message) {
  port.postMessage(message);
}

const database = await PGlite.create({
  ...(start.dataDir === null ? {} : { dataDir: start.dataDir }),
  ...(start.image === null ? {} : { loadDataDir: new Blob([Buffer.from(start.image)]) }),
});

port.on('message', (/** @type {EmbeddedRequest} */ request) => {
  if (request.kind === 'wire') {
    answer({ kind: 'wire', connection: request.connection, bytes: database.execProtocolRawSync(request.bytes) });
  } else if (request.kind === 'dump') {
    void dump();
  } else {
    void close();
  }
});

async function dump() {
  const image = await database.dumpDataDir('none');
  answer({ kind: 'dump', bytes: new Uint8Array(await image.arrayBuffer()) });
}

async function close() {
  await database.close();
  answer({ kind: 'closed' });
  port.close();
}

answer({ kind: 'ready' });
