/** A kernel's modules in an archive, as `make targz-pkg`, `make modules_install` and KernelCI pack them. The archive is hostile. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { lstat, mkdir, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { EXIT, HarnessError } from '../../harness-error.ts';
import { cachedPart, type Progress } from './cache-folder.ts';

/** From the ending of an archive's name to the program that unpacks what tar then reads. */
const PACKERS: readonly (readonly [ending: RegExp, program: string])[] = [
  [/\.(tar\.xz|txz)$/, 'xz'],
  [/\.(tar\.gz|tgz)$/, 'gzip'],
  [/\.tar\.zst$/, 'zstd'],
];

/** Bytes of an archive at most, unpacked, and how long that may take. */
const UNPACKED_MAX = 8 * 2 ** 30;
const TIMEOUT_MS = 10 * 60_000;

export const isArchive = (name: string): boolean => PACKERS.some(([ending]) => ending.test(name));

const refusal = (sentence: string, cause?: unknown): HarnessError =>
  new HarnessError(sentence, {
    exitCode: EXIT.driverDidNotStart,
    hint: 'Unpack it yourself, and give the folder lib/modules/RELEASE with --modules.',
    cause,
  });

/** The folder lib/modules/RELEASE of the archive at `path`, unpacked in the cache. Throws a `HarnessError` if it holds none. */
export async function unpackedModules(path: string, cache: string, progress: Progress): Promise<string> {
  const { size, mtimeMs } = await stat(path).catch((cause: unknown) => {
    throw refusal(`${path} cannot be read.`, cause);
  });
  const hash = createHash('sha256').update([path, size, mtimeMs].join('\n')).digest('hex').slice(0, 16);
  const make = (folder: string): Promise<void> => {
    progress(`unpacking ${path}`);
    return unpackArchive(path, folder);
  };
  const folder = await cachedPart(
    cache,
    { name: `modules-${hash}`, recipe: 'modules, 1', neededMiB: 1000, make },
    progress,
  );
  const modules = await modulesIn(join(folder, 'root'));
  if (modules === undefined) throw refusal(`${path} holds no folder lib/modules/RELEASE.`);
  return modules;
}

/** Unpacks into `folder`/root, as nobody in particular, and leaves nothing there but folders and plain files. */
export async function unpackArchive(path: string, folder: string, most = UNPACKED_MAX): Promise<void> {
  const root = join(folder, 'root');
  const [, program] = PACKERS.find(([ending]) => ending.test(path)) ?? [];
  if (program === undefined)
    throw refusal(`${path} is no archive that is known: it has to end with .tar.xz, .tar.gz or .tar.zst.`);
  await rm(root, { recursive: true, force: true });
  await mkdir(root, { recursive: true, mode: 0o700 });
  // tar itself strips a leading slash, refuses '..', and writes through no link that the archive brings.
  const words = ['-x', '-f', '-', '-C', root, '--no-same-owner', '--no-same-permissions', '--delay-directory-restore'];
  const options = { reject: false, timeout: TIMEOUT_MS, env: { LC_ALL: 'C', TAR_OPTIONS: '' } } as const;
  const unpacking = execa(program, ['-dc'], { ...options, input: createReadStream(path), buffer: false });
  const tar = execa('tar', words, { ...options, stdin: 'pipe', stdout: 'ignore' });
  let count = 0;
  unpacking.stdout.on('data', (chunk: Buffer) => {
    count += chunk.length;
    if (count > most) unpacking.kill('SIGKILL');
  });
  tar.stdin.on('error', () => {});
  unpacking.stdout.pipe(tar.stdin);
  const [packed, unpacked] = await Promise.all([unpacking, tar]);
  await onlyFiles(root);
  if (count > most) throw refusal(`${path} has more than ${Math.floor(most / 2 ** 20)} MiB, unpacked.`);
  if (packed.failed && packed.exitCode === undefined)
    throw refusal(`${path} cannot be unpacked: ${packed.shortMessage}.`);
  if (packed.failed) throw refusal(`${path} is not what ${program} unpacks.`, packed);
  if (unpacked.failed)
    throw refusal(`${path} cannot be unpacked: ${unpacked.stderr.split('\n')[0] || unpacked.shortMessage}.`, unpacked);
}

async function onlyFiles(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    const it = await lstat(path);
    if (it.isDirectory()) await onlyFiles(path);
    else if (!it.isFile()) await rm(path, { force: true });
  }
}

async function modulesIn(root: string): Promise<string | undefined> {
  for (const place of ['lib/modules', 'usr/lib/modules', 'modules', '.']) {
    const releases = await readdir(join(root, place), { withFileTypes: true }).catch(() => []);
    for (const release of releases.filter((it) => it.isDirectory())) {
      const folder = join(root, place, release.name);
      if ((await readdir(folder)).includes('modules.builtin')) return folder;
    }
  }
  return undefined;
}
