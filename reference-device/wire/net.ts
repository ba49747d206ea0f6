/** Structures and numbers of the virtio network device as 5.1 lists them, in its spelling; what the reference device uses. */
import { layout, le16, u8 } from './layout.ts';

// Feature bits (5.1.3)
export const VIRTIO_NET_F_CSUM = 0;
export const VIRTIO_NET_F_MAC = 5;
export const VIRTIO_NET_F_MRG_RXBUF = 15;

/** What comes before every frame in either direction (5.1.6). */
export const NetHeader = layout('virtio_net_hdr', {
  flags: u8,
  gso_type: u8,
  hdr_len: le16,
  gso_size: le16,
  csum_start: le16,
  csum_offset: le16,
  num_buffers: le16,
});

// Queues (5.1.2)
export const RECEIVEQ1 = 0;
export const TRANSMITQ1 = 1;

/** Bytes of a hardware address: all that stands in the device configuration up to the last field in use (5.1.4). */
export const MAC_BYTES = 6;
