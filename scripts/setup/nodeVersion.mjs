/** The oldest Node that can load ECMAScript modules from CommonJS without a flag; package.json says the same. */
const FLOOR = [20, 19];

/** Ends the process with one clear message when this Node is too old. Uses nothing that an old Node lacks. */
export function requireNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const [floorMajor = 0, floorMinor = 0] = FLOOR;
  if (major > floorMajor || (major === floorMajor && minor >= floorMinor)) return;
  console.error(
    `Countersign needs Node ${FLOOR.join('.')} or newer, and this is ${process.versions.node}.\n` +
      'Install a current one from https://nodejs.org (or by nvm, fnm, volta), then run the command again.',
  );
  process.exit(1);
}
