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
    expect(machineText({ sockets, viotPath: '/run/viot.bin' })).toBe(
      [
        'iommu transport=pci address=00:02.0 socket=/run/iommu.sock',
        'endpoint name=rng kind=virtio-rng address=00:03.0 socket=/run/rng.sock',
        'endpoint name=gap kind=virtio-rng address=00:05.0 socket=/run/gap.sock',
        'topology viot=/run/viot.bin',
        '',
      ].join('\n'),
    );
  });

  it('refuses a path with a blank, which it cannot express', () => {
    const sockets = new Map([['iommu', '/my files/iommu.sock']]);
    expect(() => machineText({ sockets, viotPath: '/run/viot.bin' })).toThrow(HarnessError);
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
    expect(() => machineText({ sockets, viotPath: '/run/viot.bin' })).toThrow(/^assertion: /);
  });
});
