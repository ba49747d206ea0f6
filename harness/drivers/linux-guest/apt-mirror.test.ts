import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { needs } from '../../../scripts/test-tools/needs.ts';
import { EXIT } from '../../harness-error.ts';
import { aptFiles } from './apt-configuration.ts';
import { findMirror, mirrorOf, namedMirror, type Surroundings } from './apt-mirror.ts';
import { aptFailure } from './debian-packages.ts';

const target = (...fields: string[]): string => fields.join('\t');

test("finds the main archive among others, and not the security archive or somebody else's", () => {
  const targets = [
    target('Translations', 'http://translations.test/', 'Debian', 'Debian', 'bookworm', 'main'),
    target('Packages', 'https://tools.test/apt/', 'tools', 'tools', 'stable', 'main'),
    target('Packages', 'http://mirror.test/security/', 'Debian', 'Debian-Security', 'bookworm-security', 'main'),
    target('Packages', 'http://mirror.test/debian/', 'Debian', 'Debian', 'bookworm', 'main'),
  ];
  expect(mirrorOf(targets.join('\n'))).toBe('http://mirror.test/debian/');
});

/** A line of `apt-get indextargets --no-release-info` where lists were never fetched, by apt 2.6.1 and 3.0.4 alike. */
const unfetched = (uri: string, suite: string, component = 'main'): string =>
  target('Packages', uri, '$(ORIGIN)', '$(LABEL)', suite, component);

test.each([
  ['http://m.test/debian/', [unfetched('http://m.test/debian/', 'trixie')]],
  [
    'http://m.test/debian/',
    [
      unfetched('http://tools.test/debian/', 'bookworm', 'tools'),
      unfetched('http://browser.test/deb/', 'stable'),
      unfetched('http://m.test/debian-security/', 'trixie-security'),
      unfetched('http://m.test/debian/', 'trixie'),
    ],
  ],
  ['http://m.test/debian/', [unfetched('http://m.test/debian/', 'stable')]],
  [undefined, [unfetched('http://m.test/ubuntu/', 'noble'), unfetched('http://m.test/ubuntu/', 'noble-updates')]],
])('goes by suite and component where the lists were never fetched: %s', (uri, targets) => {
  expect(mirrorOf(targets.join('\n'))).toBe(uri);
});

test('finds no mirror in nothing', () => {
  expect(mirrorOf('')).toBeUndefined();
});

test('keeps an apt of its own away from the state of the machine, and its signatures checked', () => {
  const files = aptFiles('/cache/apt', { uri: 'http://m.test/debian/', keyring: '/keys.gpg' });
  expect(files.sources).toContain('deb [signed-by=/keys.gpg] http://m.test/debian/ trixie-backports main\n');
  expect(files.configuration).toContain('Dir::State::status "/cache/apt/status";');
  expect(files.configuration).toContain('Dir::Etc::sourceparts "/dev/null";');
});

test.each([
  ["Could not resolve 'm.test'", /^The Debian mirror cannot be reached/],
  ['Temporary failure resolving', /^The Debian mirror cannot be reached/],
  [
    "The repository 'x trixie-backports Release' does not have a Release file.",
    /does not have what is needed of Debian/,
  ],
  ['The following signatures could not be verified: NO_PUBKEY 0', /not signed by a key that this machine knows/],
  ['write error (28: No space left on device)', /^The disk was full/],
  // What apt 2.6 and 3.0 print of lists, packages and signatures that were changed on the way.
  [
    'E: Failed to fetch http://m.test/dists/trixie/by-hash/SHA256/be3d Hash Sum mismatch\n   Hashes of expected file:',
    /gave something else than what Debian has signed/,
  ],
  [
    'E: Failed to fetch http://m.test/pool/zstd_1.5.7.deb  File has unexpected size (756245 != 756244). Mirror sync in progress?',
    /gave something else than what Debian has signed/,
  ],
  [
    'W: GPG error: http://m.test trixie InRelease: The following signatures were invalid: BADSIG 6ED0E7B82643E131 Debian\n' +
      "E: The repository 'http://m.test trixie InRelease' is not signed.",
    /gave something else than what Debian has signed/,
  ],
  [
    'W: OpenPGP signature verification failed: http://m.test trixie InRelease: Sub-process /usr/bin/sqv returned an error ' +
      'code (1), error message is: Verifying signature: Message has been manipulated',
    /gave something else than what Debian has signed/,
  ],
  ["E: The repository 'http://m.test trixie Release' is not signed.", /not signed by a key that this machine knows/],
  ['something else', /^apt failed: something else$/],
])('says in a sentence what apt meant by %j', (says, sentence) => {
  expect(aptFailure(says)).toMatch(sentence);
});

