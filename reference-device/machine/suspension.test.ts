import { describe, expect, it } from 'vitest';
import type { DeviceFaultName } from '../device-faults.ts';
import { DEVICE_CONFIG } from '../transport/fixtures/tiny-driver.ts';
import { attach, TinyMachine, unmap, VERSION_1 } from './fixtures/tiny-machine.ts';
import { endpointId } from '../machine-setup.ts';

const SUSPEND = 1n << 43n;
const MAP_UNMAP = 1n << 2n;
const BYPASS_CONFIG = 1n << 6n;
const RUNNING = 15;
const SUSPENDED = 27;
const BYPASS_AT = DEVICE_CONFIG + 36;
const NOENT = 6;

function started(
  faults: readonly DeviceFaultName[] = [],
  accept = VERSION_1 | MAP_UNMAP | BYPASS_CONFIG | SUSPEND,
): TinyMachine {
  const machine = new TinyMachine({
    features: ['VIRTIO_F_VERSION_1', 'VIRTIO_IOMMU_F_MAP_UNMAP', 'VIRTIO_IOMMU_F_BYPASS_CONFIG', 'VIRTIO_F_SUSPEND'],
    faults,
  });
  machine.start({ accept });
  machine.iommu.write(16, 2, 0);
  return machine;
}

const suspend = (machine: TinyMachine): void => {
  machine.iommu.status = RUNNING | 16;
};

const resume = (machine: TinyMachine): void => {
  machine.iommu.status = SUSPENDED | 4;
};

describe('a suspended device', () => {
  it('shows SUSPEND in place of DRIVER_OK, and the other way round when it goes on', () => {
    const machine = started();
    suspend(machine);
    expect(machine.iommu.status).toBe(SUSPENDED);
    resume(machine);
    expect(machine.iommu.status).toBe(RUNNING);
  });

  it('does not exist for a driver that has not accepted the feature', () => {
    const machine = started([], VERSION_1 | MAP_UNMAP);
    suspend(machine);
    expect(machine.iommu.status).toBe(RUNNING);
    expect(machine.request(unmap(1, 0n, 0x1000n))).toBe(NOENT);
  });

  it('cannot be ordered before DRIVER_OK', () => {
    const machine = started();
    machine.iommu.negotiate(VERSION_1 | SUSPEND);
    machine.iommu.status = 11 | 16;
    expect(machine.iommu.status).toBe(11);
    machine.iommu.status = RUNNING;
    expect(machine.iommu.status).toBe(RUNNING);
  });

  it('takes nothing from its queues until it goes on', () => {
    const machine = started();
    suspend(machine);
    expect(machine.request(attach(1, endpointId('dma')))).toBeUndefined();
    expect(machine.fired.get('iommu')).toEqual([]);
    resume(machine);
    expect(machine.requestq!.takeUsed()).toHaveLength(1);
    expect(machine.fired.get('iommu')).toEqual([1]);
  });

  it('reports no fault, and puts none into an event buffer', () => {
    const machine = started();
    suspend(machine);
    machine.model.execute({ do: 'dma', endpoint: 'dma', address: 0n, length: 1, access: 'read' });
    expect(machine.eventq!.takeUsed()).toEqual([]);
    expect(machine.events('fault-report')).toMatchObject([{ delivered: false }]);
  });

  it('has finished what it had begun, and said so', () => {
    const machine = started(['withhold-completion']);
    expect(machine.request(attach(1, endpointId('dma')))).toBeUndefined();
    suspend(machine);
    expect(machine.requestq!.takeUsed()).toHaveLength(1);
    expect(machine.fired.get('iommu')).toEqual([1]);
  });

  it('ignores writes to its configuration, status excepted', () => {
    const machine = started();
    suspend(machine);
    machine.iommu.write(BYPASS_AT, 1, 1);
    expect(machine.iommu.read(BYPASS_AT, 1)).toBe(0);
    resume(machine);
    machine.iommu.write(BYPASS_AT, 1, 1);
    expect(machine.iommu.read(BYPASS_AT, 1)).toBe(1);
  });

  it('changes no field and tells of no change, but does both when it goes on', () => {
    const machine = started();
    const generation = machine.iommu.read(21, 1);
    suspend(machine);
    machine.model.execute({ do: 'change-config', config: { page_size_mask: 0x1_0000n } });
    machine.model.execute({ do: 'change-config', config: { bypass: 1 } });
    expect([machine.iommu.read(DEVICE_CONFIG, 4), machine.iommu.read(21, 1)]).toEqual([0xffff_f000, generation]);
    expect(machine.fired.get('iommu')).toEqual([]);
    resume(machine);
    expect([machine.iommu.read(DEVICE_CONFIG, 4), machine.iommu.read(21, 1)]).toEqual([0x1_0000, generation + 1]);
    expect(machine.iommu.read(BYPASS_AT, 1)).toBe(1);
    expect(machine.fired.get('iommu')).toEqual([0]);
  });

  it('tells of DEVICE_NEEDS_RESET when it goes on', () => {
    const machine = started();
    suspend(machine);
    machine.model.execute({ do: 'need-reset' });
    expect(machine.iommu.status).toBe(SUSPENDED | 64);
    expect(machine.fired.get('iommu')).toEqual([]);
    resume(machine);
    expect(machine.iommu.status).toBe(RUNNING | 64);
    expect(machine.fired.get('iommu')).toEqual([0]);
  });

  it('can be reset, and shows then what changed meanwhile', () => {
    const machine = started();
    suspend(machine);
    machine.model.execute({ do: 'change-config', config: { page_size_mask: 0x1_0000n } });
    machine.iommu.status = 0;
    expect(machine.iommu.status).toBe(0);
    expect(machine.iommu.read(DEVICE_CONFIG, 4)).toBe(0x1_0000);
  });

  it('may take its time, and shows both bits until it is done', () => {
    const machine = started(['slow-suspend']);
    suspend(machine);
    expect(machine.request(unmap(1, 0n, 0x1000n))).toBeUndefined();
    expect([0, 1, 2, 3].map(() => machine.iommu.status)).toEqual([31, 31, 31, SUSPENDED]);
    resume(machine);
    expect(machine.requestq!.takeUsed()).toEqual([]);
    expect([0, 1, 2, 3].map(() => machine.iommu.status)).toEqual([31, 31, 31, RUNNING]);
    expect(machine.requestq!.takeUsed()).toHaveLength(1);
  });

  it.each([
    ['suspend-fails', RUNNING | 64],
    ['resume-fails', SUSPENDED | 64],
  ] as const)('asks for a reset where it cannot obey: %s', (fault, status) => {
    const machine = started([fault]);
    suspend(machine);
    if (fault === 'resume-fails') resume(machine);
    expect(machine.iommu.status).toBe(status);
  });

  it('tells the trace of every step, with the places of the next buffers', () => {
    const machine = started();
    suspend(machine);
    machine.request(attach(1, endpointId('dma')));
    resume(machine);
    suspend(machine);
    machine.iommu.status = 0;
    const steps = machine.events('suspension').map(({ step, positions }) => [step, positions[0]?.position]);
    expect(steps).toEqual([
      ['suspending', 0],
      ['suspended', 0],
      ['resuming', 1],
      ['resumed', 1],
      ['suspending', 1],
      ['suspended', 1],
      ['reset', 1],
    ]);
  });
});
