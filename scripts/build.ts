/** Builds what the package brings along: the program, what cases import, and the script with which the report's page draws. */
import { build } from 'esbuild';
import { DRAWING_BUILD, DRAWING_FILE } from '../reports/html/drawing/script.ts';

await build({
  entryPoints: [
    'harness/cli/main.ts',
    'harness/cli/job-entry.ts',
    'harness/scripted-transport/device-worker.ts',
    'cases/api/index.ts',
  ],
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  packages: 'external',
  outbase: '.',
  outdir: 'dist',
  chunkNames: 'chunks/[name]-[hash]',
  logLevel: 'warning',
});
await build({
  ...DRAWING_BUILD,
  entryPoints: [...DRAWING_BUILD.entryPoints],
  outfile: DRAWING_FILE,
  logLevel: 'warning',
});
