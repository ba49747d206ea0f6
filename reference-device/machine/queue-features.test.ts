/** Features of chapter 6 that change how queues work, seen from a driver: all registers, rings and interrupts are real. */
import { describe, expect, it } from 'vitest';
import { WRITE } from '../virtqueue/fixtures/tiny-ring.ts';
import { attach, map, TinyMachine, unmap, VERSION_1 } from './fixtures/tiny-machine.ts';
import { endpointId } from '../machine-setup.ts';

const MAP_UNMAP = 1n << 2n;
const RING_PACKED = 1n << 34n;
const IN_ORDER = 1n << 35n;
const NOTIFICATION_DATA = 1n << 38n;
const NOTIF_CONFIG_DATA = 1n << 39n;
const RING_RESET = 1n << 40n;
const BASE = VERSION_1 | MAP_UNMAP;
const FEATURES = [
  'VIRTIO_F_VERSION_1',
  'VIRTIO_F_RING_PACKED',
  'VIRTIO_F_IN_ORDER',
  'VIRTIO_F_NOTIFICATION_DATA',
  'VIRTIO_F_NOTIF_CONFIG_DATA',
  'VIRTIO_F_RING_RESET',
  'VIRTIO_IOMMU_F_MAP_UNMAP',
] as const;

const QUEUE_SELECT = 22;
const QUEUE_SIZE = 24;
const QUEUE_ENABLE = 28;
const QUEUE_NOTIF_CONFIG_DATA = 56;
const QUEUE_RESET = 58;
const NOTIFY = 0x3000;

const ATTACH = attach(1, endpointId('dma'));
const MAP = map(1, 0x10_0000n, 0x1000n, 0x4000n);
const UNMAP = unmap(1, 0x10_0000n, 0x1000n);

const machine = (...faults: ('batch-used-entries' | 'slow-queue-reset')[]): TinyMachine =>
  new TinyMachine({ features: FEATURES, slots: ['dma'], faults });

describe('IN_ORDER', () => {
  it('keeps back what comes after a withheld answer', () => {
    const tiny = new TinyMachine({
      features: FEATURES,
      slots: ['dma'],
      faults: [{ name: 'withhold-completion', request: 'ATTACH' }],
    });
    tiny.start({ accept: BASE | IN_ORDER, eventBuffers: 0 });
    const first = tiny.submit(ATTACH);
    const second = tiny.submit(MAP);
    tiny.iommu.notify(0);
    expect(tiny.requestq?.takeUsed()).toEqual([]);
    tiny.model.execute({ do: 'idle' });
    expect(tiny.requestq?.takeUsed().map(({ id }) => id)).toEqual([first, second]);
    expect(tiny.events('completion').map(({ name }) => name)).toEqual(['ATTACH', 'MAP']);
  });

  it('answers nothing that comes after what is never answered, and says nothing else, until it is reset', () => {
    const tiny = new TinyMachine({
      features: FEATURES,
      slots: ['dma'],
      faults: [{ name: 'never-complete', request: 'MAP', nth: 1 }],
    });
    tiny.start({ accept: BASE | IN_ORDER, eventBuffers: 0 });
    expect(tiny.request(ATTACH)).toBe(0);
    tiny.submit(MAP);
    tiny.submit(UNMAP);
    tiny.iommu.notify(0);
    tiny.model.execute({ do: 'idle' });
    expect(tiny.requestq?.takeUsed()).toEqual([]);
    expect(tiny.events('completion').map(({ name }) => name)).toEqual(['ATTACH']);
    tiny.iommu.status = 0;
    tiny.start({ accept: BASE | IN_ORDER, eventBuffers: 0 });
    expect(tiny.request(ATTACH)).toBe(0);
  });

  it('takes no notice of reorder-completions', () => {
    const tiny = new TinyMachine({ features: FEATURES, slots: ['dma'], faults: ['reorder-completions'] });
    tiny.start({ accept: BASE | IN_ORDER, eventBuffers: 0 });
    const heads = [tiny.submit(ATTACH), tiny.submit(MAP), tiny.submit(UNMAP)];
    tiny.iommu.notify(0);
    expect(tiny.requestq?.takeUsed().map(({ id }) => id)).toEqual(heads);
  });

  it('returns a batch by one used entry and one interrupt', () => {
    const tiny = machine('batch-used-entries');
    tiny.start({ accept: BASE | IN_ORDER, eventBuffers: 0 });
    const heads = [tiny.submit(ATTACH), tiny.submit(MAP), tiny.submit(UNMAP)];
    tiny.iommu.notify(0);
    expect(tiny.requestq?.usedIdx).toBe(3);
    expect(tiny.requestq?.takeUsed()[0]).toEqual({ id: heads[2], len: 4 });
    expect(heads.map((head) => tiny.answered(head))).toEqual([0, 0, 0]);
    expect(tiny.events('interrupt')).toHaveLength(1);
  });

  it('is no reason to batch if it was not accepted', () => {
    const tiny = machine('batch-used-entries');
    tiny.start({ accept: BASE, eventBuffers: 0 });
    const heads = [tiny.submit(ATTACH), tiny.submit(MAP)];
    tiny.iommu.notify(0);
    expect(tiny.requestq?.takeUsed().map(({ id }) => id)).toEqual(heads);
  });
});

