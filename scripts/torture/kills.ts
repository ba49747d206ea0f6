/** The program killed at random moments: its log can be read, nothing of it is left, and the next run is as any other. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { makeTemporaryFolder } from '../../harness/temporary-folder.ts';
import { offspring } from '../offspring.ts';
import { endOf, runProgram, startProgram } from './program.ts';
import type { Torture } from './kind.ts';

const LONGEST_MS = 2500;
/** For the processes that played to notice that nobody is there any more. */
const ORPHANS_MS = 5000;

export const kills: Torture = {
  name: 'kills',
  share: 1000,
  async torture(count, lots, tell) {
    const folder = await makeTemporaryFolder();
    const out = join(folder.path, 'out');
    const words = ['run', '--driver', 'sample', '--jobs', '2', '--out', out];
    try {
      for (let done = 0; done < count; done++) {
        const child = startProgram(words);
        const ended = endOf(child);
        const delayMs = lots.below(LONGEST_MS);
        await Promise.race([after(delayMs), ended]);
        const left = offspring(child.pid ?? 0);
        child.kill('SIGKILL');
        await ended;
        if (!(await areGone(left))) tell(`killed after ${delayMs} ms: processes are left`);
        // A run that had not begun has left no log.
        const code = await runProgram(['report', out, '--out', join(folder.path, 'report')]);
        if (![0, 2, 6].includes(Number(code))) tell(`killed after ${delayMs} ms: report ends with ${code}`);
      }
      const next = await runProgram([...words, '--case', 'map/*']);
      if (next !== 0) tell(`the run after the last kill ends with ${next}`);
    } finally {
      await folder.remove();
    }
  },
};

/** Whether all these processes end by themselves. */
async function areGone(pids: readonly number[]): Promise<boolean> {
  for (let waitedMs = 0; waitedMs < ORPHANS_MS; waitedMs += 100) {
    if (!pids.some((pid) => existsSync(`/proc/${pid}`))) return true;
    await after(100);
  }
  return false;
}
