import type { DeviceFault, DeviceFaultName } from '../device-faults.ts';
import type { Access, FaultReason } from '../trace-events.ts';
import {
  Fault,
  VIRTIO_IOMMU_FAULT_F_ADDRESS,
  VIRTIO_IOMMU_FAULT_F_READ,
  VIRTIO_IOMMU_FAULT_F_WRITE,
  VIRTIO_IOMMU_FAULT_R_DOMAIN,
  VIRTIO_IOMMU_FAULT_R_MAPPING,
  VIRTIO_IOMMU_FAULT_R_UNKNOWN,
} from '../wire/iommu.ts';

/** A report for the event queue (5.13.6.9), as bytes and as what these say. */
export interface FaultRecord {
  readonly bytes: Uint8Array;
  readonly reason: number;
  readonly flags: number;
  readonly endpoint: number;
  readonly address: bigint;
  /** Names of the device faults that changed the record, with commas between. */
  readonly fault?: string;
}

const REASONS: Readonly<Record<FaultReason, number>> = {
  UNKNOWN: VIRTIO_IOMMU_FAULT_R_UNKNOWN,
  DOMAIN: VIRTIO_IOMMU_FAULT_R_DOMAIN,
  MAPPING: VIRTIO_IOMMU_FAULT_R_MAPPING,
};

const ACCESS_FLAGS: Readonly<Record<Access, number>> = {
  read: VIRTIO_IOMMU_FAULT_F_READ,
  write: VIRTIO_IOMMU_FAULT_F_WRITE,
};

type FaultCursor = ReturnType<typeof Fault.cursor>;

const GARBAGE = 0xa5;
const UNKNOWN_REASON = 0x42;
/** Bit 2, which drafts called EXEC, and two that never had a name. */
const UNDEFINED_FLAGS = (1 << 2) | (1 << 9) | (1 << 24);

/** What each switch does to a record. */
const ALTERATIONS: Partial<Record<DeviceFaultName, (record: FaultCursor) => void>> = {
  'fault-reserved-nonzero': (record) => {
    record.reserved = GARBAGE;
  },
  'fault-reserved1-nonzero': (record) => {
    record.reserved1 = 0xa5a5a5a5;
  },
  'fault-undefined-flags': (record) => {
    record.flags |= UNDEFINED_FLAGS;
  },
  'fault-unknown-reason': (record) => {
    record.reason = UNKNOWN_REASON;
  },
  // iommu/device/fault/may-omit-address
  'fault-without-address': (record) => {
    record.flags &= ~VIRTIO_IOMMU_FAULT_F_ADDRESS;
    record.address = 0n;
  },
};

/**
 * The report of an access that faulted. Without switches: `iommu/device/fault/reserved-zero`,
 * `iommu/device/fault/undefined-flags-zero`, and the endpoint as given (`iommu/device/fault/valid-endpoint`).
 */
export function faultRecord(
  faults: readonly DeviceFault[],
  reason: FaultReason,
  endpointId: number,
  address: bigint,
  access: Access,
): FaultRecord {
  const bytes = Fault.encode({
    reason: REASONS[reason],
    flags: ACCESS_FLAGS[access] | VIRTIO_IOMMU_FAULT_F_ADDRESS,
    endpoint: endpointId,
    address,
  });
  const record = Fault.over(bytes);
  const applied: string[] = [];
  for (const { name } of faults) {
    const alter = ALTERATIONS[name];
    if (!alter) continue;
    alter(record);
    applied.push(name);
  }
  return {
    bytes,
    reason: record.reason,
    flags: record.flags,
    endpoint: record.endpoint,
    address: record.address,
    ...(applied.length > 0 ? { fault: applied.join(', ') } : {}),
  };
}
