import { describe, expect, it } from 'vitest';
import { describedPlace } from '../topology/topologies.ts';
import { attach, map, TinyMachine, VERSION_1 } from './fixtures/tiny-machine.ts';
import type { IommuName } from '../machine-setup.ts';

const OK = 0;
const IOVA = 0x10_0000n;
const SLOTS = ['dma', 'dma2'] as const;

/** A machine with two IOMMUs, of which `drives` knows its endpoint 0x120 and has mapped a page for it. */
function mappedAt(drives: IommuName): TinyMachine {
  const machine = new TinyMachine({ topology: 'two-iommus', drives, slots: SLOTS });
  machine.start();
  expect(machine.request(attach(1, 0x120))).toBe(OK);
  expect(machine.request(map(1, IOVA, 0x1000n, 0x8000n))).toBe(OK);
  return machine;
}

const reach = (machine: TinyMachine, endpoint: 'dma' | 'dma2'): string | undefined =>
  machine.model.execute({ do: 'dma', endpoint, address: IOVA, length: 4, access: 'read' }).dma?.outcome;

describe('two IOMMUs', () => {
  it('know different endpoints by the same ID', () => {
    expect(SLOTS.map((slot) => describedPlace(slot, 'two-iommus'))).toEqual([
      { iommu: 'iommu', id: 0x120 },
      { iommu: 'iommu2', id: 0x120 },
    ]);
  });

  it.each([
    ['iommu', ['ok', 'fault']],
    ['iommu2', ['fault', 'ok']],
  ] as const)('translate for their own endpoints only: a mapping at %s', (drives, outcomes) => {
    const machine = mappedAt(drives);
    expect(SLOTS.map((endpoint) => reach(machine, endpoint))).toEqual(outcomes);
  });

  it('report faults of their own endpoints, each under its name', () => {
    const machine = mappedAt('iommu2');
    for (const endpoint of SLOTS) {
      machine.model.execute({ do: 'dma', endpoint, address: 0n, length: 4, access: 'read' });
    }
    const reports = machine.events('fault-report');
    expect(reports.map(({ device, endpoint, delivered }) => [device, endpoint, delivered])).toEqual([
      ['iommu', 0x120, false],
      ['iommu2', 0x120, true],
    ]);
  });

  it('deviate, change and are pulled out one by one', () => {
    const faults = [{ name: 'refuse-features-ok', device: 'iommu2' }] as const;
    const machine = new TinyMachine({ topology: 'two-iommus', slots: SLOTS, faults });
    const second = machine.driver('iommu2');
    expect([machine.iommu.negotiate(VERSION_1), second.negotiate(VERSION_1)]).toEqual([true, false]);
    machine.model.execute({ do: 'change-config', config: { probe_size: 8 }, iommu: 'iommu2' });
    expect([machine.iommu, second].map((driver) => driver.read(21, 1))).toEqual([0, 1]);
    machine.model.execute({ do: 'remove-iommu', iommu: 'iommu2' });
    expect([machine.iommu, second].map((driver) => driver.config(0, 4))).toEqual([0x1057_1af4, 0xffff_ffff]);
  });

  it('are not there where the topology does not have them', () => {
    const machine = new TinyMachine();
    expect(machine.driver('iommu2').config(0, 4)).toBe(0xffff_ffff);
    expect(() => machine.model.execute({ do: 'need-reset', iommu: 'iommu2' })).toThrow('no machine with iommu2');
  });
});

it('a third IOMMU can be in a window', () => {
  const machine = new TinyMachine({ topology: 'three-iommus', slots: ['platform'] });
  const { windows } = machine.model;
  expect([...windows.values()].map(({ name, present }) => [name, present])).toEqual([
    ['iommu-mmio', true],
    ['platform', true],
    ['platform-rng', false],
  ]);
  expect(machine.events('reset').map(({ device }) => device)).toEqual(['iommu', 'iommu2', 'iommu3']);
});
