import { SetupError } from './SetupError.mjs';

/**
 * The installation's configuration, by the product's own loader; needs the packages to be installed. What is wrong
 * with it is told before anything is started.
 * @param {string} root
 * @returns {Promise<import('../../platform/config/config.js').LoadedConfig>}
 */
export async function loadSettings(root) {
  const { tsImport } = await import('tsx/esm/api');
  const { loadConfig } = await tsImport('../../platform/config/config.ts', import.meta.url);
  try {
    return loadConfig({ root, env: process.env });
  } catch (error) {
    if (error instanceof Error && error.name === 'ConfigError') throw new SetupError(error.message);
    throw error;
  }
}
