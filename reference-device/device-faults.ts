/**
 * Everything the reference device can be told to do differently, one named switch each.
 * `legal-variation`: the specification allows it. `violation`: a broken device, as met in the field.
 * `hostile`: meant to harm. Without a switch the device obeys every MUST and SHOULD of the specification.
 */
import { DEVICE_MODEL_FAULTS } from './device-model-faults.ts';
import type { IommuName } from './machine-setup.ts';
import type { RequestName } from './trace-events.ts';

export type Legality = 'legal-variation' | 'violation' | 'hostile';

/**
 * What can no longer be told of a driver's requests and accesses while a switch is on, or where it strikes; `cases/world`
 * draws the conclusions. `nothing`: the driver can know all that it has to know.
 */
export type Blur =
  | 'nothing'
  /** Whether there is an IOMMU at all where the platform promises one, for a driver to start. */
  | 'identity'
  /** What has become of the request whose completion names the switch. */
  | 'request'
  /** Where an endpoint is whose ATTACH to another domain was refused. */
  | 'refused-attach'
  /** What is mapped in a domain whose only endpoint was attached to it again. */
  | 'same-domain-attach'
  /** What is mapped where an UNMAP was refused because it would have split a mapping. */
  | 'split-unmap'
  /** Where an endpoint is for which a DETACH named another domain. */
  | 'refused-detach'
  /** Attachments, domains and mappings once the device has been reset. */
  | 'after-reset'
  /** What an endpoint reaches that is in no domain. */
  | 'unattached-access'
  /** Whether the flags of a mapping decide. */
  | 'access-rights'
  /** Which faults the driver hears of, and what of them. */
  | 'fault-reports'
  /** What stands in the descriptors of a request that was answered. */
  | 'descriptors'
  /** Everything behind the used entry that was forged, on a packed ring. */
  | 'used-ring';

interface FaultDescription {
  readonly legality: Legality;
  readonly blurs: Blur;
  /** One sentence: what the device does while the switch is on. */
  readonly says: string;
}

