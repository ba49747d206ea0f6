import { describe, expect, it } from 'vitest';
import { valueFault } from './value-check.ts';

describe('the values of an answer', () => {
  it.each([
    ['alloc', { iova: '0xfffff000' }],
    ['alloc', { iova: 4096 }],
    ['io', { bytes: 16 }],
    ['peek', { bytes: '00e5' }],
    ['regions', { regions: ['0xfee00000 0xfeefffff msi'] }],
    ['faults', { faults: ['mapping endpoint=0x120 address=0x1000', 'unknown endpoint=0x1'] }],
    ['faults', {}],
    ['start', { anything: 1 }],
  ] as const)('of %s are well: %j', (verb, values) => {
    expect(valueFault(verb, values)).toBeUndefined();
  });

  it.each([
    ['alloc', {}, /has no value "iova"/],
    ['alloc', { iova: -1 }, /iova: -1; it looks like/],
    ['peek', { bytes: 5 }, /bytes: 5; it looks like bytes: "00ff12e5"/],
    ['regions', { regions: ['0x0-0x1'] }, /looks like/],
    ['faults', { faults: [7] }, /looks like/],
  ] as const)('of %s are not: %j', (verb, values, says) => {
    expect(valueFault(verb, values)).toMatch(says);
  });
});
