/** Files of this package, found from the sources and from the built program alike. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The build bundles modules, so only the sources have TypeScript under them. */
export const isBuilt = !import.meta.url.endsWith('.ts');

/** The nearest folder above this module that holds a package.json. */
function packageFolder(): URL {
  let folder = new URL('.', import.meta.url);
  while (!existsSync(new URL('package.json', folder)) && folder.pathname !== '/') folder = new URL('..', folder);
  return folder;
}

const FOLDER = packageFolder();

/** The absolute path of a file or folder that the package brings along; `path` begins at the package's own folder. */
export const packageFile = (path: string): string => fileURLToPath(new URL(path, FOLDER));

/** The module that a thread or a process is to start with. `path` is that of its source, without the ending. */
export const entryModule = (path: string): URL => new URL(isBuilt ? `dist/${path}.js` : `${path}.ts`, FOLDER);
