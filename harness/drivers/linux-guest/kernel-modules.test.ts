import { expect, test } from 'vitest';
import { HarnessError } from '../../harness-error.ts';
import { moduleDependencies, type ModuleSource, modulesInOrder } from './kernel-modules.ts';

const module = (depends: string): Buffer => Buffer.from(`\x7fELF\0license=GPL\0depends=${depends}\0name=x\0`);

const source = (depends: Readonly<Record<string, string>>, builtIn: readonly string[] = []): ModuleSource => ({
  files: new Map(Object.keys(depends).map((name) => [name, `/m/${name}.ko`])),
  builtIn: new Set(builtIn),
  read: (file) => Promise.resolve(module(depends[file.slice(3, -3)] ?? '')),
});

test('puts every module after what it depends on, once', async () => {
  const tree = source({ vfio_pci: 'vfio-pci-core', vfio_pci_core: 'vfio,irqbypass', vfio: '', irqbypass: '', rng: '' });
  const { modules } = await modulesInOrder(tree, { vfio_pci: '', vfio: '', rng: '' });
  expect(modules.map(({ name }) => name)).toEqual(['vfio', 'irqbypass', 'vfio_pci_core', 'vfio_pci', 'rng']);
});

test('leaves out what is built in and keeps the parameters of what is not', async () => {
  const { modules } = await modulesInOrder(source({ a: 'b' }, ['b', 'c']), { a: 'x=1', c: '' });
  expect(modules.map(({ name, parameters }) => [name, parameters])).toEqual([['a', 'x=1']]);
});

test('names a module that is neither there nor built in', async () => {
  const loading = modulesInOrder(source({ a: 'virtio_iommu' }), { a: '' });
  await expect(loading).rejects.toThrow(
    'The kernel has no module virtio_iommu, and it is not built in: it is built without CONFIG_VIRTIO_IOMMU',
  );
  await expect(loading).rejects.toBeInstanceOf(HarnessError);
});

test('does without the drivers that a kernel need not have, and says which', async () => {
  const { modules, absent } = await modulesInOrder(source({ virtio_net: 'failover', failover: '' }), {
    virtio_blk: '',
    virtio_net: '',
  });
  expect(modules.map(({ name }) => name)).toEqual(['failover', 'virtio_net']);
  expect(absent).toEqual(['virtio_blk']);
});

test('ends with modules that depend on each other', async () => {
  const { modules } = await modulesInOrder(source({ a: 'b', b: 'a' }), { a: '' });
  expect(modules.map(({ name }) => name)).toEqual(['b', 'a']);
});

test('reads the dependencies of a module from its own description', () => {
  expect(moduleDependencies(module('vfio-pci-core,irqbypass'))).toEqual(['vfio_pci_core', 'irqbypass']);
  expect(moduleDependencies(module(''))).toEqual([]);
  expect(moduleDependencies(Buffer.from('nothing'))).toEqual([]);
});
