import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { EXIT } from '../harness-error.ts';
import { byVersion, findKernel } from './kernel.ts';

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

test('says which of the files cannot be read', async () => {
  const kernel = join(folder, 'vmlinuz');
  const finding = findKernel({ kernel, modules: folder }, folder, () => {});
  await expect(finding).rejects.toThrow(`${kernel} cannot be read.`);
});
