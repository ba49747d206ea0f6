import { expect, test } from 'vitest';
import { aptFiles } from './apt-configuration.ts';
import { INDEX_TARGETS_FORMAT, mirrorOf } from './apt-mirror.ts';
import { aptFailure } from './debian-packages.ts';

const target = (...fields: string[]): string => fields.join('\t');

test('asks apt for the fields that it reads', () => {
  expect(INDEX_TARGETS_FORMAT).toBe('$(IDENTIFIER)\t$(REPO_URI)\t$(ORIGIN)\t$(LABEL)\t$(RELEASE)');
});

test("finds the main archive among others, and not the security archive or somebody else's", () => {
  const targets = [
    target('Translations', 'http://translations.test/', 'Debian', 'Debian', 'bookworm'),
    target('Packages', 'https://tools.test/apt/', 'tools', 'tools', 'stable'),
    target('Packages', 'http://mirror.test/security/', 'Debian', 'Debian-Security', 'bookworm-security'),
    target('Packages', 'http://mirror.test/debian/', 'Debian', 'Debian', 'bookworm'),
  ];
  expect(mirrorOf(targets.join('\n'))).toBe('http://mirror.test/debian/');
});

/** A target whose lists have never been fetched. */
const unknown = (uri: string, suite: string): string => target('Packages', uri, '$(ORIGIN)', '$(LABEL)', suite);

test('goes by the name of the suite where the lists have never been fetched', () => {
  const targets = [unknown('http://m.test/debian-security/', 'trixie'), unknown('http://m.test/debian/', 'trixie')];
  expect(mirrorOf(targets.join('\n'))).toBe('http://m.test/debian/');
  expect(mirrorOf(unknown('http://m.test/ubuntu/', 'noble'))).toBeUndefined();
});

test('finds no mirror in nothing', () => {
  expect(mirrorOf('')).toBeUndefined();
});

test('keeps an apt of its own away from the state of the machine, and its signatures checked', () => {
  const files = aptFiles('/cache/apt', 'http://m.test/debian/', '/keys.gpg');
  expect(files.sources).toContain('deb [signed-by=/keys.gpg] http://m.test/debian/ trixie-backports main\n');
  expect(files.configuration).toContain('Dir::State::status "/cache/apt/status";');
  expect(files.configuration).toContain('Dir::Etc::sourceparts "/dev/null";');
  expect(files.configuration).not.toMatch(/AllowUnauthenticated|AllowInsecure|trusted=yes/i);
});

test.each([
  ["Could not resolve 'm.test'", /^The mirror that apt is set to cannot be reached/],
  ['Temporary failure resolving', /^The mirror that apt is set to cannot be reached/],
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
