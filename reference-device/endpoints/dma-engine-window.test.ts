import { expect, it } from 'vitest';
import { TinyMachine, tinySetup } from '../machine/fixtures/tiny-machine.ts';
import type { MachineSetup } from '../machine-setup.ts';

const setupWith = (topology: MachineSetup['topology'], slots: readonly ('platform' | 'rng')[]): MachineSetup => ({
  ...tinySetup({ slots }),
  topology,
});

function engine(setup: MachineSetup) {
  const machine = new TinyMachine();
  machine.model.execute({ do: 'stage', setup });
  const window = machine.model.windows.get('platform')!;
  const read = (offset: number): number => {
    const out = new DataView(new ArrayBuffer(4));
    window.readRegister(offset, out);
    return out.getUint32(0, true);
  };
  const write = (offset: number, value: number): void => {
    const data = new DataView(new ArrayBuffer(4));
    data.setUint32(0, value, true);
    window.writeRegister(offset, data);
  };
  return { machine, window, read, write };
}

it('has the registers of the DMA engine', () => {
  const { machine, read, write } = engine(setupWith('plain', ['platform']));
  machine.ram.setUint32(0x8000, 0x1122_3344, true);
  expect(read(0x14)).toBe(0x4e4f_4445);
  for (const [offset, value] of [
    [0, 0x8000],
    [4, 0],
    [8, 4],
    [12, 1],
  ] as const)
    write(offset, value);
  expect([read(0x10), read(0x100)]).toEqual([1, 0x1122_3344]);
  expect(machine.events('dma')).toMatchObject([{ endpoint: 'platform', bypassed: true, busMaster: true }]);
});

it('is behind the IOMMU where the topology says so, by an ID that is no BDF', () => {
  const { machine, write, read } = engine(setupWith('device-tree', ['platform']));
  for (const [offset, value] of [
    [0, 0x8000],
    [8, 4],
    [12, 1],
  ] as const)
    write(offset, value);
  expect(read(0x10)).toBe(2);
  expect(machine.events('dma')).toMatchObject([{ outcome: 'fault', endpointId: 0x3_0007 }]);
});

it('reads all ones where there is none, and forgets its registers with a reset', () => {
  expect(engine(setupWith('plain', ['rng'])).read(0x14)).toBe(0xffff_ffff);
  const { window, read, write } = engine(setupWith('plain', ['platform']));
  write(0x08, 7);
  window.reset();
  expect(read(0x08)).toBe(0);
});

it('takes accesses of any offset and width', () => {
  const { window, read } = engine(setupWith('plain', ['platform']));
  for (const offset of [0, 3, 0xff, 0xfff, 0x1000, 2 ** 40]) {
    for (const width of [0, 1, 3, 8, 64]) {
      window.readRegister(offset, new DataView(new ArrayBuffer(width)));
      window.writeRegister(offset, new DataView(new ArrayBuffer(width)));
    }
  }
  expect(read(0x14)).toBe(0x4e4f_4445);
});
