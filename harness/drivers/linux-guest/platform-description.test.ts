import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { cells, flattenedTree, strings, type TreeNode } from '../../../reference-device/topology/flattened-tree.ts';
import { viotTable } from '../../../reference-device/topology/viot.ts';
import type { Program } from './debian-programs.ts';
import { platformDescription } from './platform-description.ts';
import { readTree } from './tree-reader.ts';

const folder = mkdtempSync(join(tmpdir(), 'viommuspec-description-'));
afterAll(() => rmSync(folder, { recursive: true }));

function fakeQemu(name: string, script: string): Program {
  const command = join(folder, name);
  writeFileSync(command, `#!/bin/sh\n${script}\n`);
  chmodSync(command, 0o755);
  return { command, args: [] };
}

const MACHINE: TreeNode = {
  name: '',
  properties: {},
  children: [
    { name: 'pcie@10000000', properties: { compatible: strings('pci-host-ecam-generic'), phandle: cells(0x8000) } },
  ],
};

test('is the table of ACPI where the machine has that, and asks QEMU nothing', async () => {
  const { option, files } = await platformDescription('amd64', { command: join(folder, 'nowhere'), args: [] });
  expect(option).toBe('-acpitable');
  expect(files({ topology: 'two-iommus' })).toEqual([viotTable({ topology: 'two-iommus' })]);
});

test('has a second table where there are windows', async () => {
  const { files } = await platformDescription('amd64', { command: join(folder, 'nowhere'), args: [] });
  const signatures = files({ topology: 'mmio' }).map((table) => Buffer.from(table.subarray(0, 4)).toString());
  expect(signatures).toEqual(['VIOT', 'SSDT']);
});

test("is QEMU's own tree, with what the topology adds", async () => {
  const blob = join(folder, 'blob');
  writeFileSync(blob, flattenedTree(MACHINE));
  const qemu = fakeQemu('qemu', `for word; do case $word in *dumpdtb=*) cp ${blob} "\${word##*dumpdtb=}";; esac; done`);
  const { option, files } = await platformDescription('arm64', qemu);
  expect(option).toBe('-dtb');
  const [bridge] = readTree(Buffer.from(files({ topology: 'plain' })[0]!)).children ?? [];
  expect(bridge?.properties['iommu-map']?.length).toBe(2 * 16);
  expect(bridge?.children?.map(({ name }) => name)).toEqual(['iommu@2']);
});

test('says what QEMU complains of', async () => {
  const describing = platformDescription('arm64', fakeQemu('broken', 'echo "no such machine" >&2; exit 1'));
  await expect(describing).rejects.toThrow('QEMU does not say what its machine is: no such machine');
});
