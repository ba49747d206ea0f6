import { describe, expect, it } from 'vitest';
import { GuestMemory } from './guest-memory.ts';
import { mapTarget } from './map-target.ts';

/** RAM from 1 MiB to 2 MiB. */
function memory(): GuestMemory {
  const made = new GuestMemory();
  made.addRegion(0x10_0000n, new Uint8Array(0x10_0000));
  return made;
}

const NOTHING = { memory: false, registers: false, elsewhere: false };

describe('what a mapping leads to', () => {
  it('is memory where there is RAM, and nothing that is known beside it', () => {
    expect(mapTarget(memory(), 0x10_0000n, 0x1f_ffffn)).toEqual({ ...NOTHING, memory: true });
    expect(mapTarget(memory(), 0x1f_f000n, 0x20_0fffn)).toEqual({ ...NOTHING, memory: true, elsewhere: true });
    expect(mapTarget(memory(), 1n << 60n, (1n << 60n) + 1n)).toEqual({ ...NOTHING, elsewhere: true });
  });

  it('is registers at the doorbell and in the windows, unless RAM lies there', () => {
    expect(mapTarget(memory(), 0xfee0_0000n, 0xfee0_0fffn)).toEqual({ ...NOTHING, registers: true });
    expect(mapTarget(memory(), 0n, (1n << 32n) - 1n)).toEqual({ memory: true, registers: true, elsewhere: true });
    const covered = new GuestMemory();
    covered.addRegion(0x0a00_0000n, new Uint8Array(0x1000));
    expect(mapTarget(covered, 0x0a00_0000n, 0x0a00_0fffn)).toEqual({ ...NOTHING, memory: true });
  });
});
