import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, test, vi } from 'vitest';
import { needs } from '../../../scripts/test-tools/needs.ts';
import { BACKPORTS, SUITE } from './apt-configuration.ts';
import { openApt } from './debian-packages.ts';

const folder = mkdtempSync(join(tmpdir(), 'viommuspec-packages-'));
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => vi.unstubAllEnvs());

/** An archive without packages and without signatures. */
function unsignedArchive(): string {
  for (const suite of [SUITE, BACKPORTS]) {
    const dist = join(folder, 'archive/dists', suite);
    mkdirSync(join(dist, 'main/binary-amd64'), { recursive: true });
    writeFileSync(join(dist, 'main/binary-amd64/Packages'), '');
    writeFileSync(join(dist, 'Release'), `Origin: Debian\nLabel: Debian\nSuite: ${suite}\nCodename: ${suite}\n`);
  }
  return `file://${join(folder, 'archive')}`;
}

describe('a machine whose own apt takes unsigned packages', needs('apt-get', 'debian-keys'), () => {
  test.each(['Acquire::AllowInsecureRepositories', 'Binary::apt-get::Acquire::AllowInsecureRepositories'])(
    'does not hand that on: %s',
    async (setting) => {
      const settings = join(folder, 'machine.conf');
      writeFileSync(settings, `${setting} "true";\nAPT::Get::AllowUnauthenticated "true";\n`);
      vi.stubEnv('APT_CONFIG', settings);
      const opening = openApt(mkdtempSync(join(folder, 'apt-')), 'a test', () => {}, { mirror: unsignedArchive() });
      await expect(opening).rejects.toThrow('not signed by a key that this machine knows');
    },
  );
});
