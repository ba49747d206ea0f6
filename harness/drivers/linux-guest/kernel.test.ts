import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { EXIT } from '../../harness-error.ts';
import { kernelNamed } from './debian-kernel.ts';
import { architectureOf, byVersion, findKernel } from './kernel.ts';

const folder = mkdtempSync(join(tmpdir(), 'viommuspec-kernel-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('orders releases by their numbers', () => {
  const releases = ['6.12.9-amd64', '6.9.1-amd64', '6.12.10-amd64', '7.0.1-amd64'];
  expect(releases.toSorted(byVersion)).toEqual(['6.9.1-amd64', '6.12.9-amd64', '6.12.10-amd64', '7.0.1-amd64']);
});

test.each([[{ kernel: '/k' }], [{ modules: '/m' }]])('wants the image and the modules together: %j', async (choice) => {
  const finding = findKernel(choice, folder, () => {});
  await expect(finding).rejects.toMatchObject({ exitCode: EXIT.usage });
});

test('wants no modules for a kernel that comes with its own', async () => {
  const finding = findKernel({ kernel: 'trixie', modules: '/m' }, folder, () => {});
  await expect(finding).rejects.toThrow('The kernel of trixie comes with its modules');
});

test.each([
  [{}, 'amd64'],
  [{ kernel: 'trixie' }, 'amd64'],
  [{ kernel: 'trixie:arm64' }, 'arm64'],
  [{ kernel: 'trixie-backports:arm64' }, 'arm64'],
  [{ kernel: '/no/such/image' }, 'amd64'],
])('knows the processor of %j', async (choice, architecture) => {
  expect(await architectureOf(choice)).toBe(architecture);
});

test('goes by what an image says of its processor', async () => {
  const image = Buffer.alloc(128);
  image.write('MZ');
  image.writeUInt32LE(64, 60);
  image.writeUInt16LE(0xaa64, 68);
  const kernel = join(folder, 'Image');
  writeFileSync(kernel, image);
  expect(await architectureOf({ kernel })).toBe('arm64');
});

test('names a kernel of the mirror by its suite and, where it is not for a PC, its architecture', () => {
  expect(kernelNamed('trixie')).toEqual({ suite: 'trixie', architecture: 'amd64' });
  expect(kernelNamed('trixie-backports:arm64')).toEqual({ suite: 'trixie-backports', architecture: 'arm64' });
  expect([undefined, '', '/boot/vmlinuz', 'buster', 'trixie:arm64:x'].map(kernelNamed)).toEqual(
    Array(5).fill(undefined),
  );
  expect(() => kernelNamed('trixie:riscv64')).toThrow(
    'The Linux guest is not made for riscv64; trixie can be had for amd64 and arm64.',
  );
});

test('says which of the files cannot be read', async () => {
  const kernel = join(folder, 'vmlinuz');
  const finding = findKernel({ kernel, modules: folder }, folder, () => {});
  await expect(finding).rejects.toThrow(`${kernel} cannot be read.`);
});
