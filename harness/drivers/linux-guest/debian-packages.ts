/** Programs from a Debian mirror, unpacked into a folder: no root, nothing installed. */
import { execa } from 'execa';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { EXIT, HarnessError } from '../../harness-error.ts';
import { aptFiles, type PackageSource, SUITE } from './apt-configuration.ts';
import { findMirror, OTHER_MIRROR_HINT, OWN_PROGRAMS_HINT } from './apt-mirror.ts';
import type { Progress } from './cache-folder.ts';

/** Folders of a package that no program needs to run. */
const DEAD_WEIGHT = ['usr/share/doc', 'usr/share/man', 'usr/share/locale', 'usr/share/info', 'usr/share/lintian'];
/** Bytes of apt's complaint that an error shows. */
const COMPLAINT_LENGTH = 300;

const cannotFetch = (sentence: string, hint: string, cause?: unknown): HarnessError =>
  new HarnessError(sentence, { exitCode: EXIT.driverDidNotStart, hint, cause });

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
 * An apt of its own in `folder`, with fresh package lists of `source`; `purpose` is what the user is told they are for.
 * What is in the folder already is used again.
 * Throws a `HarnessError` if there is no apt-get, no Debian mirror, or the mirror cannot be used.
 */
export async function openApt(
  folder: string,
  purpose: string,
  progress: Progress,
  source: PackageSource = {},
): Promise<Apt> {
  await prepareFolder(folder, source);
  const run = (program: 'apt-get' | 'apt-cache', ...args: string[]): Promise<string> =>
    runApt(program, ['-qq', '-c', join(folder, 'apt.conf'), ...args], folder);
  const { suite = SUITE, architecture } = source;
  const named = `Debian ${suite}${architecture === undefined ? '' : ` (${architecture})`}`;
  progress(`fetching the package lists of ${named} for ${purpose} from a Debian mirror`);
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
      if (file === undefined) throw cannotFetch(`The mirror gave no package ${name}.`, OTHER_MIRROR_HINT);
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

async function prepareFolder(folder: string, source: PackageSource): Promise<void> {
  const mirror = await findMirror(source.mirror);
  for (const name of ['state', 'lists/partial', 'archives/partial', 'cache', 'log']) {
    await mkdir(join(folder, name), { recursive: true, mode: 0o700 });
  }
  const files = aptFiles(folder, mirror, source);
  await writeFile(join(folder, 'apt.conf'), files.configuration);
  await writeFile(join(folder, 'sources.list'), files.sources);
  await writeFile(join(folder, 'preferences'), files.preferences);
  await writeFile(join(folder, 'status'), files.status);
}

async function runApt(program: string, args: readonly string[], cwd: string): Promise<string> {
  const result = await execa(program, args, { cwd, reject: false, stdin: 'ignore', env: { LC_ALL: 'C' } });
  if (!result.failed) return result.stdout;
  throw cannotFetch(aptFailure(`${result.stderr}\n${result.stdout}`), OTHER_MIRROR_HINT, result);
}

/** What apt says when it fails (in the C locale), and what it means; the first that fits. */
const FAILURES: readonly (readonly [RegExp, string])[] = [
  [
    /No space left|don't have enough free space/i,
    'The disk was full while packages were downloaded: make room, or set XDG_CACHE_HOME to another disk',
  ],
  [
    /Hash Sum mismatch|unexpected size|BADSIG|has been manipulated/i,
    'The Debian mirror gave something else than what Debian has signed: it was changed on the way, or the mirror is ' +
      'being updated (try again)',
  ],
  [
    /does not have a Release file|404 +Not Found/i,
    'The Debian mirror does not have what is needed of Debian or its backports',
  ],
  [
    /NO_PUBKEY|not signed|signatures? (couldn't|could not) be verified|EXPKEYSIG/i,
    "The mirror's lists are not signed by a key that this machine knows (package debian-archive-keyring)",
  ],
  [
    /could not (resolve|connect)|temporary failure|unable to connect|connection (failed|timed out|refused)|failed to fetch/i,
    'The Debian mirror cannot be reached',
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
    if (result.failed)
      throw cannotFetch(`The package ${file} cannot be unpacked: ${result.shortMessage}.`, OWN_PROGRAMS_HINT, result);
  }
  for (const name of DEAD_WEIGHT) await rm(join(folder, name), { recursive: true, force: true });
}
