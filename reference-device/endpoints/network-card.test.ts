import { describe, expect, it } from 'vitest';
import { TinyMachine, VERSION_1 } from '../machine/fixtures/tiny-machine.ts';
import type { TinyDriver } from '../transport/fixtures/tiny-driver.ts';
import { DEVICE_CONFIG } from '../transport/fixtures/tiny-driver.ts';
import { type TinyRing, WRITE } from '../virtqueue/fixtures/tiny-ring.ts';

const MERGEABLE = 1n << 15n;
const RING_RESET = 1n << 40n;
const RECEIVE = 0;
const TRANSMIT = 1;
const SENT_AT = 0xb000;
const RECEIVED_AT = 0xc000;
/** Bytes between two receive buffers. */
const APART = 0x100;
const HEADER = 12;

const CARD = [2, 0x76, 0x69, 0x6f, 0x6d, 0x75];
const STATION = [2, 0, 0, 0, 0, 1];

const frame = (etherType: readonly number[], payload: number): number[] => [
  ...STATION,
  ...CARD,
  ...etherType,
  ...Array.from({ length: payload }, (_, at) => at & 0xff),
];
const ECHOED = [0x88, 0xb5];

interface Running {
  readonly machine: TinyMachine;
  readonly driver: TinyDriver;
  readonly receive: TinyRing;
  /** Sends a frame behind an empty header. */
  readonly send: (bytes: readonly number[]) => void;
  /** Gives the card a buffer of `len` bytes for receiving. */
  readonly post: (index: number, len: number) => void;
  readonly received: (index: number, len: number) => number[];
}

/** A card whose driver uses addresses as they are. */
function running(accepted = 0n): Running {
  const machine = new TinyMachine({ slots: ['net'], topology: 'net', endpointFeatures: ['VIRTIO_F_RING_RESET'] });
  machine.start();
  const driver = machine.driver('net');
  driver.negotiate(VERSION_1 | accepted);
  const receive = driver.queue(RECEIVE, 0x9000, 8, { vector: 0 });
  const transmit = driver.queue(TRANSMIT, 0xa000, 8, { vector: 1 });
  driver.status = 15;
  const bytes = new Uint8Array(machine.ram.buffer);
  return {
    machine,
    driver,
    receive,
    send: (sent) => {
      bytes.fill(0, SENT_AT, SENT_AT + HEADER);
      bytes.set(sent, SENT_AT + HEADER);
      transmit.describe(0, { addr: BigInt(SENT_AT), len: HEADER + sent.length, flags: 0 });
      transmit.offer(0);
      driver.notify(TRANSMIT);
      expect(transmit.takeUsed()).toEqual([{ id: 0, len: 0 }]);
    },
    post: (index, len) => {
      receive.describe(index, { addr: BigInt(RECEIVED_AT + APART * index), len, flags: WRITE });
      receive.offer(index);
      driver.notify(RECEIVE);
    },
    received: (index, len) => [...bytes.subarray(RECEIVED_AT + APART * index, RECEIVED_AT + APART * index + len)],
  };
}

describe('a network card behind the IOMMU', () => {
  it('says its address, and that it has other functions beside it', () => {
    const { driver } = running();
    expect(CARD.map((_, at) => driver.read(DEVICE_CONFIG + at, 1))).toEqual(CARD);
    expect(driver.config(0x0e, 1)).toBe(0x80);
  });

  it('answers a frame of its EtherType with the same frame, addresses changed over', () => {
    const { receive, send, post, received, machine } = running();
    post(0, 80);
    send(frame(ECHOED, 40));
    expect(receive.takeUsed()).toEqual([{ id: 0, len: HEADER + 54 }]);
    const payload = frame(ECHOED, 40).slice(12);
    expect(received(0, HEADER + 54)).toEqual([...Array(10).fill(0), 1, 0, ...CARD, ...STATION, ...payload]);
    expect(machine.fired.get('net')).toEqual([0, 1]);
  });

  it.each([
    ['of another EtherType', frame([0x08, 0x00], 40)],
    ['too short for an EtherType', frame([], 0)],
  ])('takes no notice of a frame %s', (_what, sent) => {
    const { receive, send, post } = running();
    post(0, 80);
    send(sent);
    expect(receive.takeUsed()).toEqual([]);
  });

  it('keeps a frame until there is a buffer for it', () => {
    const { receive, send, post } = running();
    send(frame(ECHOED, 0));
    expect(receive.takeUsed()).toEqual([]);
    post(0, 80);
    expect(receive.takeUsed()).toEqual([{ id: 0, len: HEADER + 14 }]);
  });

  it('spreads a frame over buffers that may be merged, and says how many', () => {
    const { receive, send, post, received } = running(MERGEABLE);
    post(0, 20);
    post(1, 20);
    send(frame(ECHOED, 20));
    expect(receive.takeUsed()).toEqual([]);
    post(2, 20);
    expect(receive.takeUsed()).toEqual([
      { id: 0, len: 20 },
      { id: 1, len: 20 },
      { id: 2, len: 6 },
    ]);
    expect(received(0, 20).slice(10)).toEqual([3, 0, ...CARD, ...STATION.slice(0, 2)]);
    expect(received(2, 6)).toEqual([14, 15, 16, 17, 18, 19]);
  });

  it('cuts a frame off that does not fit into its one buffer', () => {
    const { receive, send, post } = running();
    post(0, 20);
    send(frame(ECHOED, 20));
    expect(receive.takeUsed()).toEqual([{ id: 0, len: 20 }]);
  });

  it('has given everything back once a queue has been reset', () => {
    const { machine, driver, post, send, receive } = running(RING_RESET);
    post(0, 80);
    expect(machine.events('returned')).toEqual([]);
    driver.write(22, 2, RECEIVE);
    driver.write(58, 2, 1);
    const returned = machine.events('returned').map(({ address }) => Number(address));
    expect(returned).toEqual([RECEIVED_AT, receive.desc, receive.avail, receive.used]);
    send(frame(ECHOED, 0));
    expect(receive.takeUsed()).toEqual([]);
  });
});
