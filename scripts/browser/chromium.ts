/** A Chromium without a window: one that is there, or Debian's, unpacked into the cache without root. */
import { rm } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { execa } from 'execa';
import { type Browser, chromium } from 'playwright-core';
import { cachedPart, type Progress } from '../../harness/drivers/linux-guest/cache-folder.ts';
import { openApt, unpackPackages } from '../../harness/drivers/linux-guest/debian-packages.ts';
import { libraryPath, ownRelease, removeLibc } from '../../harness/drivers/linux-guest/own-release.ts';
import { HarnessError } from '../../harness/harness-error.ts';
import type { ToolProgram } from '../test-tools/tool-names.ts';

const NAMES = ['chromium-headless-shell', 'chromium', 'google-chrome'];
const PACKAGE = 'chromium-headless-shell';
/** Where the program is below the packages. */
const PROGRAM = 'usr/lib/chromium/chromium-headless-shell';

/**
 * One on PATH, or Debian's from the cache or the mirror.
 * Throws a `HarnessError` if none can be had, or the one that was fetched does not start on this machine.
 */
export async function findChromium(cache: string, progress: Progress): Promise<ToolProgram> {
  for (const command of candidates()) {
    const own = { command, args: [], env: {} };
    if ((await whyUnfit(own)) === undefined) return own;
  }
  const root = join(await debianChromium(cache, progress), 'root');
  const program = { command: join(root, PROGRAM), args: [], env: { ...libraryPath(root), ...fontsBelow(root) } };
  const unfit = await whyUnfit(program);
  if (unfit === undefined) return program;
  throw new HarnessError(`The Chromium from the mirror does not start on this machine: ${unfit}`);
}

/** The environment in which it finds the fonts that came with it: it ends itself at the first letter for which it has none. */
const fontsBelow = (root: string): Readonly<Record<string, string>> => ({
  FONTCONFIG_PATH: join(root, 'etc/fonts'),
  // Where the configuration of the packages looks for fonts of the user.
  XDG_DATA_HOME: join(root, 'usr/share'),
});

/** Where on PATH one may be; Playwright wants whole paths. */
const candidates = (): string[] =>
  (process.env['PATH'] ?? '').split(delimiter).flatMap((folder) => NAMES.map((name) => join(folder, name)));

/** Why a Chromium does not start, in one line; undefined if it does. */
async function whyUnfit({ command, args, env }: ToolProgram): Promise<string | undefined> {
  const result = await execa(command, [...args, '--version'], { env, reject: false, stdin: 'ignore', timeout: 30_000 });
  return result.failed ? `${result.stderr}\n${result.shortMessage}`.trim().split('\n', 1).join() : undefined;
}

/** Starts it. Not in a sandbox, which only root or a machine's own set-up can give; it shows our own pages only. */
export function launch({ command, env }: ToolProgram): Promise<Browser> {
  return chromium.launch({
    executablePath: command,
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
      name: 'debian-chromium',
      recipe: `${PACKAGE} of ${release}, 1`,
      neededMiB: 700,
      fetches: 'Chromium',
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
