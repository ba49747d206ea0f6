import { describe, expect, it } from 'vitest';
import type { EventOf, Mapping } from '../api/index.ts';
import { ConfirmedMappings } from './confirmed-mappings.ts';

const MAP = { verb: 'map', domain: 'd', length: '4096', access: 'rw' };
const FIRST = { ...MAP, iova: '0x1000' };
const SECOND = { ...MAP, iova: '0x3000' };
const ATTACH = { verb: 'attach', domain: 'd', endpoint: 'dma' };
const DETACH = { verb: 'detach', domain: 'd', endpoint: 'dma' };

const mapping = (virt_start: bigint, flags = 3): Mapping => ({
  virt_start,
  virt_end: virt_start + 0xfffn,
  phys_start: 0n,
  flags,
  madeBy: 0,
});

type Step = Readonly<Record<string, string>>;

/** What is confirmed after these commands; those in `refused` are refused. */
function after(steps: readonly Step[], refused: readonly Step[] = []): ConfirmedMappings {
  const confirmed = new ConfirmedMappings();
  for (const step of steps) {
    const { verb = '', ...args } = step;
    const asked: EventOf<'verb'> = { kind: 'verb', seq: 0, verb, args };
    const outcome = refused.includes(step) ? 'not-ok' : 'ok';
    confirmed.apply(asked, { kind: 'answer', seq: 0, verb, outcome, values: {} });
  }
  return confirmed;
}

describe('what a driver has confirmed to be mapped', () => {
  it('is missed where nothing is mapped, or for other accesses only', () => {
    const confirmed = after([ATTACH, FIRST]);
    expect(confirmed.missingIn({ mappings: [mapping(0x1000n)] }, 'd')).toEqual([]);
    expect(confirmed.missingIn({ mappings: [] }, 'd')).toMatchObject([{ start: 0x1000n, end: 0x1fffn }]);
    expect(confirmed.missingIn({ mappings: [mapping(0x1000n, 1)] }, 'd')).toHaveLength(1);
  });

  it('is not what it has refused, and not what it was asked to unmap, refused or not', () => {
    const unmap = { verb: 'unmap', domain: 'd', iova: '0x1000', length: '4096' };
    expect(after([ATTACH, FIRST], [FIRST]).missingIn({ mappings: [] }, 'd')).toEqual([]);
    expect(after([ATTACH, FIRST, unmap], [unmap]).missingIn({ mappings: [] }, 'd')).toEqual([]);
    expect(after([ATTACH, FIRST, unmap]).missingIn({ mappings: [] }, 'd')).toEqual([]);
  });

  it('may be forgotten with the last endpoint of a domain, or come back with the next, and not in part', () => {
    const steps = [ATTACH, FIRST, SECOND, DETACH, ATTACH];
    expect(after(steps).returned({ mappings: [] }, 'd')).toEqual([]);
    expect(after(steps).returned({ mappings: [mapping(0x1000n), mapping(0x3000n)] }, 'd')).toEqual([]);
    expect(after(steps).returned({ mappings: [mapping(0x1000n)] }, 'd')).toMatchObject([{ start: 0x3000n }]);
  });
});

describe('what a driver has confirmed to be unmapped', () => {
  const removed = { what: 'removed', start: 0x1000n, end: 0x1fffn, domain: 'd', flags: 0 } as const;

  it('is found where it is still mapped', () => {
    expect(after([ATTACH]).stillIn({ mappings: [mapping(0x1000n)] }, removed)).toMatchObject({ virt_start: 0x1000n });
    expect(after([ATTACH]).stillIn({ mappings: [mapping(0x3000n)] }, removed)).toBeUndefined();
  });

  it('is not, where somebody else has been granted the mapping, or may have been', () => {
    expect(after([ATTACH, FIRST]).stillIn({ mappings: [mapping(0x1000n)] }, removed)).toBeUndefined();
    expect(after([ATTACH, FIRST], [FIRST]).stillIn({ mappings: [mapping(0x1000n)] }, removed)).toBeUndefined();
  });
});
