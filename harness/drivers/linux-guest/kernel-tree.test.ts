import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { architectureOf } from './kernel.ts';
import { moduleSource } from './kernel-modules.ts';
import { imageInTree, kernelInTree, stampOf } from './kernel-tree.ts';

const tree = mkdtempSync(join(tmpdir(), 'viommuspec-tree-'));
afterAll(() => rmSync(tree, { recursive: true }));

const write = (name: string, content: string | Buffer): void => {
  mkdirSync(dirname(join(tree, name)), { recursive: true });
  writeFileSync(join(tree, name), content);
};

test('says what is missing in a tree that was never built', async () => {
  await expect(imageInTree(tree)).rejects.toThrow(
    'holds no kernel that was built: there is none of arch/x86/boot/bzImage',
  );
});

test('takes image, release and modules from a built tree, and no module that an older build has left', async () => {
  const image = Buffer.alloc(128);
  image.write('MZ');
  image.writeUInt32LE(64, 60);
  image.writeUInt16LE(0xaa64, 68);
  write('arch/arm64/boot/Image', image);
  write('include/config/kernel.release', '7.4.0-rc1+\n');
  write('modules.order', 'drivers/iommu/virtio-iommu.o\nkernel/drivers/virtio/virtio.ko\n');
  write('modules.builtin', 'kernel/drivers/vfio/vfio.ko\n');
  for (const name of ['iommu/virtio-iommu', 'virtio/virtio', 'old/left']) write(`drivers/${name}.ko`, name);
  expect(await kernelInTree(tree)).toEqual({
    image: join(tree, 'arch/arm64/boot/Image'),
    modules: tree,
    release: '7.4.0-rc1+',
  });
  expect(await architectureOf({ kernel: tree })).toBe('arm64');
  const source = await moduleSource(tree, () => Promise.resolve(Buffer.alloc(0)));
  expect([...source.files.keys()]).toEqual(['virtio_iommu', 'virtio']);
  expect([...source.builtIn]).toEqual(['vfio']);
});

test('notices a module that was built again', async () => {
  const before = await stampOf(tree);
  expect(await stampOf(tree)).toBe(before);
  utimesSync(join(tree, 'drivers/iommu/virtio-iommu.ko'), 1, 2);
  expect(await stampOf(tree)).not.toBe(before);
});
