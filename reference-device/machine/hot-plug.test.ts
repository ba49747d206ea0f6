import { describe, expect, it } from 'vitest';
import { attach, map, TinyMachine, tinySetup } from './fixtures/tiny-machine.ts';
import { endpointId } from '../machine-setup.ts';

const OK = 0;
const NOENT = 6;
const ALL_ONES = 0xffff_ffff;

function started(): TinyMachine {
  const machine = new TinyMachine();
  machine.start();
  return machine;
}

const putIn = (machine: TinyMachine): void => {
  machine.model.execute({ do: 'add-endpoint', endpoint: tinySetup({ slots: ['dma2'] }).endpoints[0]! });
};

describe('an endpoint that is pulled out', () => {
  it('reads all ones wherever it is read', () => {
    const machine = started();
    machine.model.execute({ do: 'remove-endpoint', endpoint: 'rng' });
    const rng = machine.driver('rng');
    expect([rng.config(0, 4), rng.read(20, 1), rng.read(0, 4), rng.read(0, 4, 1)]).toEqual([
      ALL_ONES,
      0xff,
      ALL_ONES,
      ALL_ONES,
    ]);
  });

  it('is unknown to the IOMMU, and its domain ends with it', () => {
    const machine = started();
    expect(machine.request(attach(1, endpointId('dma')))).toBe(OK);
    expect(machine.request(map(1, 0x10_0000n, 0x1000n, 0n))).toBe(OK);
    machine.model.execute({ do: 'remove-endpoint', endpoint: 'dma' });
    expect(machine.request(map(1, 0x20_0000n, 0x1000n, 0n))).toBe(NOENT);
    expect(machine.request(attach(1, endpointId('dma')))).toBe(NOENT);
  });

  it('leaves its domain to the others in it', () => {
    const machine = started();
    machine.request(attach(1, endpointId('dma')));
    machine.request(attach(1, endpointId('rng')));
    machine.model.execute({ do: 'remove-endpoint', endpoint: 'dma' });
    expect(machine.request(map(1, 0x10_0000n, 0x1000n, 0n))).toBe(OK);
  });

  it('can be neither used nor pulled out again: that is a mistake of the harness', () => {
    const machine = started();
    machine.model.execute({ do: 'remove-endpoint', endpoint: 'dma' });
    expect(() => machine.model.execute({ do: 'remove-endpoint', endpoint: 'dma' })).toThrow('slot dma');
    const access = { do: 'dma', endpoint: 'dma', address: 0n, length: 1, access: 'read' } as const;
    expect(() => machine.model.execute(access)).toThrow('slot dma');
  });
});

describe('an endpoint that is put in', () => {
  it('is there, fresh, and known to the IOMMU', () => {
    const machine = started();
    const engine = machine.driver('dma2');
    expect(engine.config(0, 4)).toBe(ALL_ONES);
    expect(machine.request(attach(1, endpointId('dma2')))).toBe(NOENT);
    putIn(machine);
    expect([engine.config(0, 4), engine.config(4, 2)]).toEqual([0x00ed_1b36, 0]);
    expect(machine.request(attach(1, endpointId('dma2')))).toBe(OK);
    expect(machine.request(map(1, 0x10_0000n, 0x1000n, 0x8000n))).toBe(OK);
    engine.switchOn();
    const reply = machine.model.execute({
      do: 'dma',
      endpoint: 'dma2',
      address: 0x10_0000n,
      length: 1,
      access: 'read',
    });
    expect(reply.dma?.outcome).toBe('ok');
  });

  it('is in no domain when it comes back, and its configuration space is reset', () => {
    const machine = started();
    machine.driver('dma').writeConfig(4, 2, 6);
    machine.request(attach(1, endpointId('dma')));
    machine.model.execute({ do: 'remove-endpoint', endpoint: 'dma' });
    machine.model.execute({ do: 'add-endpoint', endpoint: tinySetup({ slots: ['dma'] }).endpoints[0]! });
    expect(machine.driver('dma').config(4, 2)).toBe(0);
    expect(machine.request(map(1, 0x10_0000n, 0x1000n, 0n))).toBe(NOENT);
  });

  it('is told of in the trace, like one that is pulled out', () => {
    const machine = started();
    putIn(machine);
    machine.model.execute({ do: 'remove-endpoint', endpoint: 'dma' });
    expect(machine.events('plug')).toMatchObject([
      { device: 'iommu', slot: 'dma2', endpoint: endpointId('dma2'), present: true },
      { device: 'iommu', slot: 'dma', endpoint: endpointId('dma'), present: false },
    ]);
  });

  it('cannot take a slot that is taken', () => {
    const machine = started();
    putIn(machine);
    expect(() => putIn(machine)).toThrow('slot dma2 is taken');
  });
});

describe('an IOMMU that is pulled out', () => {
  it('reads all ones, ignores writes and does nothing more', () => {
    const machine = started();
    machine.request(attach(1, endpointId('dma')));
    const before = [...machine.fired.get('iommu')!];
    machine.model.execute({ do: 'remove-iommu' });
    expect([machine.iommu.config(0, 4), machine.iommu.read(20, 1)]).toEqual([ALL_ONES, 0xff]);
    machine.iommu.status = 0;
    expect(machine.request(map(1, 0x10_0000n, 0x1000n, 0n))).toBeUndefined();
    machine.model.execute({ do: 'look-at-queues' });
    machine.model.execute({ do: 'idle' });
    const access = { do: 'dma', endpoint: 'dma', address: 0x10_0000n, length: 1, access: 'read' } as const;
    expect(machine.model.execute(access).dma?.outcome).toBe('fault');
    expect(machine.eventq!.takeUsed()).toEqual([]);
    expect(machine.fired.get('iommu')).toEqual(before);
  });

  it('is back after the next staging', () => {
    const machine = started();
    machine.model.execute({ do: 'remove-iommu' });
    machine.model.execute({ do: 'stage', setup: tinySetup() });
    expect(machine.iommu.config(0, 4)).toBe(0x1057_1af4);
    expect(machine.iommu.status).toBe(0);
  });
});
