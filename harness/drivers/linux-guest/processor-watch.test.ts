import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { interruptsOff, ProcessorWatch, ranMs, SpinCount } from './processor-watch.ts';

describe('the registers that QEMU prints', () => {
  it.each([
    ['x86 in a critical section', 'RIP=ffffffff8f0c3b1e RFL=00000046 [---Z-P-] CPL=0 II=0 A20=1', true],
    ['x86 elsewhere', 'RIP=ffffffff8f0c3b1e RFL=00000246 [---Z-P-] CPL=0 II=0 A20=1', false],
    ['x86 in 32 bits', 'EIP=c0100000 EFL=00000202 [-------] CPL=0', false],
    ['arm64 in a critical section', ' PC=ffff80008 PSTATE=00000000800000c5 N--- EL1h     FPCR=0000', true],
    ['arm64 elsewhere', ' PC=ffff80008 PSTATE=60000005 -ZC- EL1h', false],
    ['another processor', 'pc 80000000 mstatus 0', undefined],
  ])('say whether interrupts are off: %s', (_, registers, off) => {
    expect(interruptsOff(registers)).toBe(off);
  });
});

it("a thread's time is that of user and system, whatever its name", () => {
  expect(ranMs('17 (CPU 0) /TCG) S 1 2 3 4 5 6 7 8 9 10 150 25 0 0 20 0')).toBe(1750);
  expect(ranMs('')).toBeUndefined();
});

const isSpun = (sightings: readonly (readonly [ranMs: number, off: boolean])[]): boolean => {
  const spins = new SpinCount();
  return sightings.map(([ran, off]) => spins.isSpun({ ranMs: ran, interruptsOff: off })).includes(true);
};
const steps = (count: number): number[] => Array.from({ length: count }, (_, step) => 5000 + step * 150);

describe('a processor', () => {
  it('has spun when it was seen again and again with interrupts off, while it ran', () => {
    expect(isSpun(steps(20).map((ran) => [ran, true]))).toBe(true);
  });

  it('has not when interrupts were on in between', () => {
    expect(isSpun(steps(26).map((ran, step) => [ran, step !== 13]))).toBe(false);
  });

  it('has not when it waits or gets no time, however often it is seen', () => {
    expect(isSpun(steps(200).map(() => [5000, true]))).toBe(false);
  });

  it('has not when it was hardly looked at', () => {
    expect(isSpun([0, 2000, 4000].map((ran) => [ran, true]))).toBe(false);
  });
});

/** Runs, so that the processor's time passes, until `isOver`. */
const burn = async (isOver: () => boolean): Promise<void> => {
  while (!isOver()) {
    for (const end = performance.now() + 40; performance.now() < end; );
    await sleep(1);
  }
};

describe('a watch', () => {
  let folder = '';
  let server: Server;
  const commands: string[] = [];

  /** A QEMU that says of its processor, which is this very thread, what `registers` says. */
  const listens = async (registers: string): Promise<string> => {
    commands.length = 0;
    const path = join(folder, 'monitor.sock');
    server = createServer((socket) => {
      socket.write('{"QMP": {}}\r\n');
      socket.on('error', () => {});
      socket.on('data', (data) => {
        for (const line of data.toString().trim().split('\n')) {
          const { execute } = JSON.parse(line) as { execute: string };
          commands.push(execute);
          const said = { 'query-cpus-fast': [{ 'thread-id': process.pid }], 'human-monitor-command': registers };
          socket.write(`{"event":"X"}\n${JSON.stringify({ return: said[execute as keyof typeof said] ?? {} })}\r\n`);
        }
      });
    });
    await new Promise<void>((resolve) => server.listen(path, resolve));
    return path;
  };

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'watch-'));
  });
  afterEach(async () => {
    server.close();
    await rm(folder, { recursive: true });
  });

  it('ends a QEMU whose processor spins, and says so', { timeout: 60_000 }, async () => {
    const watch = new ProcessorWatch(await listens('RFL=00000046'));
    await watch.during(
      'attach',
      burn(() => commands.includes('quit')),
    );
    expect(watch.trouble()).toEqual({
      how: 'silent',
      says: 'The driver did not answer "attach": the guest\'s processor runs in a loop with interrupts off.',
    });
    watch.close();
  });

  it('leaves alone what works, and what cannot be asked', { timeout: 60_000 }, async () => {
    for (const path of [await listens('RFL=00000246'), join(folder, 'nobody.sock')]) {
      const watch = new ProcessorWatch(path);
      const end = performance.now() + 3500;
      await watch.during(
        'start',
        burn(() => performance.now() > end),
      );
      expect(watch.trouble()).toBeUndefined();
      watch.close();
    }
    expect(commands).not.toContain('quit');
    expect(commands).toContain('human-monitor-command');
  });

  it('asks nothing while answers come at once', async () => {
    const watch = new ProcessorWatch(await listens('RFL=00000046'));
    expect(await watch.during('map', Promise.resolve(7))).toBe(7);
    await expect(watch.during('map', Promise.reject(new Error('gone')))).rejects.toThrow('gone');
    expect(commands).toEqual([]);
  });
});
