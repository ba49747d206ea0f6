/** The text of a private apt configuration: its own sources, state and cache, so that the host's apt is not touched. */
import { join } from 'node:path';
import type { Architecture } from './architecture.ts';

/** The release whose packages are used, and its backports, which have a new enough QEMU. */
export const SUITE = 'trixie';
export const BACKPORTS = `${SUITE}-backports`;

/** Suites that move on have none. */
const WITHOUT_BACKPORTS = ['testing', 'unstable'];

/** What a package depends on for the sake of an installed system, not of a program that is run from a folder. */
const NOT_NEEDED = ['adduser', 'debconf', 'ipxe-qemu'];

/** Which packages are wanted, and where they come from. */
export interface PackageSource {
  /** `SUITE` if left out. */
  readonly suite?: string | undefined;
  /** This machine's own if left out. */
  readonly architecture?: Architecture | undefined;
  /** The address of a Debian mirror; if left out, what the environment or this machine's apt names. */
  readonly mirror?: string | undefined;
}

export interface AptFiles {
  /** Given to apt with `-c`: it is read last, after the machine's own, whose proxies and credentials thus hold. */
  readonly configuration: string;
  readonly sources: string;
  readonly preferences: string;
  readonly status: string;
}

/**
 * Settings of the machine's own apt that do not count here: what is given below anew, what apt would read after everything
 * else, and hooks, which act on its packages and not on ours.
 */
const CLEARED = [
  'APT::Architectures',
  'Acquire::Languages',
  'Binary',
  'APT::Update::Pre-Invoke',
  'APT::Update::Post-Invoke',
  'APT::Update::Post-Invoke-Success',
  'APT::Install::Pre-Invoke',
  'APT::Install::Post-Invoke-Success',
  'DPkg::Pre-Invoke',
  'DPkg::Post-Invoke',
  'DPkg::Pre-Install-Pkgs',
];

/** A mirror of Debian's main archive. */
export interface Mirror {
  readonly uri: string;
  /** The path of the archive's keys; apt's own trusted keys are used without it. */
  readonly keyring: string | undefined;
}

/** The files of an apt that lives in `folder` and takes signed packages from a mirror, whatever the machine's own apt takes. */
export function aptFiles(
  folder: string,
  { uri, keyring }: Mirror,
  { suite = SUITE, architecture = 'amd64' }: PackageSource = {},
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
    'APT::Get::AllowUnauthenticated': 'false',
    'Acquire::AllowInsecureRepositories': 'false',
    'Acquire::AllowWeakRepositories': 'false',
    'Acquire::AllowDowngradeToInsecureRepositories': 'false',
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
      ...CLEARED.map((name) => `#clear ${name};`),
      ...Object.entries(settings).map(([name, value]) => `${name} "${value}";`),
      `APT::Architectures { "${architecture}"; };`,
      '',
    ].join('\n'),
    // apt reads %20 in a list of sources as a blank, and the address on the wire would be another.
    sources: [suite, ...(WITHOUT_BACKPORTS.includes(suite) ? [] : [backports])]
      .map((name) => `deb ${signedBy}${uri.replaceAll('%', '%25')} ${name} main\n`)
      .join(''),
    preferences: `Package: qemu-* seabios\nPin: release n=${backports}\nPin-Priority: 700\n`,
    status: NOT_NEEDED.map(
      (name) =>
        `Package: ${name}\nStatus: install ok installed\nVersion: 999\nArchitecture: all\nMulti-Arch: foreign\n` +
        'Maintainer: nobody\nDescription: left out\n',
    ).join('\n'),
  };
}
