/** Files that a user names and that are read whole. */
import { readFileSync, statSync } from 'node:fs';
import { counted } from '../reference-device/counted.ts';
import { reasonOf } from '../reports/words/system-reason.ts';
import { EXIT, HarnessError } from './harness-error.ts';

/**
 * The text of the file at `path`, of at most `most` bytes. Throws a `HarnessError` that begins with `what`, such as `The replay`;
 * for what never ends, such as a device or a pipe, too. `hint` is told with it.
 */
export function givenText(path: string, what: string, most: number, hint?: string): string {
  const why = unfitness(path, most);
  if (typeof why !== 'string') return why.text;
  throw new HarnessError(`${what} ${path} ${why}.`, { exitCode: EXIT.usage, ...(hint !== undefined && { hint }) });
}

function unfitness(path: string, most: number): string | { readonly text: string } {
  try {
    const stats = statSync(path);
    if (!stats.isFile()) return 'is not a regular file';
    if (stats.size > most) return `has ${counted(stats.size, 'byte')}, more than the ${most} that it may have`;
    return { text: readFileSync(path, 'utf8') };
  } catch (error) {
    return `cannot be read: ${reasonOf(error)}`;
  }
}
