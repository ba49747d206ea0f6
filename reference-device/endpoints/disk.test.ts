import { describe, expect, it } from 'vitest';
import { TinyMachine, VERSION_1 } from '../machine/fixtures/tiny-machine.ts';
import { DEVICE_CONFIG } from '../transport/fixtures/tiny-driver.ts';
import { NEXT, WRITE } from '../virtqueue/fixtures/tiny-ring.ts';

const HEAD_AT = 0xa000;
const STATUS_AT = 0xa100;
const DATA_AT = 0xb000;
const SECTOR = 512;
const IN = 0;
const OUT = 1;
const FLUSH = 4;
const GET_ID = 8;

/** A disk that uses addresses as they are, and one request at a time: its status, and the length in the used ring. */
function disk() {
  const machine = new TinyMachine({ slots: ['disk'], topology: 'disk' });
  machine.start();
  const driver = machine.driver('disk');
  driver.negotiate(VERSION_1);
  const ring = driver.queue(0, 0x9000, 8, { vector: 0 });
  driver.status = 15;
  const { ram } = machine;
  const request = (type: number, sector: bigint, pieces: readonly number[]): { status: number; len: number } => {
    ram.setUint32(HEAD_AT, type, true);
    ram.setUint32(HEAD_AT + 4, 0, true);
    ram.setBigUint64(HEAD_AT + 8, sector, true);
    ram.setUint8(STATUS_AT, 0xff);
    ring.describe(0, { addr: BigInt(HEAD_AT), len: 16, flags: NEXT, next: 1 });
    let at = DATA_AT;
    for (const [index, len] of pieces.entries()) {
      const flags = NEXT | (type === OUT ? 0 : WRITE);
      ring.describe(index + 1, { addr: BigInt(at), len, flags, next: index + 2 });
      at += 0x1000;
    }
    ring.describe(pieces.length + 1, { addr: BigInt(STATUS_AT), len: 1, flags: WRITE });
    ring.offer(0);
    driver.notify(0);
    return { status: ram.getUint8(STATUS_AT), len: ring.takeUsed()[0]?.len ?? -1 };
  };
  return { machine, driver, ram, request };
}

describe('a disk behind the IOMMU', () => {
  it('says how large it is, and how long its scatter-gather lists may be', () => {
    const { driver } = disk();
    expect([0, 4, 8, 12].map((at) => driver.read(DEVICE_CONFIG + at, 4))).toEqual([2048, 0, 4096, 14]);
  });

  it('gives back what was written, whatever pieces it came in', () => {
    const { ram, request } = disk();
    for (let at = 0; at < SECTOR; at++) ram.setUint8(DATA_AT + at, at & 0xff);
    for (let at = 0; at < SECTOR; at++) ram.setUint8(DATA_AT + 0x1000 + at, 0xee);
    expect(request(OUT, 3n, [SECTOR, SECTOR])).toEqual({ status: 0, len: 1 });
    for (let at = 0; at < SECTOR; at++) ram.setUint8(DATA_AT + at, 0);
    expect(request(IN, 3n, [100, SECTOR - 100])).toEqual({ status: 0, len: SECTOR + 1 });
    expect([ram.getUint8(DATA_AT + 99), ram.getUint8(DATA_AT + 0x1000)]).toEqual([99, 100]);
    request(IN, 4n, [SECTOR]);
    expect(ram.getUint8(DATA_AT)).toBe(0xee);
  });

  it.each([
    ['past its end', IN, 2048n, [SECTOR], 1],
    ['across its end', OUT, 2047n, [2 * SECTOR], 1],
    ['no whole sector', IN, 0n, [100], 1],
    ['no data', IN, 0n, [], 1],
    ['a flush', FLUSH, 0n, [], 0],
    ['a type that it does not know', GET_ID, 0n, [20], 2],
  ])('answers %s with a status of its own', (_what, type, sector, pieces, status) => {
    expect(disk().request(type, sector, pieces).status).toBe(status);
  });
});
