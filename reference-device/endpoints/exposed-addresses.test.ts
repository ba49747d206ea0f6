import { expect, it } from 'vitest';
import { ExposedAddresses } from './exposed-addresses.ts';

const buffer = (address: bigint, length = 16) => ({ address, length, access: 'write' }) as const;

it('names the first and the last byte of what was returned', () => {
  const exposed = new ExposedAddresses();
  exposed.expose(buffer(0x1000n));
  expect(exposed.staleBytes()).toEqual([]);
  exposed.giveBack(buffer(0x1000n));
  exposed.expose(buffer(0x2000n, 1));
  exposed.giveBack(buffer(0x2000n, 1));
  expect(exposed.staleBytes().map(({ address }) => address)).toEqual([0x1000n, 0x100fn, 0x2000n]);
});

it('leaves out bytes that were given anew', () => {
  const exposed = new ExposedAddresses();
  exposed.expose(buffer(0x1000n));
  exposed.giveBack(buffer(0x1000n));
  exposed.expose(buffer(0x100fn));
  expect(exposed.staleBytes().map(({ address }) => address)).toEqual([0x1000n]);
});

it('remembers the last 4096', () => {
  const exposed = new ExposedAddresses();
  for (let at = 0n; at < 5000n; at++) exposed.giveBack(buffer(at, 1));
  const addresses = exposed.staleBytes().map(({ address }) => address);
  expect([addresses.length, addresses[0], addresses.at(-1)]).toEqual([4096, 904n, 4999n]);
});
