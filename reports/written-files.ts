import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Writes each text under its name into `directory`, which is made if it is not there. A reader never meets half a
 * file. Returns the paths written. Throws what the file system throws.
 */
export function writeFiles(directory: string, texts: Readonly<Record<string, string>>): string[] {
  mkdirSync(directory, { recursive: true });
  return Object.entries(texts).map(([name, text]) => {
    const path = join(directory, name);
    writeWhole(path, text);
    return path;
  });
}

/** Beside the target, so that the rename stays within one file system. */
function writeWhole(path: string, content: string): void {
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    writeFileSync(temporary, content);
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}
