import { expect, it } from 'vitest';
import { attach, map, TinyMachine } from '../machine/fixtures/tiny-machine.ts';
import { endpointId } from '../machine-setup.ts';

function engine() {
  const machine = new TinyMachine({ slots: ['dma'] });
  machine.start();
  machine.request(attach(1, endpointId('dma')));
  machine.request(map(1, 0x1_0000_0000n, 0x1000n, 0x8000n));
  const driver = machine.driver('dma');
  const command = (iova: bigint, length: number, code: number): number => {
    driver.write(0, 4, Number(iova & 0xffff_ffffn));
    driver.write(4, 4, Number(iova >> 32n));
    driver.write(8, 4, length);
    driver.write(12, 4, code);
    return driver.read(16, 4);
  };
  return { machine, driver, command };
}

it('shows its magic number', () => {
  expect(engine().driver.read(20, 4)).toBe(0x4e4f_4445);
});

it('reads memory into its buffer and writes its buffer to memory', () => {
  const { machine, driver, command } = engine();
  machine.ram.setUint32(0x8000, 0x1122_3344, true);
  expect(command(0x1_0000_0000n, 4, 1)).toBe(1);
  expect(driver.read(0x100, 4)).toBe(0x1122_3344);
  driver.write(0x100, 4, 0x5566_7788);
  expect(command(0x1_0000_0010n, 4, 2)).toBe(1);
  expect(machine.ram.getUint32(0x8010, true)).toBe(0x5566_7788);
  expect(machine.events('dma').map(({ cause, access, bytes }) => ({ cause, access, bytes }))).toEqual([
    { cause: 'guest', access: 'read', bytes: '44332211' },
    { cause: 'guest', access: 'write', bytes: '88776655' },
  ]);
});

it('shows a fault in its status, and does nothing for length 0 or an unknown command', () => {
  const { command } = engine();
  expect(command(0n, 4, 1)).toBe(2);
  expect(command(0x1_0000_0000n, 0, 1)).toBe(2);
  expect(command(0x1_0000_0000n, 4, 3)).toBe(2);
});

it('moves no more than its buffer holds', () => {
  const { machine, command } = engine();
  expect(command(0x1_0000_0000n, 0xffff_ffff, 2)).toBe(1);
  expect(machine.events('dma')).toMatchObject([{ length: 256 }]);
});

it('moves nothing and reports no fault while it may not master the bus; the trace says what would have come of it', () => {
  const { machine, driver, command } = engine();
  machine.ram.setUint32(0x8000, 0x1122_3344);
  driver.writeConfig(4, 2, 2);
  driver.write(0x100, 4, 0x5566_7788);
  expect([command(0x1_0000_0000n, 4, 1), command(0x1_0000_0000n, 4, 2), command(0n, 4, 1)]).toEqual([2, 2, 2]);
  expect([machine.ram.getUint32(0x8000), driver.read(0x100, 4)]).toEqual([0x1122_3344, 0x5566_7788]);
  const accesses = machine.events('dma').map(({ busMaster, outcome, bytes }) => [busMaster, outcome, bytes]);
  expect(accesses).toEqual([
    [false, 'ok', undefined],
    [false, 'ok', undefined],
    [false, 'fault', undefined],
  ]);
  expect(machine.events('fault-report')).toEqual([]);
});

it('forgets its registers with a function reset', () => {
  const { driver } = engine();
  driver.write(8, 4, 77);
  driver.write(0x100, 1, 1);
  driver.pci.reset();
  driver.switchOn();
  expect([driver.read(8, 4), driver.read(0x100, 1)]).toEqual([0, 0]);
});
