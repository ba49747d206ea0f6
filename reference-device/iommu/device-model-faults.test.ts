import { describe, expect, test } from 'vitest';
import type { DeviceFaultName } from '../device-faults.ts';
import {
  VIRTIO_IOMMU_ATTACH_F_BYPASS,
  VIRTIO_IOMMU_MAP_F_READ,
  VIRTIO_IOMMU_MAP_F_WRITE,
  VIRTIO_IOMMU_S_INVAL,
  VIRTIO_IOMMU_S_NOENT,
  VIRTIO_IOMMU_S_OK,
  VIRTIO_IOMMU_S_RANGE,
  VIRTIO_IOMMU_S_UNSUPP,
} from '../wire/iommu.ts';
import { TestBench } from './test-bench.ts';

const LAST = (1n << 64n) - 1n;

const bench = (name?: DeviceFaultName, options: ConstructorParameters<typeof TestBench>[0] = {}): TestBench =>
  new TestBench({ ...options, faults: name === undefined ? [] : [{ name }] });

/** Endpoint 1 in domain 7, with two pages mapped one by one at 0x1000. */
const attached = (name?: DeviceFaultName, options: ConstructorParameters<typeof TestBench>[0] = {}): TestBench => {
  const it = bench(name, options);
  expect(it.attach({ domain: 7, endpoint: 1 })).toBe(VIRTIO_IOMMU_S_OK);
  for (const virt_start of [0x1000n, 0x2000n]) {
    expect(it.map({ domain: 7, virt_start, virt_end: virt_start + 0xfffn, phys_start: virt_start })).toBe(
      VIRTIO_IOMMU_S_OK,
    );
  }
  return it;
};

