/** What a part of the cache held when it was made: files are lost, or cut, by full disks and by whoever tidies up. */
import { readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const CONTENTS = 'contents';

/** Writes down the size of every file in `folder`. */
export function noteContents(folder: string): void {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const lines = files.map(({ parentPath, name }) => {
    const path = join(parentPath, name);
    return `${statSync(path).size} ${path.slice(folder.length + 1)}\n`;
  });
  writeFileSync(join(folder, CONTENTS), lines.join(''));
}

/** What has happened to the files of `folder` since, as a sentence without its end; undefined if they are as they were. */
export function damageTo(folder: string): string | undefined {
  const noted = textOf(join(folder, CONTENTS));
  // Older versions noted nothing.
  for (const line of noted?.split('\n') ?? []) {
    const [, size, path] = /^(\d+) (.+)$/.exec(line) ?? [];
    if (size === undefined || path === undefined) continue;
    const now = statSync(join(folder, path), { throwIfNoEntry: false })?.size;
    if (now !== Number(size))
      return `${join(folder, path)} ${now === undefined ? 'is gone' : `has ${now} bytes and not ${size}`}`;
  }
  return undefined;
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