describe("this machine's apt with lists that were never fetched, as in every container image", needs('apt-get'), () => {
  const folder = mkdtempSync(join(tmpdir(), 'viommuspec-apt-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  function aptSetTo(sources: string): Surroundings {
    mkdirSync(join(folder, 'lists/partial'), { recursive: true });
    writeFileSync(join(folder, 'sources.list'), sources);
    const settings = {
      'Dir::State::lists': join(folder, 'lists'),
      'Dir::Etc::sourcelist': join(folder, 'sources.list'),
      'Dir::Etc::sourceparts': '/dev/null',
    };
    const text = Object.entries(settings).map(([name, value]) => `${name} "${value}";\n`);
    writeFileSync(join(folder, 'apt.conf'), text.join(''));
    return { env: { APT_CONFIG: join(folder, 'apt.conf') }, keyrings: [process.execPath] };
  }

  test('still names its Debian mirror', async () => {
    const apt = aptSetTo(
      'deb http://security.test/debian-security trixie-security main\ndeb http://m.test/debian trixie main\n',
    );
    expect(await findMirror(undefined, apt)).toMatchObject({ uri: 'http://m.test/debian/' });
  });

  test('names none where it is set to another system, and the sentence says what to type', async () => {
    const ubuntu = aptSetTo('deb http://m.test/ubuntu noble main universe\n');
    const finding = findMirror(undefined, ubuntu);
    await expect(finding).rejects.toMatchObject({
      message: expect.stringMatching(/this machine's apt is set to none\.$/),
      hint: expect.stringMatching(/^Name one: add --mirror http:.* VIOMMUSPEC_MIRROR=.* Or give .*--qemu FILE/),
      exitCode: EXIT.driverDidNotStart,
    });
    await expect(findMirror(undefined, { ...ubuntu, keyrings: [] })).rejects.toMatchObject({
      hint: expect.stringMatching(/^Install Debian's archive keys: apt-get install debian-archive-keyring .*Then name/),
    });
  });
});

test('a machine without apt-get is told what it could do, and a named mirror is no help to it', async () => {
  const bare = { env: { PATH: '/nonexistent' }, keyrings: [] };
  await expect(findMirror(undefined, bare)).rejects.toMatchObject({
    message: 'What is missing here (QEMU, a kernel) is obtained with apt-get, and this machine has none.',
    hint: expect.stringMatching(/--qemu FILE .*--kernel FILE and --modules FOLDER\. Or .*dnf install apt dpkg/),
    exitCode: EXIT.driverDidNotStart,
  });
});

describe('a mirror that is named', () => {
  const keyrings = ['/nonexistent.gpg', process.execPath];

  test('comes before the one of the environment, which comes before that of apt', async () => {
    const env = { VIOMMUSPEC_MIRROR: 'https://there.test/debian' };
    expect(await findMirror('http://here.test/debian/', { env, keyrings })).toEqual({
      uri: 'http://here.test/debian/',
      keyring: process.execPath,
    });
    expect(await findMirror(undefined, { env, keyrings })).toMatchObject({ uri: 'https://there.test/debian' });
  });

  test("is refused where Debian's archive keys are missing, and the sentence says how to get them", async () => {
    await expect(findMirror('http://here.test/debian', { env: {}, keyrings: [] })).rejects.toMatchObject({
      message: expect.stringContaining('could not be verified'),
      hint: expect.stringMatching(/apt-get install debian-archive-keyring .*dnf install debian-keyring/),
      exitCode: EXIT.driverDidNotStart,
    });
  });

  test.each([
    ['here.test/debian', {}, /^--mirror is 'here\.test\/debian'; it has to be the address of a Debian mirror/],
    ['ftp://here.test', {}, /^--mirror is 'ftp:/],
    ['', {}, /^--mirror is ''/],
    [undefined, { VIOMMUSPEC_MIRROR: 'debian' }, /^VIOMMUSPEC_MIRROR is 'debian'/],
  ])('has to be an address: %j, %j', (named, env, sentence) => {
    expect(() => namedMirror(named, env)).toThrow(sentence);
  });

  test('is written to the list of sources so that apt reads what was meant', () => {
    const uri = namedMirror('http://here.test/a b/debian')!;
    const { sources } = aptFiles('/cache/apt', { uri, keyring: '/keys.gpg' });
    expect(sources).toContain('deb [signed-by=/keys.gpg] http://here.test/a%2520b/debian trixie main\n');
  });
});
