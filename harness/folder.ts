/** Folders, made by hand. */
import { existsSync, mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Makes the folder at `path`, and those above it, where they are missing. Throws what the file system throws. Node's own
 * recursive `mkdir` never returns where a file system refuses with ENOENT, as `/proc` does, and says ENOENT of a file
 * system that is read-only.
 */
export function makeFolder(path: string, mode = 0o777): void {
  const isMissing = (): boolean => {
    try {
      mkdirSync(path, mode);
      return false;
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? error.code : undefined;
      if (code === 'EEXIST' && statSync(path, { throwIfNoEntry: false })?.isDirectory()) return false;
      if (code === 'ENOENT' && !existsSync(dirname(path))) return true;
      throw error;
    }
  };
  if (!isMissing()) return;
  makeFolder(dirname(path), mode);
  if (isMissing()) throw new Error(`the folder above ${path} is removed as soon as it is made`);
}
