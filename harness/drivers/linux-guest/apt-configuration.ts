/** The text of a private apt configuration: its own sources, state and cache, so that the host's apt is not touched. */
import { join } from 'node:path';
import type { Architecture } from './architecture.ts';

/** The release whose packages are used, and its backports, which have a new enough QEMU. */
export const SUITE = 'trixie';
export const BACKPORTS = `${SUITE}-backports`;

/** What a package depends on for the sake of an installed system, not of a program that is run from a folder. */
const NOT_NEEDED = ['adduser', 'debconf', 'ipxe-qemu'];

/** Whose packages are wanted; of `SUITE`, and for this machine, if left out. */
export interface Release {
  readonly suite?: string | undefined;
  readonly architecture?: Architecture;
}

export interface AptFiles {
  /** Given to apt with `-c`: it is read last, after the machine's own, whose proxies and credentials thus hold. */
  readonly configuration: string;
  readonly sources: string;
  readonly preferences: string;
  readonly status: string;
}

/** Hooks of the machine's own apt; they act on its packages, not on ours. */
const HOOKS = [
  'APT::Update::Pre-Invoke',
  'APT::Update::Post-Invoke',
  'APT::Update::Post-Invoke-Success',
  'APT::Install::Pre-Invoke',
  'APT::Install::Post-Invoke-Success',
  'DPkg::Pre-Invoke',
  'DPkg::Post-Invoke',
  'DPkg::Pre-Install-Pkgs',
];

/**
 * The files of an apt that lives in `folder` and takes packages of a release from the mirror at `mirrorUri`.
 * `keyring` is the path of the archive's keys; apt's own trusted keys are used without it.
 */
export function aptFiles(
  folder: string,
  mirrorUri: string,
  keyring: string | undefined,
  { suite = SUITE, architecture = 'amd64' }: Release = {},
): AptFiles {
  const backports = `${suite}-backports`;
  const settings: Record<string, string> = {
    'Dir::State': join(folder, 'state'),
    'Dir::State::lists': join(folder, 'lists'),
    'Dir::State::status': join(folder, 'status'),
    'Dir::State::extended_states': join(folder, 'state', 'extended_states'),
    'Dir::Cache': join(folder, 'cache'),
    'Dir::Cache::archives': join(folder, 'archives'),
    'Dir::Log': join(folder, 'log'),
    'Dir::Etc::sourcelist': join(folder, 'sources.list'),
    'Dir::Etc::sourceparts': '/dev/null',
    'Dir::Etc::preferences': join(folder, 'preferences'),
    'Dir::Etc::preferencesparts': '/dev/null',
    'APT::Architecture': architecture,
    'APT::Default-Release': '',
    'APT::Install-Recommends': 'false',
    'APT::Install-Suggests': 'false',
    // Without it an unreachable mirror is only a warning.
    'APT::Update::Error-Mode': 'any',
    // The user that apt would change to cannot write here.
    'APT::Sandbox::User': 'root',
    'Acquire::Languages': 'none',
    'Acquire::Retries': '2',
    'Acquire::http::Timeout': '30',
    'Acquire::https::Timeout': '30',
  };
  const signedBy = keyring === undefined ? '' : `[signed-by=${keyring}] `;
  return {
    configuration: [
      ...HOOKS.map((hook) => `#clear ${hook};`),
      '#clear APT::Architectures;',
      '#clear Acquire::Languages;',
      ...Object.entries(settings).map(([name, value]) => `${name} "${value}";`),
      `APT::Architectures { "${architecture}"; };`,
      '',
    ].join('\n'),
    sources: [suite, backports].map((name) => `deb ${signedBy}${mirrorUri} ${name} main\n`).join(''),
    preferences: `Package: qemu-* seabios\nPin: release n=${backports}\nPin-Priority: 700\n`,
    status: NOT_NEEDED.map(
      (name) =>
        `Package: ${name}\nStatus: install ok installed\nVersion: 999\nArchitecture: all\nMulti-Arch: foreign\n` +
        'Maintainer: nobody\nDescription: left out\n',
    ).join('\n'),
  };
}
