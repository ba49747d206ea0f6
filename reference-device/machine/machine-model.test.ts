import { describe, expect, it } from 'vitest';
import { endpointId } from '../machine-setup.ts';
import { attach, map, TinyMachine, tinySetup, unmap, VERSION_1 } from './fixtures/tiny-machine.ts';

const OK = 0;

it('has every slot from the start, and nobody in any before the first stage', () => {
  const machine = new TinyMachine({ slots: ['dma'] });
  expect([...machine.model.functions.keys()]).toEqual([
    'iommu',
    'iommu2',
    'rng',
    'dma',
    'gap',
    'rng2',
    'dma2',
    'disk',
    'net',
    'fn1',
    'fn2',
  ]);
  expect(machine.driver('rng').config(0, 4)).toBe(0xffff_ffff);
  expect(machine.driver('dma').config(0, 4)).toBe(0x00ed_1b36);
  expect(machine.driver('iommu').config(0, 4)).toBe(0x1057_1af4);
});

describe('staging', () => {
  it('replaces what is inside and keeps functions and configuration space', () => {
    const machine = new TinyMachine();
    const functions = [...machine.model.functions.values()];
    machine.iommu.writeConfig(4, 2, 6);
    machine.start();
    machine.request(attach(1, endpointId('dma')));
    machine.model.execute({ do: 'stage', setup: tinySetup({ features: ['VIRTIO_F_VERSION_1'], slots: [] }) });
    expect([...machine.model.functions.values()]).toEqual(functions);
    expect(machine.iommu.status).toBe(0);
    expect(machine.iommu.offered).toBe(VERSION_1);
    expect(machine.iommu.config(4, 2)).toBe(6);
    expect(machine.driver('dma').config(0, 4)).toBe(0xffff_ffff);
  });

  it('starts the trace anew and says what was staged', () => {
    const machine = new TinyMachine();
    machine.start();
    machine.model.execute({ do: 'stage', setup: tinySetup({ slots: ['rng'], faults: ['empty-events'] }) });
    expect(machine.trace).toMatchObject([
      { kind: 'staged', seq: 0, says: 'topology plain; endpoints: rng; device faults: empty-events' },
      { kind: 'reset', device: 'iommu', cause: 'staging' },
      { kind: 'reset', device: 'rng', cause: 'staging' },
    ]);
  });
});

function mapped(): TinyMachine {
  const machine = new TinyMachine();
  machine.start();
  expect(machine.request(attach(1, endpointId('dma')))).toBe(OK);
  expect(machine.request(map(1, 0x10_0000n, 0x1000n, 0x8000n))).toBe(OK);
  expect(machine.request(map(1, 0x10_1000n, 0x1000n, 0xc000n, 1))).toBe(OK);
  return machine;
}

describe('an access by command', () => {
  it('goes where the mappings lead, in one piece for each', () => {
    const machine = mapped();
    machine.ram.setUint32(0x8ffe, 0x1234_5678);
    machine.ram.setUint16(0xc000, 0x9abc);
    const reply = machine.model.execute({
      do: 'dma',
      endpoint: 'dma',
      address: 0x10_0ffen,
      length: 4,
      access: 'read',
      label: 'across',
    });
    expect(reply.dma).toEqual({ outcome: 'ok', bytes: '12349abc' });
    expect(machine.events('dma')).toMatchObject([
      {
        label: 'across',
        cause: 'harness',
        busMaster: true,
        bypassed: false,
        segments: [
          { gpa: 0x8ffen, length: 2 },
          { gpa: 0xc000n, length: 2 },
        ],
      },
    ]);
  });

  it('writes all of its bytes or, if any of them must not be written, none', () => {
    const machine = mapped();
    const write = (address: bigint, bytes: string) =>
      machine.model.execute({ do: 'dma', endpoint: 'dma', address, length: 4, access: 'write', bytes }).dma?.outcome;
    expect(write(0x10_0000n, 'a1a2a3a4')).toBe('ok');
    expect(machine.ram.getUint32(0x8000)).toBe(0xa1a2_a3a4);
    expect(write(0x10_0ffen, 'ffffffff')).toBe('fault');
    expect(machine.ram.getUint16(0x8ffe)).toBe(0);
    expect(machine.events('fault-report')).toMatchObject([{ address: 0x10_1000n }]);
  });

  it('finds no memory where a mapping leads out of RAM', () => {
    const machine = mapped();
    machine.request(map(1, 0x20_0000n, 0x1000n, 0x4000_0000n));
    const reply = machine.model.execute({ do: 'dma', endpoint: 'dma', address: 0x20_0000n, length: 1, access: 'read' });
    expect(reply.dma).toEqual({ outcome: 'no-memory', bytes: '' });
  });

  it("is refused as the harness's mistake if it makes no sense", () => {
    const machine = mapped();
    const dma = { do: 'dma', endpoint: 'dma', address: 0n, access: 'write' } as const;
    expect(() => machine.model.execute({ ...dma, length: 0 })).toThrow(RangeError);
    expect(() => machine.model.execute({ ...dma, length: 2, bytes: 'a1' })).toThrow(RangeError);
    expect(() => machine.model.execute({ ...dma, length: 1, bytes: 'xy' })).toThrow(RangeError);
    expect(() => machine.model.execute({ ...dma, endpoint: 'gap', length: 1 })).toThrow('slot gap');
  });
});

it('need-reset shows in the status and is told to a live driver', () => {
  const machine = new TinyMachine();
  machine.start();
  machine.iommu.write(16, 2, 0);
  machine.model.execute({ do: 'need-reset' });
  expect(machine.iommu.status).toBe(15 | 64);
  expect(machine.fired.get('iommu')).toEqual([0]);
  expect(machine.request(unmap(1, 0n, 0x1000n))).toBe(6);
});

it("puts the harness's own events in their place", () => {
  const machine = new TinyMachine();
  machine.model.execute({ do: 'record', event: { kind: 'verb', verb: 'start', args: {} } });
  expect(machine.trace.at(-1)).toMatchObject({ kind: 'verb', verb: 'start' });
});
