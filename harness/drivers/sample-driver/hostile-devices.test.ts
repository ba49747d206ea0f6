import { describe, expect, it } from 'vitest';
import { SampleDriver } from './driver.ts';
import type { Platform, PlatformFunction } from './platform.ts';

/** Numbers that are the same in every run. */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state >>> 8;
  };
}

const fill = (out: DataView, byte: () => number): void => {
  for (let at = 0; at < out.byteLength; at++) out.setUint8(at, byte() & 0xff);
};

/** A PCI function whose capabilities are in order and whose registers are whatever `byte` gives. */
function strangeFunction(name: string, address: number, deviceId: number, byte: () => number): PlatformFunction {
  const config = new DataView(new ArrayBuffer(256));
  config.setUint16(0, 0x1af4, true);
  config.setUint16(2, deviceId, true);
  config.setUint16(6, 0x10, true);
  config.setUint8(0x34, 0x40);
  for (const [index, type] of [1, 2, 3, 4].entries()) {
    const at = 0x40 + 0x18 * index;
    config.setUint8(at, 0x09);
    config.setUint8(at + 1, index === 3 ? 0 : at + 0x18);
    config.setUint8(at + 3, type);
    config.setUint32(at + 8, 0x1000 * index, true);
    config.setUint32(at + 12, 0x1000, true);
  }
  return {
    name,
    address,
    readConfig: (offset, out) => {
      for (let at = 0; at < out.byteLength; at++)
        out.setUint8(at, offset + at < 256 ? config.getUint8(offset + at) : 0);
    },
    writeConfig: () => {},
    readBar: (_bar, _offset, out) => fill(out, byte),
    writeBar: () => {},
    interrupts: () => byte(),
    lineInterrupts: () => byte(),
  };
}

const IOMMU_NODE = [3, 0, 16, 0, 0, 0, 0x10, 0, 0, 0, 0, 0, 0, 0, 0, 0];
const RANGE_NODE = [1, 0, 24, 0, 0x18, 1, 0, 0, 0, 0, 0, 0, 0x18, 0, 0x27, 0, 48, 0, 0, 0, 0, 0, 0, 0];
const TABLE = new Uint8Array(48 + 40);
TABLE.set([2, 0, 48, 0], 36);
TABLE.set([...IOMMU_NODE, ...RANGE_NODE], 48);

const COMMANDS: readonly [string, Readonly<Record<string, string>>][] = [
  ['start', {}],
  ['io', { endpoint: 'rng', length: '64' }],
  ['attach', { endpoint: 'rng', domain: 'd1' }],
  ['map', { domain: 'd1', iova: '0x100000', length: '4096', access: 'rw', buffer: 'b' }],
  ['unmap', { domain: 'd1', iova: '0x100000', length: '4096' }],
  ['alloc', { endpoint: 'rng', buffer: 'x', length: '8192', access: 'w' }],
  ['bypass', { value: '1' }],
  ['regions', { endpoint: 'rng' }],
  ['faults', {}],
  ['release', { endpoint: 'rng' }],
  ['stop', {}],
];

/** Makes `strange` keep what is written to its common configuration, so that the driver comes to use it. */
function wellBroughtUp(strange: PlatformFunction, onNotify: () => void): PlatformFunction {
  const registers = new DataView(new ArrayBuffer(64));
  registers.setUint16(24, 8, true);
  const config = new DataView(new ArrayBuffer(64));
  config.setBigUint64(0, 0xffff_ffff_ffff_f000n, true);
  config.setBigUint64(16, 0xffff_ffff_ffffn, true);
  config.setUint32(28, 0xffff, true);
  config.setUint32(32, 512, true);
  return {
    ...strange,
    readBar: (bar, offset, out) => {
      if (offset >= 0x3000) {
        for (let at = 0; at < out.byteLength; at++) out.setUint8(at, config.getUint8((offset - 0x3000 + at) % 64));
        return;
      }
      if (offset >= 64) return strange.readBar(bar, offset, out);
      for (let at = 0; at < out.byteLength; at++) {
        // All features are offered; the rest reads as it was written.
        out.setUint8(at, offset === 4 ? 0xff : registers.getUint8((offset + at) % 64));
      }
    },
    writeBar: (_bar, offset, data) => {
      if (offset >= 0x1000 && offset < 0x2000) onNotify();
      for (let at = 0; at < data.byteLength && offset + at < 64; at++)
        registers.setUint8(offset + at, data.getUint8(at));
    },
  };
}

