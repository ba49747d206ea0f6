/** The tool's name and version, as they stand in package.json. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

const Package = z.object({ name: z.string(), version: z.string() });

/** Looks upward from this file, which lies deeper in a build than in the sources. */
function packageFile(): string {
  const built = new URL('../../../package.json', import.meta.url);
  const source = new URL('../../package.json', import.meta.url);
  return fileURLToPath(import.meta.url.endsWith('.ts') ? source : built);
}

export const TOOL: { readonly name: string; readonly version: string } = Package.parse(
  JSON.parse(readFileSync(packageFile(), 'utf8')),
);
