import { beforeEach, describe, expect, it } from 'vitest';
import { IovaHistory } from './iova-history.ts';

let space: IovaHistory;
let step: number;
beforeEach(() => {
  space = new IovaHistory(new Map([[0x120n, 'dma']]));
  step = 0;
});

/** A request and its answer; gives the step of the answer. */
function ask(name: string, fields: Record<string, unknown>, answer: Record<string, unknown> = { status: 0 }): number {
  space.request({ id: step, name, fields });
  space.completion({ id: step, name, ...answer }, ++step);
  return step;
}

const attach = (domain: number, endpoint = 0x120): number => ask('ATTACH', { domain, endpoint, flags: 0 });
const map = (virt_start: string, virt_end: string, answer?: Record<string, unknown>): number =>
  ask('MAP', { domain: 1, virt_start, virt_end, phys_start: '0x7000', flags: 3 }, answer);
const mappings = (): [bigint, number, number | undefined][] =>
  space.domains.flatMap((domain) => domain.mappings.map(({ start, from, until }) => [start, from, until]));

describe('a mapping', () => {
  it('lasts from the answer to its MAP to the answer to an UNMAP that covers it', () => {
    attach(1);
    const from = map('0x1000', '0x1fff');
    const until = ask('UNMAP', { domain: 1, virt_start: '0x0', virt_end: '0xffff' });
    expect(mappings()).toEqual([[0x1000n, from, until]]);
  });

  it('outlives an UNMAP that does not cover it, and one that was refused', () => {
    attach(1);
    const from = map('0x1000', '0x2fff');
    ask('UNMAP', { domain: 1, virt_start: '0x1000', virt_end: '0x1fff' });
    ask('UNMAP', { domain: 1, virt_start: '0x1000', virt_end: '0x2fff' }, { status: 5 });
    expect(mappings()).toEqual([[0x1000n, from, undefined]]);
  });

  it.each([
    ['the answer is no', { status: 4 }],
    ['nothing was answered', {}],
    ['a device fault said OK instead of the device', { status: 0, honestStatus: 4 }],
  ])('does not come about if %s', (_name, answer) => {
    attach(1);
    map('0x1000', '0x1fff', answer);
    expect(mappings()).toEqual([]);
  });

  it('ends with its domain, when the last endpoint leaves it', () => {
    attach(1, 0x120);
    attach(1, 0x121);
    const from = map('0x1000', '0x1fff');
    attach(2, 0x120);
    const until = ask('DETACH', { domain: 1, endpoint: 0x121 });
    expect(mappings()).toEqual([[0x1000n, from, until]]);
  });

  it('ends with a reset', () => {
    attach(1);
    const from = map('0x1000', '0x1fff');
    space.reset(9);
    expect(mappings()).toEqual([[0x1000n, from, 9]]);
  });
});

it('puts an access into the domain of its endpoint, or into none', () => {
  const access = { endpoint: 'dma', endpointId: 0x120, access: 'write', address: '0x1000', length: 16 };
  space.dma({ ...access, outcome: 'fault', reason: 'DOMAIN' }, 0);
  attach(3);
  space.dma({ ...access, outcome: 'ok' }, 5);
  expect(space.domains.map(({ domain, accesses }) => [domain, accesses.map(({ bad, end }) => [bad, end])])).toEqual([
    [undefined, [[true, 0x100fn]]],
    [3n, [[false, 0x100fn]]],
  ]);
});

/** What follows the type in a RESV_MEM property for 0x40000000..0x4000ffff. */
const region = '1400000000000000004000000000ffff004000000000';

it('knows the regions that PROBE told of, but not one with reserved bits in its type', () => {
  ask('PROBE', { endpoint: 0x120 }, { status: 0, bytes: `01f0${region}0100${region}00000000` });
  expect(space.reserved.map(({ start, says }) => [start, says])).toEqual([
    [0x40000000n, 'dma: RESV_MEM RESERVED 0x40000000..0x4000ffff'],
  ]);
});

it('puts input_range together from the halves that the driver reads, each time anew', () => {
  const read = (field: string, offset: number, value: string): void =>
    space.configRead({ field: `input_range.${field}`, offset, width: 4, value }, ++step);
  const readAll = (endHigh: string): void => {
    read('start', 8, '0x1000');
    read('start', 12, '0x0');
    read('end', 16, '0xffffffff');
    read('end', 20, endHigh);
  };
  readAll('0xffff');
  readAll('0x0');
  expect(space.apertures.map(({ start, end, from, until }) => [start, end, from, until])).toEqual([
    [0x1000n, 0xffff_ffff_ffffn, 4, 8],
    [0x1000n, 0xffff_ffffn, 8, undefined],
  ]);
});

it('takes anything for a request', () => {
  for (const fields of [{}, { domain: 'x', endpoint: [] }, { domain: 1, virt_start: {}, virt_end: '0x' }]) {
    for (const name of ['ATTACH', 'DETACH', 'MAP', 'UNMAP', 'PROBE']) ask(name, fields, { status: 0, bytes: '01' });
  }
  expect(mappings()).toEqual([]);
});