const rows: readonly {
  readonly name: DeviceFaultName;
  readonly says: string;
  /** What is seen of the device: with the switch, and without. */
  readonly look: (name?: DeviceFaultName) => unknown;
  readonly on: unknown;
  readonly off: unknown;
}[] = [
  {
    name: 'unknown-type-unsupp',
    says: 'writes UNSUPP for a type that nobody knows',
    look: (name) => {
      const { status, usedLength } = bench(name).send(new Uint8Array([9, 0, 0, 0]));
      return [status, usedLength];
    },
    on: [VIRTIO_IOMMU_S_UNSUPP, 4],
    off: [undefined, 0],
  },
  {
    name: 'error-used-length-zero',
    says: 'writes the status of a failure but counts no byte',
    look: (name) => {
      const { status, usedLength } = bench(name).probe({ endpoint: 9 });
      return [status, usedLength];
    },
    on: [VIRTIO_IOMMU_S_NOENT, 0],
    off: [VIRTIO_IOMMU_S_NOENT, 132],
  },
  {
    name: 'failed-probe-tail-only',
    says: 'counts the tail of a failed PROBE alone',
    look: (name) => bench(name).probe({ endpoint: 9 }).usedLength,
    on: 4,
    off: 132,
  },
  {
    name: 'probe-tail-at-end',
    says: 'puts the tail behind the whole of a longer buffer',
    look: (name) => [160, 1 << 20].map((room) => bench(name).probe({ endpoint: 1 }, room).usedLength),
    on: [160, 132],
    off: [132, 132],
  },
  {
    name: 'probe-unknown-endpoint-ok',
    says: 'finds no property of an endpoint that does not exist',
    look: (name) => bench(name).probe({ endpoint: 9 }).status,
    on: VIRTIO_IOMMU_S_OK,
    off: VIRTIO_IOMMU_S_NOENT,
  },
  {
    name: 'attach-unknown-endpoint-ok',
    says: 'says OK to the ATTACH of nobody, and makes no domain',
    look: (name) => {
      const it = bench(name);
      return [it.attach({ domain: 7, endpoint: 9 }), it.map({ domain: 7, virt_start: 0n, virt_end: 0xfffn })];
    },
    on: [VIRTIO_IOMMU_S_OK, VIRTIO_IOMMU_S_NOENT],
    off: [VIRTIO_IOMMU_S_NOENT, VIRTIO_IOMMU_S_NOENT],
  },
  {
    name: 'attach-reserved-ignored',
    says: 'does not look at the reserved bytes of ATTACH',
    look: (name) => bench(name).attach({ domain: 7, endpoint: 1, reserved: 1 }),
    on: VIRTIO_IOMMU_S_OK,
    off: VIRTIO_IOMMU_S_INVAL,
  },
  {
    name: 'reattach-begins-anew',
    says: 'drops the mappings of the only endpoint',
    look: (name) => {
      const it = attached(name);
      return [it.attach({ domain: 7, endpoint: 1 }), it.byteAt(1, 0x1000n)];
    },
    on: [VIRTIO_IOMMU_S_OK, 'MAPPING'],
    off: [VIRTIO_IOMMU_S_OK, 0x1000n],
  },
  {
    name: 'reattach-refused',
    says: 'refuses to attach to the same domain',
    look: (name) => {
      const it = attached(name);
      return [it.attach({ domain: 7, endpoint: 1 }), it.byteAt(1, 0x1000n)];
    },
    on: [VIRTIO_IOMMU_S_INVAL, 0x1000n],
    off: [VIRTIO_IOMMU_S_OK, 0x1000n],
  },
  {
    name: 'refused-attach-detaches',
    says: 'leaves an endpoint nowhere after an ATTACH that it refuses',
    look: (name) => {
      const it = attached(name);
      it.attach({ domain: 8, endpoint: 2, flags: VIRTIO_IOMMU_ATTACH_F_BYPASS });
      return [it.attach({ domain: 8, endpoint: 1 }), it.byteAt(1, 0x1000n)];
    },
    on: [VIRTIO_IOMMU_S_INVAL, 'DOMAIN'],
    off: [VIRTIO_IOMMU_S_INVAL, 0x1000n],
  },
  {
    name: 'detach-from-any-domain',
    says: 'detaches whatever domain is named, and from none',
    look: (name) => {
      const it = attached(name);
      return [it.detach({ domain: 5, endpoint: 1 }), it.byteAt(1, 0x1000n), it.detach({ domain: 5, endpoint: 2 })];
    },
    on: [VIRTIO_IOMMU_S_OK, 'DOMAIN', VIRTIO_IOMMU_S_OK],
    off: [VIRTIO_IOMMU_S_INVAL, 0x1000n, VIRTIO_IOMMU_S_INVAL],
  },
  {
    name: 'detach-reserved-refused',
    says: 'minds the reserved bytes of DETACH',
    look: (name) => attached(name).detach({ domain: 7, endpoint: 1, reserved: 1 }),
    on: VIRTIO_IOMMU_S_INVAL,
    off: VIRTIO_IOMMU_S_OK,
  },
  {
    name: 'map-misaligned-accepted',
    says: 'maps what does not fit the granule',
    look: (name) => attached(name).map({ domain: 7, virt_start: 0x8100n, virt_end: 0x81ffn }),
    on: VIRTIO_IOMMU_S_OK,
    off: VIRTIO_IOMMU_S_RANGE,
  },
  {
    name: 'map-last-address-refused',
    says: 'does not map up to the last address of either space',
    look: (name) => {
      const it = attached(name);
      return [
        it.map({ domain: 7, virt_start: LAST - 0xfffn, virt_end: LAST }),
        it.map({ domain: 7, virt_start: 0x8000n, virt_end: 0x8fffn, phys_start: LAST - 0xfffn }),
        it.map({ domain: 7, virt_start: LAST - 0x1fffn, virt_end: LAST - 0x1000n }),
      ];
    },
    on: [VIRTIO_IOMMU_S_RANGE, VIRTIO_IOMMU_S_RANGE, VIRTIO_IOMMU_S_OK],
    off: [VIRTIO_IOMMU_S_OK, VIRTIO_IOMMU_S_OK, VIRTIO_IOMMU_S_OK],
  },
  {
    name: 'map-last-address-unwritten',
    says: 'says nothing to a MAP up to the last address',
    look: (name) => attached(name).map({ domain: 7, virt_start: LAST - 0xfffn, virt_end: LAST }),
    on: undefined,
    off: VIRTIO_IOMMU_S_OK,
  },
  {
    name: 'map-outside-input-range-accepted',
    says: 'maps outside input_range',
    look: (name) =>
      attached(name, { config: { input_range: { start: 0n, end: 0xffffn } } }).map({
        domain: 7,
        virt_start: 0x1_0000n,
        virt_end: 0x1_0fffn,
      }),
    on: VIRTIO_IOMMU_S_OK,
    off: VIRTIO_IOMMU_S_RANGE,
  },
  {
    name: 'map-over-resv-mem-accepted',
    says: 'maps over a reserved region',
    look: (name) =>
      attached(name, { endpoints: [{ id: 1, resvMem: [{ subtype: 0, start: 0x8000n, end: 0x8fffn }] }] }).map({
        domain: 7,
        virt_start: 0x8000n,
        virt_end: 0x8fffn,
      }),
    on: VIRTIO_IOMMU_S_OK,
    off: VIRTIO_IOMMU_S_INVAL,
  },
  {
    name: 'unmap-split-removes-earlier',
    says: 'has removed the first page when it finds that the second one would be split',
    look: (name) => {
      const it = attached(name);
      const status = it.unmap({ domain: 7, virt_start: 0x1000n, virt_end: 0x27ffn });
      return [status, it.byteAt(1, 0x1000n), it.byteAt(1, 0x2000n)];
    },
    on: [VIRTIO_IOMMU_S_RANGE, 'MAPPING', 0x2000n],
    off: [VIRTIO_IOMMU_S_RANGE, 0x1000n, 0x2000n],
  },
  {
    name: 'write-implies-read',
    says: 'reads through a mapping that may only be written',
    look: (name) => accessesThrough(name, VIRTIO_IOMMU_MAP_F_WRITE),
    on: [0n, 0n],
    off: ['MAPPING', 0n],
  },
  {
    name: 'access-rights-ignored',
    says: 'writes through a mapping that may only be read',
    look: (name) => accessesThrough(name, VIRTIO_IOMMU_MAP_F_READ),
    on: [0n, 0n],
    off: [0n, 'MAPPING'],
  },
  {
    name: 'bypass-acts-until-written',
    says: 'lets unattached endpoints through until bypass is written',
    look: (name) => {
      const { iommu } = bench(name);
      const place = (): unknown => iommu.translate(1, 0x5000n, 1, 'read').segments[0]?.gpa;
      const before = place();
      iommu.writeConfig(36, new DataView(new ArrayBuffer(1)));
      return [before, place()];
    },
    on: [0x5000n, undefined],
    off: [undefined, undefined],
  },
  {
    name: 'reset-keeps-state',
    says: 'has the mappings of before a reset',
    look: (name) => {
      const it = attached(name);
      it.iommu.resetDevice();
      return it.byteAt(1, 0x1000n);
    },
    on: 0x1000n,
    off: 'DOMAIN',
  },
];

function accessesThrough(name: DeviceFaultName | undefined, flags: number): unknown[] {
  const it = attached(name);
  it.map({ domain: 7, virt_start: 0x8000n, virt_end: 0x8fffn, flags });
  return [it.byteAt(1, 0x8000n), it.byteAt(1, 0x8000n, 'write')];
}

describe('a switch of a device model', () => {
  test.each(rows)('$name: $says', ({ name, look, on, off }) => {
    expect(look(name)).toEqual(on);
    expect(look()).toEqual(off);
  });
});
