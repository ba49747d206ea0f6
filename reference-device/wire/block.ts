/** Structures and numbers of the virtio block device as 5.2 lists them, in its spelling; what the reference device uses. */
import { layout, le32, le64 } from './layout.ts';

// Feature bits (5.2.3)
export const VIRTIO_BLK_F_SIZE_MAX = 1;
export const VIRTIO_BLK_F_SEG_MAX = 2;
export const VIRTIO_BLK_F_FLUSH = 9;

/** Device configuration up to the last field in use (5.2.4). */
export const BlockConfig = layout('virtio_blk_config', { capacity: le64, size_max: le32, seg_max: le32 });

/** What a request begins with (5.2.6). Data follow, and the status byte comes last. */
export const BlockRequestHead = layout('virtio_blk_req', { type: le32, reserved: le32, sector: le64 });

// Request types (5.2.6)
export const VIRTIO_BLK_T_IN = 0;
export const VIRTIO_BLK_T_OUT = 1;
export const VIRTIO_BLK_T_FLUSH = 4;

// Status (5.2.6)
export const VIRTIO_BLK_S_OK = 0;
export const VIRTIO_BLK_S_IOERR = 1;
export const VIRTIO_BLK_S_UNSUPP = 2;

/** Bytes of a sector, whatever the block size (5.2.4). */
export const SECTOR_BYTES = 512;
