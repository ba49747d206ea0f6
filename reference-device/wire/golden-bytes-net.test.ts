/** Bytes of the network device's structures and its numbers, written down by hand from the listings of 5.1. */
import { expect, test } from 'vitest';
import * as wire from './net.ts';

test('virtio_net_hdr has twelve bytes, num_buffers last', () => {
  const bytes = wire.NetHeader.encode({
    flags: 1,
    gso_type: 2,
    hdr_len: 0x0403,
    gso_size: 0x0605,
    csum_start: 0x0807,
    csum_offset: 0x0a09,
    num_buffers: 0x0c0b,
  });
  expect(Buffer.from(bytes).toString('hex')).toBe('0102030405060708090a0b0c');
});

test('numbers are those of the listings', () => {
  expect([wire.VIRTIO_NET_F_CSUM, wire.VIRTIO_NET_F_MAC, wire.VIRTIO_NET_F_MRG_RXBUF]).toEqual([0, 5, 15]);
  expect([wire.RECEIVEQ1, wire.TRANSMITQ1, wire.MAC_BYTES]).toEqual([0, 1, 6]);
});