export const DEVICE_FAULTS = {
  ...DEVICE_MODEL_FAULTS,
  'refuse-features-ok': {
    legality: 'legal-variation',
    blurs: 'identity',
    says: 'Clears FEATURES_OK whatever the driver accepted.',
  },
  'refuse-features-ok-without-access-platform': {
    legality: 'legal-variation',
    blurs: 'nothing',
    says: 'Clears FEATURES_OK unless the driver accepted ACCESS_PLATFORM.',
  },
  'status-of-request': {
    legality: 'legal-variation',
    blurs: 'request',
    says: 'Answers the nth request of a type with the given status, and does not carry it out.',
  },
  'zero-used-length': {
    legality: 'legal-variation',
    blurs: 'request',
    says: 'Returns the nth request of a type unwritten, with used length 0.',
  },
  'short-used-length': {
    legality: 'violation',
    blurs: 'request',
    says: 'Carries out and answers the nth request of a type, but reports one byte less than it wrote.',
  },
  'used-length-before-answer': {
    legality: 'violation',
    blurs: 'request',
    says: 'Carries out and answers the nth request of a type, but reports a used length that ends before what counts: 8 for PROBE, 0 else.',
  },
  'long-used-length': {
    legality: 'violation',
    blurs: 'request',
    says: 'Reports a used length 64 bytes longer than the writable part.',
  },
  'withhold-completion': {
    legality: 'legal-variation',
    blurs: 'nothing',
    says: 'Keeps the answer to the nth request of a type until nothing else is left to do.',
  },
  'never-complete': { legality: 'hostile', blurs: 'request', says: 'Never returns the nth request of a type.' },
  'reorder-completions': {
    legality: 'legal-variation',
    blurs: 'nothing',
    says: 'Returns the requests found in one look at the queue, and those whose answers it has withheld, in reverse order.',
  },
  'hold-notifications': {
    legality: 'legal-variation',
    blurs: 'nothing',
    says: 'Puts requests on the used ring, and notifies of all of them at once when nothing else is left to do.',
  },
  'batch-used-entries': {
    legality: 'legal-variation',
    blurs: 'nothing',
    says: 'With VIRTIO_F_IN_ORDER, returns the requests found in one look at the queue by as few used entries as it may.',
  },
  'slow-queue-reset': {
    legality: 'legal-variation',
    blurs: 'nothing',
    says: 'Takes its time over the reset of a queue: queue_reset reads 1 three times before it reads 0.',
  },
  'slow-suspend': {
    legality: 'legal-variation',
    blurs: 'nothing',
    says: 'Takes its time to come to rest and to go on: device_status shows both DRIVER_OK and SUSPEND three times before it is done.',
  },
  'suspend-fails': {
    legality: 'legal-variation',
    blurs: 'nothing',
    says: 'Goes on when it is told to suspend, and sets DEVICE_NEEDS_RESET.',
  },
  'resume-fails': {
    legality: 'legal-variation',
    blurs: 'nothing',
    says: 'Stays suspended when it is told to go on, and sets DEVICE_NEEDS_RESET.',
  },
  'tail-reserved-nonzero': {
    legality: 'violation',
    blurs: 'nothing',
    says: 'Fills the reserved bytes of every tail with 0xa5.',
  },
  'unknown-status': {
    legality: 'violation',
    blurs: 'request',
    says: 'Answers the nth request of a type with status 0x42, which nobody defines.',
  },
  'probe-unknown-property': {
    legality: 'legal-variation',
    blurs: 'nothing',
    says: 'Puts a property of unknown type before the known ones.',
  },
  'probe-reserved-type-bits': {
    legality: 'violation',
    blurs: 'nothing',
    says: 'Adds a RESV_MEM property whose reserved type bits are set, at the given range; the driver has to ignore it.',
  },
  'probe-resv-reserved-nonzero': {
    legality: 'violation',
    blurs: 'nothing',
    says: 'Fills the reserved bytes of every RESV_MEM property.',
  },
  'probe-long-resv-mem': {
    legality: 'legal-variation',
    blurs: 'nothing',
    says: 'Makes the first RESV_MEM property eight bytes longer than this version of the specification knows.',
  },
  'probe-no-terminator': {
    legality: 'legal-variation',
    blurs: 'nothing',
    says: 'Fills the property list to its last byte, so that no empty property ends it.',
  },
  'fault-reserved-nonzero': {
    legality: 'violation',
    blurs: 'fault-reports',
    says: 'Sets the reserved bytes of every fault record.',
  },
  'fault-reserved1-nonzero': {
    legality: 'violation',
    blurs: 'fault-reports',
    says: 'Sets the second reserved field of every fault record.',
  },
  'fault-undefined-flags': {
    legality: 'violation',
    blurs: 'fault-reports',
    says: 'Sets undefined flag bits in every fault record.',
  },
  'fault-unknown-reason': {
    legality: 'violation',
    blurs: 'fault-reports',
    says: 'Gives every fault record a reason that nobody defines.',
  },
  'fault-without-address': {
    legality: 'legal-variation',
    blurs: 'fault-reports',
    says: 'Reports faults without F_ADDRESS and without an address.',
  },
  'late-fault-records': {
    legality: 'legal-variation',
    blurs: 'nothing',
    says: 'Keeps the record of a fault for which there is no event buffer, and writes it the moment that one comes back.',
  },
  'spurious-interrupt': {
    legality: 'legal-variation',
    blurs: 'nothing',
    says: 'Interrupts once more, with nothing new on the used ring, after each completion.',
  },
  'config-changes-while-read': {
    legality: 'legal-variation',
    blurs: 'nothing',
    says: 'Changes input_range between the two halves of its first 64-bit read, and counts the generation up.',
  },
  'bypass-reads-high-bits': { legality: 'violation', blurs: 'nothing', says: 'Presents bits 1-7 of bypass as set.' },
  'offer-foreign-features': {
    legality: 'legal-variation',
    blurs: 'nothing',
    says: 'Offers feature bits that this device type does not define.',
  },
  'suppress-notifications': {
    legality: 'legal-variation',
    blurs: 'nothing',
    says: 'Asks for no notifications from the first request on, until another one lies there without a notification.',
  },
  'misleading-suppression': {
    legality: 'violation',
    blurs: 'nothing',
    says: 'Asks split rings for silence in the field that is not in force: avail_event without EVENT_IDX, used flags with it.',
  },
  'duplicate-used-entry': {
    legality: 'hostile',
    blurs: 'used-ring',
    says: 'Puts the nth request of a type on the used ring twice.',
  },
  'scribbled-descriptors': {
    legality: 'hostile',
    blurs: 'descriptors',
    says: 'Writes over the descriptors of the nth request of a type before it returns it (split ring): each leads back to the first.',
  },
  'foreign-used-id': {
    legality: 'hostile',
    blurs: 'used-ring',
    says: 'Puts an id that was never made available on the used ring, before the real one.',
  },
  'mmio-wrong-magic': {
    legality: 'violation',
    blurs: 'identity',
    says: 'Shows another MagicValue in its MMIO window.',
  },
  'mmio-version-0': {
    legality: 'violation',
    blurs: 'identity',
    says: 'Shows Version 0 in its MMIO window. (Drivers with a legacy interface take a device of version 1.)',
  },
  'mmio-version-256': {
    legality: 'violation',
    blurs: 'identity',
    says: 'Shows Version 256 in its MMIO window. (The next version, 3, may be known to a driver already.)',
  },
  'mmio-device-id-0': {
    legality: 'legal-variation',
    blurs: 'identity',
    says: 'Shows DeviceID 0 in its MMIO window: a placeholder for a device that is not there.',
  },
  'mmio-undefined-interrupt-status': {
    legality: 'violation',
    blurs: 'nothing',
    says: 'Sets undefined bits in InterruptStatus whenever it interrupts.',
  },
  'pci-reserved-cfg-type': {
    legality: 'legal-variation',
    blurs: 'nothing',
    says: 'Lists virtio capabilities of reserved types, which lead nowhere, before, between and behind the real ones.',
  },
  'pci-reserved-bar': {
    legality: 'legal-variation',
    blurs: 'nothing',
    says: 'Lists virtio capabilities with reserved bar values before, between and behind the real ones.',
  },
  'pci-second-instances': {
    legality: 'legal-variation',
    blurs: 'nothing',
    says: 'Offers every register structure twice, the better place first.',
  },
  'pci-larger-cap-len': {
    legality: 'legal-variation',
    blurs: 'nothing',
    says: 'Makes every virtio capability eight bytes longer than this version of the specification knows.',
  },
  'pci-large-length': {
    legality: 'legal-variation',
    blurs: 'nothing',
    says: 'Gives every register structure a length of up to 16 KiB.',
  },
  'pci-structures-moved': {
    legality: 'legal-variation',
    blurs: 'nothing',
    says: 'Puts the register structures to other places, and lists them in another order behind a capability of another kind.',
  },
  'pci-no-virtio-capabilities': {
    legality: 'violation',
    blurs: 'identity',
    says: 'Lists no virtio capability at all, as a legacy device does.',
  },
  'pci-vendor-capability': {
    legality: 'legal-variation',
    blurs: 'nothing',
    says: 'Lists a Vendor data capability of a foreign vendor, the data of which can be written.',
  },
  'pci-other-type': {
    legality: 'legal-variation',
    blurs: 'identity',
    says: 'Has the PCI Device ID of a memory balloon, where the platform description promises an IOMMU.',
  },
  'pci-other-vendor': {
    legality: 'legal-variation',
    blurs: 'identity',
    says: 'Has the PCI Vendor ID of somebody else, where the platform description promises an IOMMU.',
  },
  'pci-revision-0': { legality: 'legal-variation', blurs: 'nothing', says: 'Has PCI Revision ID 0.' },
  'pci-revision-255': { legality: 'legal-variation', blurs: 'nothing', says: 'Has PCI Revision ID 255.' },
  'pci-virtual-functions': {
    legality: 'legal-variation',
    blurs: 'nothing',
    says: 'Has an SR-IOV capability in extended configuration space, with four virtual functions that are not enabled.',
  },
  'pci-bars-silent': {
    legality: 'legal-variation',
    blurs: 'nothing',
    says: 'Answers no access to its BARs, as where the platform had no addresses for them; PCI_CFG still leads to what lies there.',
  },
  'empty-events': { legality: 'violation', blurs: 'fault-reports', says: 'Returns event buffers with used length 0.' },
} as const satisfies Record<string, FaultDescription>;

export type DeviceFaultName = keyof typeof DEVICE_FAULTS;

/** Whether a driver that has looked at the PCI function once would find it otherwise: capabilities, identity, BARs. */
export const changesPciFunction = (name: DeviceFaultName): boolean => name.startsWith('pci-');

/** One switch that is on. Parameters that a fault does not name are ignored. */
export interface DeviceFault {
  readonly name: DeviceFaultName;
  /** The IOMMU that does it; every one, each on its own account, if left out. */
  readonly device?: IommuName;
  /** Which type of request is meant; any if left out. */
  readonly request?: RequestName;
  /** Which of those requests, or for `fault-…` which of the reports, from 1 on; every one if left out. */
  readonly nth?: number;
  /** Only requests that the driver sends while it is asked for this verb; `nth` then counts these. At any time if left out. */
  readonly during?: string;
  /** ID of the endpoint whose property list is meant, for `probe-…`; every one's if left out. */
  readonly endpoint?: number;
  readonly status?: number;
  readonly range?: { readonly start: bigint; readonly end: bigint };
}