/** Gives the driver every command; whether it came to use the IOMMU. */
function playAll(functions: readonly PlatformFunction[], bytes: Uint8Array, scribble: () => void): boolean {
  let waits = 0;
  const platform: Platform = {
    functions,
    memory: { bytes, base: 0x1_0000_0000n },
    doorbell: () => 0xfee0_0000n,
    firmwareMemory: { start: 0n, length: 0x1000n },
    viot: TABLE,
    wait: () => {
      scribble();
      return ++waits % 50 !== 0;
    },
    log: () => {},
  };
  const driver = new SampleDriver(platform, new Set());
  const outcomes = COMMANDS.map(([verb, args]) => driver.command(verb, args).outcome);
  for (const outcome of outcomes) expect(['ok', 'not-ok', 'skip']).toContain(outcome);
  return outcomes[0] === 'ok';
}

describe('a hostile device', () => {
  it.each([
    ['all ones', () => 0xff],
    ['all zeroes', () => 0],
    ['a pattern', () => 0x5a],
    ['garbage', numbers(1)],
    ['other garbage', numbers(2)],
  ])('whose registers read %s neither crashes the driver nor holds it up', (_, byte) => {
    const bytes = new Uint8Array(1 << 20);
    const functions = [strangeFunction('iommu', 0x10, 0x1057, byte), strangeFunction('rng', 0x18, 0x1044, byte)];
    playAll(functions, bytes, () => fill(new DataView(bytes.buffer, 0, 4096), byte));
  });

  it.each(Array.from({ length: 40 }, (_, seed) => seed))(
    'that scribbles over rings and requests neither crashes the driver nor holds it up (%i)',
    (seed) => {
      const byte = numbers(seed);
      const bytes = new Uint8Array(1 << 20);
      const scribble = (): void => {
        for (let times = 0; times < 64; times++)
          bytes[(byte() * 256 + byte()) % 0x10000] = byte() % (1 + (seed % 7) * 40);
      };
      const functions = [
        wellBroughtUp(strangeFunction('iommu', 0x10, 0x1057, byte), scribble),
        wellBroughtUp(strangeFunction('rng', 0x18, 0x1044, byte), scribble),
      ];
      expect(playAll(functions, bytes, scribble)).toBe(true);
    },
  );
});

describe('a command', () => {
  const platform: Platform = {
    functions: [],
    memory: { bytes: new Uint8Array(1 << 16), base: 0n },
    doorbell: () => 0xfee0_0000n,
    firmwareMemory: { start: 0n, length: 0n },
    viot: new Uint8Array(0),
    wait: () => false,
    log: () => {},
  };

  it('that does not exist is skipped', () => {
    expect(new SampleDriver(platform, new Set()).command('no-such-verb', {}).outcome).toBe('skip');
  });

  it.each(COMMANDS.filter(([verb]) => verb !== 'stop' && verb !== 'faults'))(
    'on a machine without an IOMMU is refused: %s',
    (verb, args) => {
      expect(new SampleDriver(platform, new Set()).command(verb, args)).toMatchObject({ outcome: 'not-ok' });
    },
  );

  it('with arguments that are missing or nonsense is refused', () => {
    const driver = new SampleDriver(platform, new Set());
    expect(driver.command('attach', {})).toMatchObject({ outcome: 'not-ok', reason: 'endpoint= is missing' });
    expect(driver.command('peek', { buffer: 'b', offset: '-1', length: '4' }).outcome).toBe('not-ok');
    expect(driver.command('poke', { buffer: 'b', offset: '0', bytes: 'abc' }).outcome).toBe('not-ok');
  });
});
