/** The tool's name and version, as they stand in package.json. */
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { packageFile } from '../package-files.ts';

const Package = z.object({ name: z.string(), version: z.string() });

export const TOOL: { readonly name: string; readonly version: string } = Package.parse(
  JSON.parse(readFileSync(packageFile('package.json'), 'utf8')),
);
