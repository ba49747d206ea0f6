/** Structures and numbers of the virtio-iommu device as 5.13 lists them, in its spelling. */
import { bitsOfLe16, layout, le16, le32, le64, reserved, u8 } from './layout.ts';

/** Device ID (5.13.1). */
export const VIRTIO_ID_IOMMU = 23;

/** Virtqueues (5.13.2). */
export const REQUESTQ = 0;
export const EVENTQ = 1;

// Request types (5.13.6)
export const VIRTIO_IOMMU_T_ATTACH = 1;
export const VIRTIO_IOMMU_T_DETACH = 2;
export const VIRTIO_IOMMU_T_MAP = 3;
export const VIRTIO_IOMMU_T_UNMAP = 4;
export const VIRTIO_IOMMU_T_PROBE = 5;

// Status codes (5.13.6)
export const VIRTIO_IOMMU_S_OK = 0;
export const VIRTIO_IOMMU_S_IOERR = 1;
export const VIRTIO_IOMMU_S_UNSUPP = 2;
export const VIRTIO_IOMMU_S_DEVERR = 3;
export const VIRTIO_IOMMU_S_INVAL = 4;
export const VIRTIO_IOMMU_S_RANGE = 5;
export const VIRTIO_IOMMU_S_NOENT = 6;
export const VIRTIO_IOMMU_S_FAULT = 7;
export const VIRTIO_IOMMU_S_NOMEM = 8;

/** Flag of an ATTACH request (5.13.6.3). */
export const VIRTIO_IOMMU_ATTACH_F_BYPASS = 1 << 0;

// Flags of a MAP request (5.13.6.5)
export const VIRTIO_IOMMU_MAP_F_READ = 1 << 0;
export const VIRTIO_IOMMU_MAP_F_WRITE = 1 << 1;
export const VIRTIO_IOMMU_MAP_F_MMIO = 1 << 2;

/** Type of a property (5.13.6.8). Type 0 is the empty property, which ends the list. */
export const VIRTIO_IOMMU_PROBE_T_RESV_MEM = 1;

// Subtypes of RESV_MEM (5.13.6.8.1)
export const VIRTIO_IOMMU_RESV_MEM_T_RESERVED = 0;
export const VIRTIO_IOMMU_RESV_MEM_T_MSI = 1;

// Reasons and flags of a fault report (5.13.6.9)
export const VIRTIO_IOMMU_FAULT_R_UNKNOWN = 0;
export const VIRTIO_IOMMU_FAULT_R_DOMAIN = 1;
export const VIRTIO_IOMMU_FAULT_R_MAPPING = 2;
export const VIRTIO_IOMMU_FAULT_F_READ = 1 << 0;
export const VIRTIO_IOMMU_FAULT_F_WRITE = 1 << 1;
export const VIRTIO_IOMMU_FAULT_F_ADDRESS = 1 << 8;

/** Device configuration (5.13.4). `reserved` counts as part of the structure since BYPASS_CONFIG. */
export const Config = layout('virtio_iommu_config', {
  page_size_mask: le64,
  input_range_start: le64,
  input_range_end: le64,
  domain_range_start: le32,
  domain_range_end: le32,
  probe_size: le32,
  bypass: u8,
  reserved: reserved(3),
});

export const ReqHead = layout('virtio_iommu_req_head', { type: u8, reserved: reserved(3) });

export const ReqTail = layout('virtio_iommu_req_tail', { status: u8, reserved: reserved(3) });

// The device-readable parts of the requests, heads included; the writable part is the tail, for PROBE behind the properties.

export const ReqAttach = layout('virtio_iommu_req_attach', {
  type: u8,
  head_reserved: reserved(3),
  domain: le32,
  endpoint: le32,
  flags: le32,
  reserved: reserved(4),
});

export const ReqDetach = layout('virtio_iommu_req_detach', {
  type: u8,
  head_reserved: reserved(3),
  domain: le32,
  endpoint: le32,
  reserved: reserved(8),
});

export const ReqMap = layout('virtio_iommu_req_map', {
  type: u8,
  head_reserved: reserved(3),
  domain: le32,
  virt_start: le64,
  virt_end: le64,
  phys_start: le64,
  flags: le32,
});

export const ReqUnmap = layout('virtio_iommu_req_unmap', {
  type: u8,
  head_reserved: reserved(3),
  domain: le32,
  virt_start: le64,
  virt_end: le64,
  reserved: reserved(4),
});

export const ReqProbe = layout('virtio_iommu_req_probe', {
  type: u8,
  head_reserved: reserved(3),
  endpoint: le32,
  reserved: reserved(64),
});

/** Header of a property (5.13.6.7). `length` counts the bytes behind it. */
export const ProbeProperty = layout('virtio_iommu_probe_property', {
  type: bitsOfLe16(0, 12),
  reserved: bitsOfLe16(12, 4),
  length: le16,
});

/** A RESV_MEM property with its header (5.13.6.8.1). `end` is inclusive. */
export const ProbeResvMem = layout('virtio_iommu_probe_resv_mem', {
  type: bitsOfLe16(0, 12),
  head_reserved: bitsOfLe16(12, 4),
  length: le16,
  subtype: u8,
  reserved: reserved(3),
  start: le64,
  end: le64,
});

/** A report on the event queue (5.13.6.9). */
export const Fault = layout('virtio_iommu_fault', {
  reason: u8,
  reserved: reserved(3),
  flags: le32,
  endpoint: le32,
  reserved1: le32,
  address: le64,
});
