import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, expect, test } from 'vitest';
import { kernelOptions, optionsIn, requireOptions } from './kernel-options.ts';

const folder = mkdtempSync(join(tmpdir(), 'viommuspec-options-'));
afterAll(() => rmSync(folder, { recursive: true }));

const TEXT = '# CONFIG_KASAN is not set\nCONFIG_VIRTIO_PCI=m\nCONFIG_NR_CPUS=64\n';
const parts = (image: Buffer, release = 'r', modules = join(folder, 'none')) => ({
  release,
  imagePath: join(folder, 'vmlinuz'),
  image,
  modules,
});

test('reads what is set', () => {
  expect([...optionsIn(TEXT)]).toEqual([
    ['VIRTIO_PCI', 'm'],
    ['NR_CPUS', '64'],
  ]);
});

test('finds the options beside the image, in the folder of modules, or in the image', async () => {
  const image = Buffer.concat([Buffer.from('...IKCFG_ST'), gzipSync(TEXT), Buffer.from('IKCFG_ED...')]);
  expect((await kernelOptions(parts(image)))?.get('VIRTIO_PCI')).toBe('m');
  writeFileSync(join(folder, 'config-6.1'), 'CONFIG_A=y\n');
  expect((await kernelOptions(parts(image, '6.1')))?.get('A')).toBe('y');
  writeFileSync(join(folder, '.config'), 'CONFIG_B=y\n');
  expect((await kernelOptions(parts(image, 'r', folder)))?.get('B')).toBe('y');
});

test.each(['', 'IKCFG_ST', 'IKCFG_STxxIKCFG_ED', 'IKCFG_ED'])('makes nothing of an image with %j', async (text) => {
  expect(await kernelOptions(parts(Buffer.from(text)))).toBeUndefined();
});

test('names every option that is missing, and nothing where it does not know', () => {
  const all =
    'PCI ACPI BLK_DEV_INITRD SERIAL_8250_CONSOLE VIRTIO_PCI HW_RANDOM_VIRTIO VFIO_PCI VFIO_IOMMU_TYPE1 VIRTIO_IOMMU ACPI_VIOT'.split(
      ' ',
    );
  const without = (...names: string[]) =>
    new Map(all.filter((name) => !names.includes(name)).map((name) => [name, 'y']));
  expect(() => requireOptions('6.1', without(), 'amd64')).not.toThrow();
  expect(() => requireOptions('6.1', undefined, 'amd64')).not.toThrow();
  expect(() => requireOptions('6.1', without('VIRTIO_IOMMU', 'ACPI_VIOT'), 'amd64')).toThrow(
    'The kernel 6.1 is built without CONFIG_VIRTIO_IOMMU, CONFIG_ACPI_VIOT.',
  );
});
