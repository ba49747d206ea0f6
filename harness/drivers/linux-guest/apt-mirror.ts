/** Which Debian mirror packages come from: the one that the user names, or the one that this machine's apt is set to. */
import { execa } from 'execa';
import { access } from 'node:fs/promises';
import { EXIT, HarnessError } from '../../harness-error.ts';
import type { Mirror } from './apt-configuration.ts';

/** The environment variable that names a mirror for every command that obtains packages. */
const VARIABLE = 'VIOMMUSPEC_MIRROR';
/** Any of those that Debian lists. */
const EXAMPLE = 'http://mirror.example/debian';
const SCHEMES = ['http:', 'https:', 'file:'];
const KEYRINGS = ['/usr/share/keyrings/debian-archive-keyring.gpg', '/usr/share/keyrings/debian-archive-keyring.pgp'];

const INSTALL_KEYS = 'apt-get install debian-archive-keyring (Debian, Ubuntu) or dnf install debian-keyring (Fedora)';
const NAME_A_MIRROR = `add --mirror ${EXAMPLE} to the command, or set ${VARIABLE}=${EXAMPLE}`;

const OWN_PROGRAMS = 'your own programs with --qemu FILE (QEMU 10.1 or newer), --kernel FILE and --modules FOLDER.';
export const OWN_PROGRAMS_HINT = `Give ${OWN_PROGRAMS}`;

export const OTHER_MIRROR_HINT = `Name another mirror with --mirror URL or ${VARIABLE}. Or give ${OWN_PROGRAMS}`;

const cannotObtain = (sentence: string, hint: string): HarnessError =>
  new HarnessError(sentence, { exitCode: EXIT.driverDidNotStart, hint });

/** What of a machine decides where packages come from. */
export interface Surroundings {
  readonly env?: NodeJS.ProcessEnv;
  readonly keyrings?: readonly string[];
}

/**
 * The mirror at the address `named`, else at the one in the environment, else the one that this machine's apt is set to.
 * Throws a `HarnessError` if there is none, or if one was named and its packages could not be verified.
 */
export async function findMirror(
  named: string | undefined,
  { env = process.env, keyrings = KEYRINGS }: Surroundings = {},
): Promise<Mirror> {
  const uri = namedMirror(named, env);
  const keyring = await firstThatExists(keyrings);
  if (uri === undefined) return { uri: await machineMirror(env, keyring), keyring };
  if (keyring !== undefined) return { uri, keyring };
  throw cannotObtain(
    "The mirror's packages could not be verified: Debian's archive keys are not on this machine.",
    `Install them: ${INSTALL_KEYS}.`,
  );
}

/**
 * The address that the user named, by an option or in the environment; undefined if there is none.
 * Throws a `HarnessError` for one that cannot be a mirror's.
 */
export function namedMirror(named: string | undefined, env: NodeJS.ProcessEnv = process.env): string | undefined {
  const address = named ?? (env[VARIABLE] || undefined);
  if (address === undefined) return undefined;
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url && SCHEMES.includes(url.protocol)) return url.href;
  throw new HarnessError(
    `${named === undefined ? VARIABLE : '--mirror'} is '${address}'; ` +
      `it has to be the address of a Debian mirror, such as ${EXAMPLE}.`,
    { exitCode: EXIT.usage },
  );
}

/** Fields asked for by `apt-get indextargets --format`, in this order; apt leaves `$(NAME)` where it knows none. */
const FIELDS = ['IDENTIFIER', 'REPO_URI', 'ORIGIN', 'LABEL', 'RELEASE', 'COMPONENT'] as const;

async function machineMirror(env: NodeJS.ProcessEnv, keyring: string | undefined): Promise<string> {
  const format = FIELDS.map((field) => `$(${field})`).join('\t');
  // Where lists were never fetched apt names no target at all, unless it need not say what only they say.
  for (const more of [[], ['--no-release-info']]) {
    const words = ['indextargets', ...more, '--format', format];
    const targets = await execa('apt-get', words, { reject: false, stdin: 'ignore', env });
    if (targets.failed && targets.exitCode === undefined) {
      throw cannotObtain(
        'What is missing here (QEMU, a kernel) is obtained with apt-get, and this machine has none.',
        `${OWN_PROGRAMS_HINT} Or install apt, dpkg and Debian's archive keys ` +
          `(Fedora: dnf install apt dpkg debian-keyring); then ${NAME_A_MIRROR}.`,
      );
    }
    const uri = mirrorOf(targets.stdout);
    if (uri !== undefined) return uri;
  }
  const keys = keyring === undefined ? `Install Debian's archive keys: ${INSTALL_KEYS}. Then name` : 'Name';
  throw cannotObtain(
    "What is missing here (QEMU, a kernel) is obtained from a Debian mirror, and this machine's apt is set to none.",
    `${keys} one: ${NAME_A_MIRROR}. Or give ${OWN_PROGRAMS}`,
  );
}

/** Suites of Debian's main archive. Other archives have a `stable`, too. */
const CODENAME = /^(bullseye|bookworm|trixie|forky|duke|sid)(-updates|-backports)?$/;
const ALIAS = /^(oldoldstable|oldstable|stable|testing|unstable)(-updates|-backports)?$/;

/**
 * The URI of the first Debian main archive in the output of `apt-get indextargets` with these `FIELDS`; undefined if
 * there is none. The security archive is another archive: it has neither the suites nor the packages.
 */
export function mirrorOf(indexTargets: string): string | undefined {
  for (const line of indexTargets.split('\n')) {
    const fields = line.split('\t').map((text) => (text.startsWith('$(') ? '' : text));
    const [identifier, uri = '', origin, label, suite = '', component] = fields;
    if (identifier !== 'Packages' || uri === '' || component !== 'main') continue;
    const saysSo = origin === 'Debian' && (label === 'Debian' || label === 'Debian Backports');
    const looksLikeIt = !origin && (CODENAME.test(suite) || (ALIAS.test(suite) && /debian/.test(uri)));
    if (saysSo || looksLikeIt) return uri;
  }
  return undefined;
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
