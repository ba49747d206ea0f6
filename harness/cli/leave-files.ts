import { resolve } from 'node:path';
import { writeFiles } from '../../reports/written-files.ts';
import { EXIT, HarnessError } from '../harness-error.ts';

/** Writes what a command leaves in `--out`; gives the paths. Throws a `HarnessError` where that cannot be done. */
export function leaveFiles(folder: string, texts: Readonly<Record<string, string>>): string[] {
  try {
    return writeFiles(resolve(folder), texts);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new HarnessError(`Nothing can be written into --out '${folder}': ${why}.`, { exitCode: EXIT.usage });
  }
}
