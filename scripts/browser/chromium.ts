/** A Chromium without a window: one that is there, or Debian's, unpacked into the cache without root. */
import { access, rm } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { type Browser, chromium } from 'playwright-core';
import { cachedPart, cachePath, type Progress } from '../../harness/drivers/linux-guest/cache-folder.ts';
import { openApt, unpackPackages } from '../../harness/drivers/linux-guest/debian-packages.ts';
import { libraryPath, ownRelease, removeLibc } from '../../harness/drivers/linux-guest/own-release.ts';

const NAMES = ['chromium-headless-shell', 'chromium', 'google-chrome'];
const PACKAGE = 'chromium-headless-shell';
/** Its name in the cache, and where the program is below the packages. */
const PART = 'debian-chromium';
const PROGRAM = 'usr/lib/chromium/chromium-headless-shell';

interface Program {
  readonly path: string;
  readonly env: Readonly<Record<string, string>>;
}

/** The Chromium on PATH or in the cache; undefined if one would have to be fetched. */
export async function chromiumAtHand(): Promise<Program | undefined> {
  for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
    for (const name of NAMES) {
      const path = join(folder, name);
      if (await exists(path)) return { path, env: {} };
    }
  }
  const cached = join(cachePath(), PART);
  return (await exists(join(cached, 'complete'))) ? unpacked(cached) : undefined;
}

/** A Chromium, fetched if need be. Throws a `HarnessError` if none can be had. */
export async function anyChromium(progress: Progress): Promise<Program> {
  return (await chromiumAtHand()) ?? unpacked(await debianChromium(cachePath(), progress));
}

/** Starts it. Not in a sandbox, which only root or a machine's own set-up can give; it shows our own pages only. */
export function launch({ path, env }: Program): Promise<Browser> {
  return chromium.launch({
    executablePath: path,
    args: ['--no-sandbox', '--disable-gpu'],
    env: { ...(process.env as Record<string, string>), ...env },
  });
}

/**
 * Of this machine's own release: Chromium starts itself again for each of its processes, and only the machine's own
 * loader and C library let it.
 */
async function debianChromium(cache: string, progress: Progress): Promise<string> {
  const release = await ownRelease();
  return cachedPart(
    cache,
    {
      name: PART,
      recipe: `${PACKAGE} of ${release}, 1`,
      neededMiB: 700,
      make: async (folder) => {
        const apt = await openApt(join(folder, 'apt'), 'Chromium', progress, { suite: release });
        progress('downloading Chromium and its libraries (about 100 MB)');
        await unpackPackages(await apt.download([PACKAGE]), join(folder, 'root'));
        await removeLibc(join(folder, 'root'));
        await rm(join(folder, 'apt'), { recursive: true, force: true });
      },
    },
    progress,
  );
}

function unpacked(folder: string): Program {
  const root = join(folder, 'root');
  return { path: join(root, PROGRAM), env: libraryPath(root) };
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );
