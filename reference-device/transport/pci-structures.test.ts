import { describe, expect, it } from 'vitest';
import { CAPABILITY_PLACES, inPlaces, PciConfigSpace } from './pci-config.ts';
import { msixCapability } from './basic-pci-function.ts';
import { pciShow } from './pci-show.ts';
import { TinyMachine, tinySetup, VERSION_1 } from '../machine/fixtures/tiny-machine.ts';
import { NEXT, WRITE } from '../virtqueue/fixtures/tiny-ring.ts';

const VENDOR_SPECIFIC = 9;
const MSIX = 0x11;
const [COMMON, NOTIFY, ISR, DEVICE] = [1, 2, 3, 4];
const RING_RESET = 1n << 40n;

interface Structure {
  readonly at: number;
  readonly bar: number;
  readonly offset: number;
  readonly length: number;
}

function structures(machine: TinyMachine): Map<number, Structure> {
  const { iommu } = machine;
  const found = new Map<number, Structure>();
  for (let at = iommu.config(0x34, 1); at !== 0; at = iommu.config(at + 1, 1)) {
    if (iommu.config(at, 1) !== VENDOR_SPECIFIC) continue;
    const place = { bar: iommu.config(at + 4, 1), offset: iommu.config(at + 8, 4), length: iommu.config(at + 12, 4) };
    found.set(iommu.config(at + 3, 1), { at, ...place });
  }
  return found;
}

describe('the structures of a virtio-pci function', () => {
  it('are all there, aligned to 4 bytes and inside their BAR', () => {
    const machine = new TinyMachine();
    const found = structures(machine);
    for (const type of [COMMON, NOTIFY, ISR, DEVICE]) {
      const { bar, offset, length } = found.get(type)!;
      expect(offset % 4).toBe(0);
      expect(offset + length).toBeLessThanOrEqual(machine.iommu.pci.barSizes[bar]!);
    }
  });

  it('leave room for a notification of 4 bytes at the offset of every queue', () => {
    const machine = new TinyMachine();
    const { at, length } = structures(machine).get(NOTIFY)!;
    const multiplier = machine.iommu.config(at + 16, 4);
    expect(multiplier).toBe(4);
    for (const queue of [0, 1]) {
      machine.iommu.write(22, 2, queue);
      expect(length).toBeGreaterThanOrEqual(machine.iommu.read(30, 2) * multiplier + 4);
    }
  });
});

it('a function of a modern device has a subsystem ID above 0x40, and queues of sizes that are powers of two', () => {
  const machine = new TinyMachine();
  expect(machine.iommu.config(0x2e, 2)).toBeGreaterThanOrEqual(0x40);
  const sizes = [0, 1].map((queue) => {
    machine.iommu.write(22, 2, queue);
    return machine.iommu.read(24, 2);
  });
  expect(sizes).toEqual([64, 16]);
  const setup = tinySetup();
  const odd = { ...setup, iommu: { ...setup.iommu, queueSizes: [0x8001, 16] as const } };
  expect(() => machine.model.execute({ do: 'stage', setup: odd })).toThrow(RangeError);
});

describe('the common configuration', () => {
  it('reads back what the driver wrote to driver_feature, window by window', () => {
    const { iommu } = new TinyMachine();
    iommu.accept(VERSION_1 | 0x8000_0014n);
    iommu.write(8, 4, 0);
    expect(iommu.read(12, 4)).toBe(0x8000_0014);
    iommu.write(8, 4, 1);
    expect(iommu.read(12, 4)).toBe(1);
  });

  it('accepts after a reset what it has accepted before', () => {
    const { iommu } = new TinyMachine();
    const { offered } = iommu;
    expect([iommu.negotiate(offered), iommu.negotiate(offered), iommu.negotiate(offered)]).toEqual([true, true, true]);
  });

  it('shows 0 in queue_enable after a reset, and in queue_reset after a reset and after enabling', () => {
    const machine = new TinyMachine({ features: ['VIRTIO_F_VERSION_1', 'VIRTIO_F_RING_RESET'] });
    const shown = (): number[] => [machine.iommu.read(28, 2), machine.iommu.read(58, 2)];
    expect(shown()).toEqual([0, 0]);
    machine.start({ accept: VERSION_1 | RING_RESET, eventBuffers: 0 });
    machine.iommu.write(22, 2, 0);
    expect(shown()).toEqual([1, 0]);
    machine.iommu.status = 0;
    expect(shown()).toEqual([0, 0]);
  });
});

const ADMIN_VQ = 1n << 41n;
const administering = (): TinyMachine => new TinyMachine({ features: ['VIRTIO_F_VERSION_1', 'VIRTIO_F_ADMIN_VQ'] });

describe('a device that offers VIRTIO_F_ADMIN_VQ', () => {
  it('tells where its administration virtqueue is, and has it once that was negotiated', () => {
    const { iommu } = administering();
    const [count, index, adminCount] = [iommu.read(18, 2), iommu.read(60, 2), iommu.read(62, 2)];
    expect(index).toBeGreaterThanOrEqual(count);
    expect(index + adminCount - 1).toBeLessThan(0x1_0000);
    const sizeShown = (): number => {
      iommu.write(22, 2, index);
      return iommu.read(24, 2);
    };
    expect(sizeShown()).toBe(0);
    iommu.negotiate(VERSION_1 | ADMIN_VQ);
    expect(sizeShown()).toBe(16);
  });

  it('answers every command by saying that it knows no such group', () => {
    const machine = administering();
    const { iommu } = machine;
    iommu.negotiate(VERSION_1 | ADMIN_VQ);
    const ring = iommu.queue(5, 0x8000, 16);
    iommu.status = 15;
    ring.describe(0, { addr: 0x9000n, len: 24, flags: NEXT, next: 1 });
    ring.describe(1, { addr: 0xa000n, len: 8, flags: WRITE });
    ring.offer(0);
    iommu.notify(5);
    expect(ring.takeUsed()).toMatchObject([{ len: 8 }]);
    expect([machine.ram.getUint16(0xa000, true), machine.ram.getUint16(0xa002, true)]).toEqual([22, 4]);
  });
});

describe('MSI-X vectors', () => {
  const CONFIG_VECTOR = 16;
  const QUEUE_VECTOR = 26;
  const NO_VECTOR = 0xffff;

  it('are 4, as Table Size says', () => {
    const { iommu } = new TinyMachine();
    const at = iommu.config(0x34, 1);
    expect([iommu.config(at, 1), iommu.config(at + 2, 2) & 0x7ff]).toEqual([MSIX, 3]);
    expect(iommu.pci.msixVectorCount).toBe(4);
  });

  it('can each be mapped to any event and to several, read back, and be unmapped', () => {
    const { iommu } = new TinyMachine();
    for (const vector of [0, 1, 2, 3, NO_VECTOR]) {
      iommu.write(CONFIG_VECTOR, 2, vector);
      expect(iommu.read(CONFIG_VECTOR, 2)).toBe(vector);
      for (const queue of [0, 1]) {
        iommu.write(22, 2, queue);
        iommu.write(QUEUE_VECTOR, 2, vector);
        expect(iommu.read(QUEUE_VECTOR, 2)).toBe(vector);
      }
    }
  });

  it('are all unmapped after a reset', () => {
    const { iommu } = new TinyMachine();
    iommu.write(CONFIG_VECTOR, 2, 1);
    iommu.write(QUEUE_VECTOR, 2, 1);
    iommu.status = 0;
    expect([iommu.read(CONFIG_VECTOR, 2), iommu.read(QUEUE_VECTOR, 2)]).toEqual([NO_VECTOR, NO_VECTOR]);
  });
});

describe('a change of the configuration', () => {
  const ISR_STATUS = 0x1000;

  it('sets the ISR bit, and interrupts by its vector, or not at all if it has none', () => {
    const machine = new TinyMachine();
    machine.start();
    const change = (): void => void machine.model.execute({ do: 'change-config', config: { probe_size: 512 } });
    change();
    expect([machine.fired.get('iommu'), machine.iommu.read(ISR_STATUS, 1)]).toEqual([[], 2]);
    machine.iommu.write(16, 2, 3);
    change();
    expect([machine.fired.get('iommu'), machine.iommu.read(ISR_STATUS, 1)]).toEqual([[3], 2]);
  });

  it('shows in the Interrupt Status bit until ISR is read, unless MSI-X is enabled', () => {
    const machine = new TinyMachine();
    machine.start();
    const { iommu } = machine;
    const isPending = (): boolean => (iommu.config(6, 2) & 8) !== 0;
    expect(isPending()).toBe(false);
    machine.model.execute({ do: 'change-config', config: { probe_size: 512 } });
    expect(isPending()).toBe(true);
    iommu.writeConfig(iommu.config(0x34, 1) + 2, 2, 0x8000);
    expect(isPending()).toBe(false);
    iommu.writeConfig(iommu.config(0x34, 1) + 2, 2, 0);
    iommu.read(ISR_STATUS, 1);
    expect(isPending()).toBe(false);
  });
});

const listed = (name?: 'pci-second-instances' | 'pci-structures-moved') => [
  msixCapability(4),
  ...pciShow({ device: 2, configLength: 40 }, new Set(name ? [name] : [])).capabilities,
];

/** Where each is, and its ID. */
function chain(config: PciConfigSpace): [number, number][] {
  const found: [number, number][] = [];
  const byteAt = (at: number): number => config.readU16(at) & 0xff;
  for (let at = byteAt(0x34); at !== 0; at = byteAt(at + 1)) found.push([at, byteAt(at)]);
  return found;
}

describe('capabilities that keep their places', () => {
  const IDENTITY = { vendor: 1, device: 2, classCode: 0, revision: 1, subsystemVendor: 0, subsystem: 0 };
  it('are linked in the same way whatever there is, with null capabilities in free places', () => {
    const config = new PciConfigSpace(IDENTITY, [0, 0, 0, 0, 0, 0], listed(), true);
    const plain = chain(config);
    expect(plain.map(([, id]) => id)).toEqual([MSIX, 9, 9, 9, 9, 9, 0, 0, 0, 0]);
    config.show(IDENTITY, listed('pci-structures-moved'));
    expect(chain(config).map(([at]) => at)).toEqual(plain.map(([at]) => at));
    expect(chain(config).map(([, id]) => id)).toEqual([MSIX, 1, 9, 9, 9, 9, 9, 0, 0, 0]);
  });

  it('do not fit if MSI-X is not in front, or if there are too many or too long ones', () => {
    expect(inPlaces(listed('pci-second-instances'))).toHaveLength(1 + CAPABILITY_PLACES.count);
    expect(inPlaces(listed().toReversed())).toBeUndefined();
    expect(inPlaces([...listed('pci-second-instances'), ...listed().slice(1)])).toBeUndefined();
    expect(inPlaces([...listed(), { id: 9, body: new Uint8Array(CAPABILITY_PLACES.pitch) }])).toBeUndefined();
  });
});
