/** The drawing modules of the page as one script: built beside the program, or made on the spot from the sources. */
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

/** How the modules become a script; `npm run build` leaves it in `dist`. */
export const DRAWING_BUILD = {
  entryPoints: ['reports/html/drawing/entry.ts'],
  bundle: true,
  minify: true,
  format: 'iife',
  globalName: 'drawing',
  target: 'es2022',
  legalComments: 'none',
} as const;
export const DRAWING_FILE = 'dist/drawing.js';

/** The nearest folder above this module that holds a package.json. */
function packageFolder(): URL {
  let folder = new URL('.', import.meta.url);
  while (!existsSync(new URL('package.json', folder)) && folder.pathname !== '/') folder = new URL('..', folder);
  return folder;
}

let script: string | undefined;

/** Defines `drawing`. */
export function drawingScript(): string {
  script ??= import.meta.url.endsWith('.ts') ? madeNow() : readFileSync(new URL(DRAWING_FILE, packageFolder()), 'utf8');
  return script;
}

/** The sources are run in a checkout, which has esbuild. */
function madeNow(): string {
  const esbuild = createRequire(import.meta.url)('esbuild') as typeof import('esbuild');
  const { outputFiles } = esbuild.buildSync({
    ...DRAWING_BUILD,
    entryPoints: [...DRAWING_BUILD.entryPoints],
    absWorkingDir: decodeURIComponent(packageFolder().pathname),
    write: false,
  });
  return outputFiles[0]?.text ?? '';
}
