/** Programs from the machine's own Debian mirror, unpacked into a folder: no root, nothing installed. */
import { execa } from 'execa';
import { access, mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { EXIT, HarnessError } from '../../harness-error.ts';
import { aptFiles, type Release, SUITE } from './apt-configuration.ts';
import { machineMirror } from './apt-mirror.ts';
import type { Progress } from './cache-folder.ts';

const KEYRINGS = ['/usr/share/keyrings/debian-archive-keyring.gpg', '/usr/share/keyrings/debian-archive-keyring.pgp'];
/** Folders of a package that no program needs to run. */
const DEAD_WEIGHT = ['usr/share/doc', 'usr/share/man', 'usr/share/locale', 'usr/share/info', 'usr/share/lintian'];
/** Bytes of apt's complaint that an error shows. */
const COMPLAINT_LENGTH = 300;

export const OWN_PROGRAMS_HINT =
  'Give your own programs with --qemu FILE (QEMU 10.1 or newer), --kernel FILE and --modules FOLDER.';

const cannotFetch = (sentence: string, cause?: unknown): HarnessError =>
  new HarnessError(sentence, { exitCode: EXIT.driverDidNotStart, hint: OWN_PROGRAMS_HINT, cause });

/** The private apt in one folder. */
export interface Apt {
  /** Downloads packages with everything that they need to run, checked against the archive's signature; gives the files. */
  download(packages: readonly string[]): Promise<readonly string[]>;
  /** Downloads one package alone. */
  downloadAlone(name: string): Promise<string>;
  /** The packages on which `name`, of `suite` if that has it, depends directly. */
  dependencies(name: string, suite: string): Promise<readonly string[]>;
}

/**
 * An apt of its own in `folder`, with fresh package lists of `release`; `purpose` is what the user is told they are for.
 * What is in the folder already is used again.
 * Throws a `HarnessError` if there is no apt-get, no Debian mirror in its configuration, or the mirror cannot be used.
 */
export async function openApt(
  folder: string,
  purpose: string,
  progress: Progress,
  release: Release = {},
): Promise<Apt> {
  const mirrorUri = await mirrorOfThisMachine();
  await prepareFolder(folder, mirrorUri, release);
  const run = (program: 'apt-get' | 'apt-cache', ...args: string[]): Promise<string> =>
    runApt(program, ['-qq', '-c', join(folder, 'apt.conf'), ...args], folder);
  const { suite = SUITE, architecture } = release;
  const named = `Debian ${suite}${architecture === undefined ? '' : ` (${architecture})`}`;
  progress(`fetching the package lists of ${named} for ${purpose} from the mirror that apt is set to`);
  await run('apt-get', 'update');
  const archives = join(folder, 'archives');
  return {
    download: async (packages) => {
      await run('apt-get', 'install', '--yes', '--download-only', ...packages);
      return packageFiles(archives);
    },
    downloadAlone: async (name) => {
      const alone = join(folder, 'alone', name);
      await mkdir(alone, { recursive: true });
      await runApt('apt-get', ['-qq', '-c', join(folder, 'apt.conf'), 'download', name], alone);
      const [file] = await packageFiles(alone);
      if (file === undefined) throw cannotFetch(`The mirror gave no package ${name}.`);
      return file;
    },
    dependencies: async (name, suite) => {
      const says = await run('apt-cache', '-o', `APT::Default-Release=${suite}`, 'depends', name);
      return [...says.matchAll(/^\s*Depends: (\S+)$/gm)].map((match) => match[1]!);
    },
  };
}

const packageFiles = async (folder: string): Promise<string[]> =>
  (await readdir(folder)).filter((name) => name.endsWith('.deb')).map((name) => join(folder, name));

async function mirrorOfThisMachine(): Promise<string> {
  const uri = await machineMirror().catch((cause: unknown) => {
    throw cannotFetch('QEMU and a kernel are fetched with apt-get, which this machine does not have.', cause);
  });
  if (uri !== undefined) return uri;
  throw cannotFetch("QEMU and a kernel are fetched from a Debian mirror, and this machine's apt is set to none.");
}

async function prepareFolder(folder: string, mirrorUri: string, release: Release): Promise<void> {
  for (const name of ['state', 'lists/partial', 'archives/partial', 'cache', 'log']) {
    await mkdir(join(folder, name), { recursive: true, mode: 0o700 });
  }
  const files = aptFiles(folder, mirrorUri, await firstThatExists(KEYRINGS), release);
  await writeFile(join(folder, 'apt.conf'), files.configuration);
  await writeFile(join(folder, 'sources.list'), files.sources);
  await writeFile(join(folder, 'preferences'), files.preferences);
  await writeFile(join(folder, 'status'), files.status);
}

async function firstThatExists(paths: readonly string[]): Promise<string | undefined> {
  for (const path of paths) {
    const exists = await access(path).then(
      () => true,
      () => false,
    );
    if (exists) return path;
  }
  return undefined;
}

async function runApt(program: string, args: readonly string[], cwd: string): Promise<string> {
  const result = await execa(program, args, { cwd, reject: false, stdin: 'ignore', env: { LC_ALL: 'C' } });
  if (!result.failed) return result.stdout;
  throw cannotFetch(aptFailure(`${result.stderr}\n${result.stdout}`), result);
}

/** What apt says when it fails (in the C locale), and what it means; the first that fits. */
const FAILURES: readonly (readonly [RegExp, string])[] = [
  [
    /No space left|don't have enough free space/i,
    'The disk was full while packages were downloaded: make room, or set XDG_CACHE_HOME to another disk',
  ],
  [
    /Hash Sum mismatch|unexpected size|BADSIG|has been manipulated/i,
    'The mirror that apt is set to gave something else than what Debian has signed: it was changed on the way, or the mirror is ' +
      'being updated (try again)',
  ],
  [
    /does not have a Release file|404 +Not Found/i,
    'The mirror that apt is set to does not have what is needed of Debian or its backports',
  ],
  [
    /NO_PUBKEY|not signed|signatures? (couldn't|could not) be verified|EXPKEYSIG/i,
    "The mirror's lists are not signed by a key that this machine knows (package debian-archive-keyring)",
  ],
  [
    /could not (resolve|connect)|temporary failure|unable to connect|connection (failed|timed out|refused)|failed to fetch/i,
    'The mirror that apt is set to cannot be reached',
  ],
];

/** A sentence for what apt says when it fails. */
export function aptFailure(says: string): string {
  const complaint = says.replace(/\s+/g, ' ').trim().slice(0, COMPLAINT_LENGTH);
  const [, sentence = 'apt failed'] = FAILURES.find(([words]) => words.test(says)) ?? [];
  return `${sentence}: ${complaint}`;
}

/** Unpacks packages into `folder`, without their documentation. Throws a `HarnessError` if there is no dpkg-deb. */
export async function unpackPackages(files: readonly string[], folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const file of files) {
    const result = await execa('dpkg-deb', ['-x', file, folder], { reject: false });
    if (result.failed) throw cannotFetch(`The package ${file} cannot be unpacked: ${result.shortMessage}.`, result);
  }
  for (const name of DEAD_WEIGHT) await rm(join(folder, name), { recursive: true, force: true });
}
