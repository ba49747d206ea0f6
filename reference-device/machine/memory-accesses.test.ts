import { describe, expect, it } from 'vitest';
import { INDIRECT, NEXT, WRITE } from '../virtqueue/fixtures/tiny-ring.ts';
import { attach, INDIRECT_DESC, map, TinyMachine, tinySetup, VERSION_1 } from './fixtures/tiny-machine.ts';
import { endpointId } from '../machine-setup.ts';

const ACCESS_PLATFORM = 1n << 33n;
const RING_AT = 0x9000;
const BUFFER_AT = 0xa000;

/** What the entropy device does to memory for one buffer, in order: its DMA shows each access. */
function accessesForOneBuffer(): { readonly access: string; readonly address: number; readonly length: number }[] {
  const machine = new TinyMachine({ slots: ['rng'] });
  machine.start();
  machine.request(attach(1, endpointId('rng')));
  machine.request(map(1, 0x9000n, 0x2000n, 0x9000n));
  const rng = machine.driver('rng');
  rng.negotiate(VERSION_1 | ACCESS_PLATFORM | INDIRECT_DESC);
  const ring = rng.queue(0, RING_AT, 8, { vector: 0 });
  rng.status = 15;
  ring.describe(0, { addr: 0xb000n - 0x100n, len: 16, flags: INDIRECT });
  ring.describe(0, { addr: BigInt(BUFFER_AT), len: 16, flags: WRITE }, 0xb000 - 0x100);
  ring.offer(0);
  expect(machine.trace.length).toBeGreaterThan(0);
  rng.notify(0);
  return machine
    .events('dma')
    .filter(({ endpoint }) => endpoint === 'rng')
    .map(({ access, address, length }) => ({ access, address: Number(address), length }));
}

const inside = (address: number, start: number, length: number): boolean =>
  address >= start && address < start + length;

describe('a device that uses a buffer', () => {
  it('writes the data, then the used entry, then the idx', () => {
    const [usedEntry, usedIdx] = [RING_AT + 0xa00 + 4, RING_AT + 0xa00 + 2];
    const writes = accessesForOneBuffer().filter(({ access }) => access === 'write');
    expect(writes.map(({ address }) => address)).toEqual([BUFFER_AT, usedEntry, usedIdx]);
  });

  it('reads no device-writable part, and writes to no table', () => {
    const accesses = accessesForOneBuffer();
    const reads = accesses.filter(({ access }) => access === 'read');
    expect(reads.some(({ address }) => inside(address, BUFFER_AT, 16))).toBe(false);
    const writes = accesses.filter(({ access }) => access === 'write');
    expect(writes.some(({ address }) => inside(address, RING_AT, 16 * 8))).toBe(false);
  });

  it.each([{ kind: 'split' }, { kind: 'packed' }])('writes to no device-readable part, on a $kind ring', ({ kind }) => {
    const packed = kind === 'packed';
    const machine = new TinyMachine({
      features: [
        'VIRTIO_F_VERSION_1',
        'VIRTIO_IOMMU_F_MAP_UNMAP',
        ...(packed ? ['VIRTIO_F_RING_PACKED' as const] : []),
      ],
    });
    machine.start({ accept: VERSION_1 | 4n | (packed ? 1n << 34n : 0n), eventBuffers: 0 });
    const request = attach(1, endpointId('dma'));
    new Uint8Array(machine.ram.buffer).set(request, 0x4000);
    const ring = machine.requestq!;
    const id = { addr: 0x4000n, len: request.length, flags: NEXT | (packed ? 0x80 : 0), next: packed ? 0x81 : 1 };
    ring.describe(1, { addr: 0x5000n, len: 4, flags: WRITE | (packed ? 0x80 : 0) });
    ring.describe(0, id);
    if (packed) {
      // The packed descriptor has its buffer ID where a split one has flags, and flags where that has next.
      machine.ram.setUint16(ring.desc + 12, 7, true);
      machine.ram.setUint16(ring.desc + 28, 7, true);
      machine.ram.setUint16(ring.desc + 30, 0x80 | WRITE, true);
    } else {
      ring.offer(0);
    }
    machine.ram.setUint32(0x5000, 0xffff_ffff);
    machine.iommu.notify(0);
    expect(machine.ram.getUint32(0x5000)).toBe(0);
    expect([...new Uint8Array(machine.ram.buffer, 0x4000, request.length)]).toEqual([...request]);
  });
});

it('bypass is back at its first value when the machine is staged anew', () => {
  const machine = new TinyMachine({ features: ['VIRTIO_F_VERSION_1', 'VIRTIO_IOMMU_F_BYPASS_CONFIG'] });
  machine.start({ accept: VERSION_1 | (1n << 6n), eventBuffers: 0 });
  machine.iommu.write(0x2000 + 36, 1, 1);
  expect(machine.iommu.read(0x2000 + 36, 1)).toBe(1);
  machine.model.execute({
    do: 'stage',
    setup: tinySetup({ features: ['VIRTIO_F_VERSION_1', 'VIRTIO_IOMMU_F_BYPASS_CONFIG'] }),
  });
  expect(machine.iommu.read(0x2000 + 36, 1)).toBe(0);
});
