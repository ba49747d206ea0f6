import { describe, expect, it } from 'vitest';
import { HarnessError } from '../harness-error.ts';
import { machineText } from './machine-file.ts';

describe('the machine file', () => {
  it('names the IOMMU, the endpoints and the topology, one a line', () => {
    const sockets = new Map([
      ['rng', '/run/rng.sock'],
      ['iommu', '/run/iommu.sock'],
      ['gap', '/run/gap.sock'],
    ]);
    expect(machineText({ sockets, descriptionPath: '/run/viot.bin' })).toBe(
      [
        'iommu transport=pci address=00:02.0 socket=/run/iommu.sock',
        'endpoint name=rng kind=virtio-rng address=00:03.0 socket=/run/rng.sock',
        'endpoint name=gap kind=virtio-rng address=00:05.0 socket=/run/gap.sock',
        'topology viot=/run/viot.bin',
        '',
      ].join('\n'),
    );
  });

  it('names windows of registers where the topology has them, and nothing that is not there', () => {
    const sockets = new Map(
      ['iommu', 'rng', 'iommu-mmio', 'platform', 'platform-rng'].map((name) => [name, `/run/${name}.sock`] as const),
    );
    const described = { topology: 'mmio', endpoints: [{ slot: 'platform-rng' }, { slot: 'platform' }] } as const;
    const file = { sockets, form: 'device-tree', descriptionPath: '/run/tree.dtb' } as const;
    expect(machineText({ ...file, described }).split('\n')).toEqual([
      'iommu transport=mmio address=0xa000000 length=0x1000 interrupt=16 socket=/run/iommu-mmio.sock',
      'endpoint name=rng kind=virtio-rng address=00:03.0 socket=/run/rng.sock',
      'endpoint name=platform kind=dma-engine transport=mmio address=0xa001000 length=0x1000 interrupt=17 socket=/run/platform.sock',
      'endpoint name=platform-rng kind=virtio-rng transport=mmio address=0xa002000 length=0x1000 interrupt=18 socket=/run/platform-rng.sock',
      'topology device-tree=/run/tree.dtb',
      '',
    ]);
    expect(machineText({ ...file, described: { topology: 'mmio' } })).not.toContain('platform');
    expect(machineText({ sockets, descriptionPath: '/run/viot.bin' })).not.toMatch(/mmio|platform/);
  });

  it('names every IOMMU after the first', () => {
    const sockets = new Map(['iommu', 'iommu2', 'iommu-mmio'].map((name) => [name, `/run/${name}.sock`] as const));
    expect(
      machineText({ sockets, described: { topology: 'three-iommus' }, descriptionPath: '/run/viot.bin' }).split('\n'),
    ).toEqual([
      'iommu transport=pci address=00:02.0 socket=/run/iommu.sock',
      'iommu name=iommu2 transport=pci address=00:08.0 socket=/run/iommu2.sock',
      'iommu name=iommu3 transport=mmio address=0xa000000 length=0x1000 interrupt=16 socket=/run/iommu-mmio.sock',
      'topology viot=/run/viot.bin',
      '',
    ]);
  });

  it('names a bridge, and the endpoints behind it by their places there', () => {
    const sockets = new Map(['iommu', 'rng', 'rng2'].map((name) => [name, `/run/${name}.sock`] as const));
    expect(
      machineText({ sockets, described: { topology: 'bridged' }, descriptionPath: '/run/viot.bin' })
        .split('\n')
        .slice(1, 4),
    ).toEqual([
      'bridge kind=pcie-to-pci address=00:09.0 bus=1',
      'endpoint name=rng kind=virtio-rng address=00:03.0 socket=/run/rng.sock',
      'endpoint name=rng2 kind=virtio-rng address=01:01.0 socket=/run/rng2.sock',
    ]);
  });

  it('refuses a path with a blank, which it cannot express', () => {
    const sockets = new Map([['iommu', '/my files/iommu.sock']]);
    expect(() => machineText({ sockets, descriptionPath: '/run/viot.bin' })).toThrow(HarnessError);
  });

  it.each([
    ['no IOMMU', new Map([['rng', '/run/rng.sock']])],
    [
      'a device without a slot',
      new Map([
        ['iommu', '/a'],
        ['toaster', '/b'],
      ]),
    ],
  ])('is not written for %s', (_what, sockets) => {
    expect(() => machineText({ sockets, descriptionPath: '/run/viot.bin' })).toThrow(/^assertion: /);
  });
});
