import { readFileSync } from 'node:fs';

/** USER_HZ of Linux: what /proc counts in. */
const TICKS_PER_SECOND = 100;

/** Seconds of processor time that a process and its threads have used so far; null where /proc doesn't tell. */
export function cpuSeconds(pid: number): number | null {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
    return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
  } catch {
    return null;
  }
}

/** Milliseconds of processor time of each process while `work` ran, for each of `count` units of it. */
export async function cpuMsEach(
  pids: Readonly<Record<string, number>>,
  count: number,
  work: () => Promise<void>,
): Promise<Record<string, number>> {
  const before = Object.entries(pids).map(([name, pid]) => [name, pid, cpuSeconds(pid)] as const);
  await work();
  const used = before.flatMap(([name, pid, start]) => {
    const end = cpuSeconds(pid);
    return start === null || end === null ? [] : [[name, Math.round(((end - start) * 1000) / count)] as const];
  });
  return Object.fromEntries(used);
}
