/** The program killed at random moments: its log can be read, nothing of it is left, and the next run is as any other. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { makeTemporaryFolder } from '../../harness/temporary-folder.ts';
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
    const words = ['run', '--driver', 'sample', '--jobs', '2', '--case', '{map,dma,sweeps}/*', '--out', out];
    try {
      for (let done = 0; done < count; done++) {
        const child = startProgram(words);
        const ended = endOf(child);
        const delayMs = lots.below(LONGEST_MS);
        await Promise.race([after(delayMs), ended]);
        child.kill('SIGKILL');
        await ended;
        if (!(await isGone(out))) tell(`killed after ${delayMs} ms: processes are left`);
        // A run that had not begun has left no log.
        const code = await runProgram(['report', out, '--out', join(folder.path, 'report')]);
        if (![0, 2, 6].includes(Number(code))) tell(`killed after ${delayMs} ms: report ends with ${code}`);
      }
      const next = await runProgram(words.map((word) => (word.startsWith('{') ? 'map/far*' : word)));
      if (next !== 0) tell(`the run after the last kill ends with ${next}`);
    } finally {
      await folder.remove();
    }
  },
};

/** Whether no process has `word` among its own any more, nor is a child of one that had. */
async function isGone(word: string): Promise<boolean> {
  for (let waitedMs = 0; waitedMs < ORPHANS_MS; waitedMs += 100) {
    if (!processes().some((words) => words.includes(word))) return true;
    await after(100);
  }
  return false;
}

const processes = (): string[][] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .map((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
      } catch {
        return [];
      }
    });
