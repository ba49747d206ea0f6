import { beforeEach, expect, test } from 'vitest';
import type { RequestFields, RequestName } from '../../reference-device/trace-events.ts';
import { effectOf, Domains, mappingAt, mappingsWithin } from './domains.ts';

const OK = { status: 0 };

let model: Domains;
beforeEach(() => {
  model = new Domains();
});

const send = (name: RequestName, fields: RequestFields, completion: Parameters<Domains['apply']>[1] = OK): void =>
  model.apply({ name, fields, complete: true, seq: 0 }, completion);

const mapped = (domain: number): string[] =>
  (model.domain(domain)?.mappings ?? []).map(({ virt_start, virt_end }) => `${virt_start}-${virt_end}`);

test('a domain begins with the first ATTACH and ends with its last endpoint', () => {
  expect(model.domain(7)).toBeUndefined();
  send('ATTACH', { endpoint: 1, domain: 7 });
  send('ATTACH', { endpoint: 2, domain: 7 });
  send('DETACH', { endpoint: 1, domain: 7 });
  expect(model.domain(7)?.endpoints).toEqual(new Set([2]));
  send('ATTACH', { endpoint: 2, domain: 8 });
  expect(model.domain(7)).toBeUndefined();
  expect(model.hasEnded(7)).toBe(true);
  expect(model.domainOf(2)).toBe(8);
});

test('an ATTACH to the domain that the endpoint is in keeps its mappings', () => {
  send('ATTACH', { endpoint: 1, domain: 7 });
  send('MAP', { domain: 7, virt_start: 0n, virt_end: 9n });
  send('ATTACH', { endpoint: 1, domain: 7 });
  expect(mapped(7)).toEqual(['0-9']);
});

test('an endpoint that is pulled out leaves it open what became of its domain', () => {
  send('ATTACH', { endpoint: 1, domain: 7 });
  send('MAP', { domain: 7, virt_start: 0n, virt_end: 9n });
  model.remove(1);
  expect(model.domain(7)).toBeUndefined();
  expect([model.hasEnded(7), model.doubtful, model.knows(1)]).toEqual([false, true, false]);
  send('ATTACH', { endpoint: 1, domain: 7 });
  expect(mapped(7)).toEqual([]);
  expect(model.doubtful).toBe(false);
});

test('a refused request changes nothing', () => {
  send('ATTACH', { endpoint: 1, domain: 7 }, { status: 2 });
  expect(model.domain(7)).toBeUndefined();
});

test('mappings stay in the order of their addresses', () => {
  send('ATTACH', { endpoint: 1, domain: 7 });
  for (const virt_start of [20n, 0n, 10n]) send('MAP', { domain: 7, virt_start, virt_end: virt_start + 4n });
  expect(mapped(7)).toEqual(['0-4', '10-14', '20-24']);
});

test('UNMAP removes the mappings that it covers, holes included', () => {
  send('ATTACH', { endpoint: 1, domain: 7 });
  for (const virt_start of [0n, 10n, 20n]) send('MAP', { domain: 7, virt_start, virt_end: virt_start + 4n });
  send('UNMAP', { domain: 7, virt_start: 0n, virt_end: 16n });
  expect(mapped(7)).toEqual(['20-24']);
});

test('mappingAt finds the mapping of its first and last byte and none beside them', () => {
  send('ATTACH', { endpoint: 1, domain: 7 });
  send('MAP', { domain: 7, virt_start: 10n, virt_end: 14n });
  const domain = model.domain(7)!;
  expect([9n, 10n, 14n, 15n].map((address) => mappingAt(domain, address) !== undefined)).toEqual([
    false,
    true,
    true,
    false,
  ]);
});

test('mappingsWithin leaves out a mapping that the range covers in part', () => {
  send('ATTACH', { endpoint: 1, domain: 7 });
  send('MAP', { domain: 7, virt_start: 0n, virt_end: 4n });
  send('MAP', { domain: 7, virt_start: 5n, virt_end: 9n });
  expect(mappingsWithin(model.domain(7)!, 1n, 9n)).toMatchObject([{ virt_start: 5n, virt_end: 9n }]);
  expect(mappingsWithin(model.domain(7)!, 0n, 8n)).toMatchObject([{ virt_start: 0n, virt_end: 4n }]);
});

test('a request that was never answered makes its domain and its endpoint uncertain', () => {
  send('ATTACH', { endpoint: 1, domain: 7 });
  model.apply({ name: 'ATTACH', fields: { endpoint: 1, domain: 8 }, complete: true, seq: 0 }, undefined);
  expect(model.domain(7)?.certain).toBe(false);
  expect(model.knows(1)).toBe(false);
  expect(model.doubtful).toBe(true);
});

test('only what the device answers with OK on its own account is carried out', () => {
  expect(effectOf({ status: 0 })).toBe('carried-out');
  expect(effectOf({ status: 0, fault: 'tail-reserved-nonzero' })).toBe('carried-out');
  expect(effectOf({ status: 4 })).toBe('nothing');
  expect(effectOf({})).toBe('nothing');
});

test('what a device fault kept from being done is unknown, like a request without an answer', () => {
  expect(effectOf({ status: 4, honestStatus: 0, fault: 'status-of-request' })).toBe('unknown');
  expect(effectOf({ fault: 'zero-used-length' })).toBe('unknown');
  expect(effectOf({ status: 0, fault: 'short-used-length' })).toBe('unknown');
  expect(effectOf(undefined)).toBe('unknown');
});
