import type { EventOf, TraceEvent } from '../../reference-device/trace-events.ts';

const VF_ENABLE = 1n;
/** SR-IOV Control, the extended capability being the first. */
const SR_IOV_CONTROL = 0x108;

/** Whether the driver enables the virtual functions of an IOMMU that has some. */
export const enablesVirtualFunctions = (event: TraceEvent): event is EventOf<'register-write'> =>
  event.kind === 'register-write' &&
  event.device === 'iommu' &&
  event.structure === 'pci-config' &&
  event.offset === SR_IOV_CONTROL &&
  (event.value & VF_ENABLE) !== 0n;
