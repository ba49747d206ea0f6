import { expect, test } from 'vitest';
import { endpointOf, machineOf } from '../../../cases/api/default-machine.ts';
import type { MachineCommand } from '../../../reference-device/machine/commands.ts';
import type { ResvMem } from '../../../reference-device/machine-setup.ts';
import { setupWithDoorbell, withDoorbell } from './doorbell.ts';

const DOORBELL = { start: 0x0809_0000n, end: 0x0809_ffffn };
const RESERVED: ResvMem = { subtype: 0, start: 0x4000_0000n, end: 0x4000_ffffn };
const PC: ResvMem = { subtype: 1, start: 0xfee0_0000n, end: 0xfeef_ffffn };
const OURS: ResvMem = { subtype: 1, ...DOORBELL };

/** What reaches the machine behind. */
async function passedOn(command: MachineCommand): Promise<MachineCommand | undefined> {
  const seen: MachineCommand[] = [];
  const machine = { execute: (it: MachineCommand) => (seen.push(it), Promise.resolve({})), close: async () => {} };
  await withDoorbell(machine, DOORBELL).execute(command);
  return seen[0];
}

const regionsIn = (resvMem: readonly ResvMem[], slot: 'rng' | 'dma') =>
  setupWithDoorbell(machineOf({ endpoints: { [slot]: { resvMem } } }), DOORBELL).endpoints[0]?.resvMem;

test('stands in place of the doorbell of a PC, and beside what a case has chosen', () => {
  expect(regionsIn([PC], 'rng')).toEqual([OURS]);
  expect(regionsIn([], 'rng')).toEqual([OURS]);
  expect(regionsIn([RESERVED, PC], 'rng')).toEqual([OURS, RESERVED]);
});

test('leaves the DMA engine, which never interrupts, as the case has it', () => {
  expect(regionsIn([], 'dma')).toEqual([]);
  expect(regionsIn([RESERVED, PC], 'dma')).toEqual([RESERVED, PC]);
});

test('is there for an endpoint that comes later, and changes no other command', async () => {
  const command = await passedOn({ do: 'add-endpoint', endpoint: endpointOf('rng2', {}) });
  expect(command).toMatchObject({ endpoint: { slot: 'rng2', resvMem: [OURS] } });
  const reset: MachineCommand = { do: 'take-trace' };
  expect(await passedOn(reset)).toBe(reset);
});