describe('a notification', () => {
  it('is told with queue_notif_config_data, where the device has that register', () => {
    const tiny = machine();
    tiny.start({ accept: BASE | NOTIF_CONFIG_DATA, eventBuffers: 1 });
    tiny.iommu.write(QUEUE_SELECT, 2, 1);
    const named = tiny.iommu.read(QUEUE_NOTIF_CONFIG_DATA, 2);
    expect(named).not.toBe(1);
    expect(tiny.events('notification')).toMatchObject([{ queue: 1, value: 1, notifConfigData: named }]);
    const without = new TinyMachine();
    without.start({ eventBuffers: 1 });
    expect(without.events('notification')[0]).not.toHaveProperty('notifConfigData');
  });

  it('finds the available idx of a split ring', () => {
    const tiny = machine();
    tiny.start({ accept: BASE | NOTIFICATION_DATA, eventBuffers: 0 });
    tiny.requestq?.jumpTo(0xffff);
    tiny.iommu.write(NOTIFY, 4, 0xffff_0000);
    expect(tiny.events('notification')).toMatchObject([
      { queue: 0, width: 4, value: 0xffff_0000, ring: { position: 0xffff } },
    ]);
  });

  it('finds offset and wrap counter of a packed ring', () => {
    const tiny = machine();
    const { iommu } = tiny;
    iommu.negotiate(BASE | NOTIFICATION_DATA | RING_PACKED);
    const ring = iommu.packedQueue(0, 0x1000, 4);
    iommu.status = 15;
    ring.offer([{ addr: 0x4000n, len: 1, flags: WRITE }], 0);
    iommu.write(NOTIFY, 4, 0x8001_0000);
    for (let id = 1; id < 4; id++) ring.offer([{ addr: 0x4000n, len: 1, flags: WRITE }], id);
    iommu.write(NOTIFY, 4, 0);
    expect(tiny.events('notification').map(({ ring: found }) => found?.position)).toEqual([0x8001, 0]);
  });
});

