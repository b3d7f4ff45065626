/**
 * Fetches the embedded model's weights where that is possible. The product works without them, less sharply, so a
 * failure is told and not thrown.
 * @param {{ root: string, log: import('./progress.mjs').Log }} options
 */
export async function tryModel({ root, log }) {
  try {
    const { addModel } = await import('../modelAdd.mjs');
    await addModel({ root, log });
    log('✓ classifier: linear and MiniLM together');
  } catch (error) {
    log(`✓ classifier: linear alone; the MiniLM weights can not be had (${reasonOf(error)})`);
  }
}

/** @param {unknown} error */
function reasonOf(error) {
  const text = error instanceof Error ? error.message : String(error);
  return text.split('\n')[0];
}
