import { expect, test } from 'vitest';
import type { GuestKernel } from './kernel.ts';
import { withOwnModule } from './own-module.ts';

const VERMAGIC = '6.12.1-test SMP mod_unload ';

const module = (info: Readonly<Record<string, string>>): Buffer =>
  Buffer.from(
    `\x7fELF\0${Object.entries({ name: 'virtio_iommu', depends: '', vermagic: VERMAGIC, ...info })
      .map(([field, text]) => `${field}=${text}\0`)
      .join('')}`,
  );

const kernelWith = (...names: readonly string[]): GuestKernel => ({
  release: '6.12.1-test',
  image: '/k',
  absentModules: [],
  modules: names.map((name) => ({ name, parameters: '', image: module({ name }) })),
});

test('takes the place of the packaged module and of no other', () => {
  const own = module({ depends: 'virtio-pci' });
  const kernel = withOwnModule(kernelWith('virtio_pci', 'virtio_iommu'), 'own.ko', own);
  expect(kernel.modules.map(({ name, image }) => [name, image === own])).toEqual([
    ['virtio_pci', false],
    ['virtio_iommu', true],
  ]);
  expect(kernel.ownModule).toEqual({ name: 'virtio_iommu', digest: expect.stringMatching(/^[0-9a-f]{8}$/) });
});

test('takes the place of the transport where that is its name', () => {
  const own = module({ name: 'virtio_mmio' });
  const kernel = withOwnModule(kernelWith('virtio_mmio', 'virtio_iommu'), 'own.ko', own);
  expect(kernel.modules.map(({ image }) => image === own)).toEqual([true, false]);
});

test.each([
  ['a file that is no module', Buffer.from('#!/bin/sh'), 'own.ko is not a kernel module: it is no ELF file.'],
  [
    'another module',
    module({ name: 'vfio' }),
    'own.ko is neither of the modules virtio_iommu and virtio_mmio: its name is vfio.',
  ],
  [
    'a module of another kernel',
    module({ vermagic: '6.1.0 SMP ' }),
    "own.ko is built for another kernel than 6.12.1-test: its vermagic is '6.1.0 SMP', and has to be '6.12.1-test SMP mod_unload'.",
  ],
  [
    'a module that needs what is not there',
    module({ depends: 'iova' }),
    'own.ko needs the module iova, which the guest does not load.',
  ],
])('refuses %s', (_what, image, sentence) => {
  expect(() => withOwnModule(kernelWith('virtio_iommu'), 'own.ko', image)).toThrow(sentence);
});

test('says that a built-in driver cannot be replaced', () => {
  expect(() => withOwnModule(kernelWith('vfio'), 'own.ko', module({}))).toThrow(
    'The kernel 6.12.1-test has no module virtio_iommu that this one could take the place of.',
  );
});
