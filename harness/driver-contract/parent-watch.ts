/** How a process ends with the one that has started it, even if that is killed. */
import { existsSync } from 'node:fs';
import { execaSync } from 'execa';

let watchWords: readonly string[] | undefined;

/** The words in front of a command that make the kernel end it with its parent; none if there is no such tool. */
export function parentWatch(): readonly string[] {
  watchWords ??= findParentWatch();
  return watchWords;
}

function findParentWatch(): readonly string[] {
  // busybox has a setpriv without this option, hence the trial.
  for (const tool of ['/usr/bin/setpriv', '/bin/setpriv']) {
    if (!existsSync(tool)) continue;
    const words = [tool, '--pdeathsig', 'KILL', '--'];
    if (execaSync(tool, [...words.slice(1), 'true'], { reject: false }).exitCode === 0) return words;
  }
  return [];
}
