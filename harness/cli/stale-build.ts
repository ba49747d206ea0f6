/** Whether the built program is older than the cases that it was built from. */
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { isBuilt, packageFile } from '../package-files.ts';

/** The sentence that says so; undefined if it is not, or where there are no sources, as in an installed package. */
export function staleBuild(): string | undefined {
  if (!isBuilt) return undefined;
  try {
    const built = statSync(packageFile('dist/harness/cli/main.js')).mtimeMs;
    const newer = newerFile(packageFile('cases'), built);
    return newer && `The build is older than cases/${newer}: npm run build takes in what has changed.`;
  } catch {
    return undefined;
  }
}

/** A source below `folder` that was changed after `since`, in ms. */
export const newerFile = (folder: string, since: number): string | undefined =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' }).find(
    (name) => name.endsWith('.ts') && statSync(join(folder, name)).mtimeMs > since,
  );