describe('a queue reset', () => {
  it('forgets positions and lets the queue come back with other parameters', () => {
    const tiny = machine();
    tiny.start({ accept: BASE | RING_RESET, eventBuffers: 0 });
    expect(tiny.request(ATTACH)).toBe(0);
    const { iommu } = tiny;
    iommu.write(QUEUE_SELECT, 2, 0);
    iommu.write(QUEUE_RESET, 2, 1);
    expect(iommu.read(QUEUE_RESET, 2)).toBe(0);
    expect(iommu.read(QUEUE_ENABLE, 2)).toBe(0);
    expect(iommu.read(QUEUE_SIZE, 2)).toBe(64);
    tiny.requestq = iommu.queue(0, 0xb000, 32, { vector: 1 });
    expect(iommu.status).toBe(15);
    expect(tiny.request(MAP)).toBe(0);
    expect(tiny.events('queue-enabled').map(({ size, desc }) => [size, desc])).toEqual([
      [64, 0x1000n],
      [16, 0x2000n],
      [32, 0xb000n],
    ]);
  });

  it('does nothing unless RING_RESET was accepted', () => {
    const tiny = machine();
    tiny.start({ accept: BASE, eventBuffers: 0 });
    tiny.iommu.write(QUEUE_SELECT, 2, 0);
    tiny.iommu.write(QUEUE_RESET, 2, 1);
    expect(tiny.iommu.read(QUEUE_ENABLE, 2)).toBe(1);
    expect(tiny.request(ATTACH)).toBe(0);
  });

  it('may take its time, in which the queue is dead and reads 1', () => {
    const tiny = machine('slow-queue-reset');
    tiny.start({ accept: BASE | RING_RESET, eventBuffers: 0 });
    const { iommu } = tiny;
    iommu.write(QUEUE_SELECT, 2, 0);
    iommu.write(QUEUE_RESET, 2, 1);
    expect(tiny.request(ATTACH)).toBeUndefined();
    expect(iommu.read(QUEUE_RESET, 2)).toBe(1);
    expect(iommu.read(QUEUE_ENABLE, 2)).toBe(1);
    iommu.write(QUEUE_ENABLE, 2, 1);
    expect([1, 2, 3].map(() => iommu.read(QUEUE_RESET, 2))).toEqual([1, 1, 0]);
    expect(iommu.read(QUEUE_ENABLE, 2)).toBe(0);
    expect(iommu.read(QUEUE_RESET, 2)).toBe(0);
    tiny.requestq = iommu.queue(0, 0xb000, 64, { vector: 1 });
    expect(tiny.request(ATTACH)).toBe(0);
  });

  it('drops answers that were held back', () => {
    const tiny = new TinyMachine({
      features: FEATURES,
      slots: ['dma'],
      faults: [{ name: 'withhold-completion', request: 'ATTACH' }],
    });
    tiny.start({ accept: BASE | RING_RESET, eventBuffers: 0 });
    tiny.submit(ATTACH);
    tiny.iommu.notify(0);
    tiny.iommu.write(QUEUE_SELECT, 2, 0);
    tiny.iommu.write(QUEUE_RESET, 2, 1);
    tiny.requestq = tiny.iommu.queue(0, 0xb000, 64, { vector: 1 });
    tiny.model.execute({ do: 'idle' });
    expect(tiny.requestq.usedIdx).toBe(0);
  });
});

describe('an endpoint', () => {
  it('has a packed ring too, and is told of what it may reach', () => {
    const tiny = new TinyMachine({ features: FEATURES, slots: ['rng'], endpointFeatures: ['VIRTIO_F_RING_PACKED'] });
    const rng = tiny.driver('rng');
    rng.writeConfig(4, 2, 6);
    rng.negotiate(VERSION_1 | RING_PACKED);
    const ring = rng.packedQueue(0, 0x1000, 8);
    rng.status = 15;
    ring.offer([{ addr: 0x5000n, len: 16, flags: WRITE }], 2);
    rng.notify(0);
    expect(ring.takeUsed()).toEqual([{ slot: 0, id: 2, len: 16, written: true }]);
    expect(tiny.events('exposed').map(({ what, address, length, access }) => [what, address, length, access])).toEqual([
      ['ring', 0x1000n, 128, 'read'],
      ['ring', 0x1000n, 128, 'write'],
      ['ring', 0x1800n, 4, 'read'],
      ['ring', 0x1a00n, 4, 'write'],
      ['buffer', 0x5000n, 16, 'write'],
    ]);
  });
});
