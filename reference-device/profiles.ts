/**
 * Named ways to be a virtio-iommu device. `spec` is what every case is written against; another profile fills in what a
 * case leaves open. The four device models are as read from their sources in 2026. VERSION_1 is offered throughout:
 * these devices sit on modern transports here.
 */
import { DEVICE_FAULTS, type DeviceFault, type DeviceFaultName, type Legality } from './device-faults.ts';
import type { IommuConfig, ResvMem } from './machine-setup.ts';
import type { FeatureName } from './wire/features.ts';

export interface Profile {
  /** One sentence: who is like this. */
  readonly says: string;
  /** What the device offers. Left out, here and below: as with `spec`. */
  readonly features?: readonly FeatureName[];
  /** What it offers beside that. */
  readonly alsoOffers?: readonly FeatureName[];
  readonly config?: Partial<IommuConfig>;
  readonly queueSizes?: readonly [number, number];
  /** What PROBE reports of every endpoint. */
  readonly resvMem?: readonly ResvMem[];
  readonly faults: readonly (DeviceFaultName | DeviceFault)[];
}

/** x86's interrupt window, which every x86 device model reports. */
const MSI_WINDOW: ResvMem = { subtype: 1, start: 0xfee0_0000n, end: 0xfeef_ffffn };

const AWKWARD_LEGAL: Profile = {
  says: 'Does everything unusual that the specification allows, or tells drivers to put up with.',
  config: {
    // 4 KiB, 2 MiB and 1 GiB, and a bit that no page can have: all but the lowest are hints.
    page_size_mask: 0x8000_0000_4020_1000n,
    input_range: { start: 0x1000n, end: 0xff_ffff_e7ffn },
    domain_range: { start: 7, end: 0xffff_fff3 },
    probe_size: 1237,
  },
  queueSizes: [128, 16],
  resvMem: [
    MSI_WINDOW,
    { subtype: 0, start: 0x8000_0000n, end: 0x8000_0fffn },
    { subtype: 0x7f, start: 0xf0_0000_0001n, end: 0xf0_0000_2345n },
  ],
  faults: [
    { name: 'withhold-completion', request: 'UNMAP', nth: 2 },
    { name: 'withhold-completion', request: 'MAP', nth: 3 },
    'reorder-completions',
    'batch-used-entries',
    'slow-queue-reset',
    'spurious-interrupt',
    'suppress-notifications',
    'offer-foreign-features',
    'probe-unknown-property',
    'probe-long-resv-mem',
    'probe-no-terminator',
    'probe-resv-reserved-nonzero',
    'tail-reserved-nonzero',
    'fault-without-address',
    'fault-reserved1-nonzero',
    'fault-undefined-flags',
    'fault-unknown-reason',
    'write-implies-read',
    'detach-from-any-domain',
  ],
};

export const PROFILES = {
  spec: { says: 'Does what the specification says, and nothing unusual.', faults: [] },
  'awkward-legal': AWKWARD_LEGAL,
  packed: {
    says: 'Does what the specification says, and offers packed virtqueues.',
    alsoOffers: ['VIRTIO_F_RING_PACKED'],
    faults: [],
  },
  'large-pages': {
    says: 'Maps nothing smaller than 64 KiB, which a driver with smaller pages may refuse, where no case names addresses.',
    config: { page_size_mask: 0x4020_0001_0000n },
    faults: [],
  },
  qemu: {
    says: "Is like QEMU's virtio-iommu on an x86 machine (9.0 and later).",
    features: [
      'VIRTIO_F_VERSION_1',
      'VIRTIO_F_EVENT_IDX',
      'VIRTIO_F_INDIRECT_DESC',
      'VIRTIO_IOMMU_F_INPUT_RANGE',
      'VIRTIO_IOMMU_F_DOMAIN_RANGE',
      'VIRTIO_IOMMU_F_MAP_UNMAP',
      'VIRTIO_IOMMU_F_PROBE',
      'VIRTIO_IOMMU_F_MMIO',
      'VIRTIO_IOMMU_F_BYPASS_CONFIG',
    ],
    config: {
      page_size_mask: 0xffff_ffff_ffff_f000n,
      input_range: { start: 0n, end: 0x7f_ffff_ffffn },
      domain_range: { start: 0, end: 0xffff_ffff },
      probe_size: 512,
      bypass: 1,
    },
    queueSizes: [256, 256],
    faults: [
      'unknown-type-unsupp',
      'attach-reserved-ignored',
      'reattach-begins-anew',
      'refused-attach-detaches',
      'map-misaligned-accepted',
      'map-outside-input-range-accepted',
      'map-over-resv-mem-accepted',
      'unmap-split-removes-earlier',
    ],
  },
  crosvm: {
    says: "Is like crosvm's virtio-iommu on x86, which answers late while memory is exported.",
    features: [
      'VIRTIO_F_VERSION_1',
      'VIRTIO_IOMMU_F_INPUT_RANGE',
      'VIRTIO_IOMMU_F_MAP_UNMAP',
      'VIRTIO_IOMMU_F_PROBE',
      'VIRTIO_IOMMU_F_MMIO',
    ],
    config: { page_size_mask: 0xffff_ffff_ffff_f000n, probe_size: 24 },
    queueSizes: [256, 256],
    resvMem: [MSI_WINDOW],
    faults: [
      { name: 'withhold-completion', request: 'UNMAP' },
      'probe-tail-at-end',
      'reattach-begins-anew',
      'detach-from-any-domain',
      'map-last-address-unwritten',
      'map-outside-input-range-accepted',
      'map-over-resv-mem-accepted',
      'write-implies-read',
      'no-fault-reports',
      'reset-keeps-state',
    ],
  },
  'cloud-hypervisor': {
    says: "Is like cloud-hypervisor's virtio-iommu (2026), which counts no byte of an error's answer.",
    features: [
      'VIRTIO_F_VERSION_1',
      'VIRTIO_IOMMU_F_MAP_UNMAP',
      'VIRTIO_IOMMU_F_PROBE',
      'VIRTIO_IOMMU_F_BYPASS_CONFIG',
    ],
    config: { page_size_mask: 0x20_1000n, probe_size: 24, bypass: 0 },
    queueSizes: [256, 256],
    resvMem: [MSI_WINDOW],
    faults: [
      'error-used-length-zero',
      'refuses-split-framing',
      'probe-unknown-endpoint-ok',
      'attach-unknown-endpoint-ok',
      'detach-from-any-domain',
      'map-last-address-refused',
      'map-over-resv-mem-accepted',
      'access-rights-ignored',
      'no-fault-reports',
      'bypass-acts-until-written',
      'reset-keeps-state',
    ],
  },
  kvmtool: {
    says: "Is like kvmtool's virtio-iommu, the first one, which was never merged.",
    features: [
      'VIRTIO_F_VERSION_1',
      'VIRTIO_F_EVENT_IDX',
      'VIRTIO_F_INDIRECT_DESC',
      'VIRTIO_IOMMU_F_INPUT_RANGE',
      'VIRTIO_IOMMU_F_MAP_UNMAP',
      'VIRTIO_IOMMU_F_PROBE',
      'VIRTIO_IOMMU_F_MMIO',
    ],
    config: { page_size_mask: 0xffff_ffff_ffff_f000n, probe_size: 180 },
    resvMem: [MSI_WINDOW],
    faults: [
      'probe-tail-at-end',
      'failed-probe-tail-only',
      'reattach-refused',
      'refused-attach-detaches',
      'detach-reserved-refused',
      'truncated-fault-reports',
    ],
  },
} as const satisfies Record<string, Profile>;

export type ProfileName = keyof typeof PROFILES;

/** Whether `name` is a profile. */
export const isProfileName = (name: string): name is ProfileName => Object.hasOwn(PROFILES, name);

/** The switches of a profile, each as an object. */
export const faultsOf = (profile: Profile): DeviceFault[] =>
  profile.faults.map((fault) => (typeof fault === 'string' ? { name: fault } : fault));

/** Switches that no device may have on, but that a driver has to put up with, and the demand on the driver. */
export const TO_BE_IGNORED: Readonly<Partial<Record<DeviceFaultName, string>>> = {
  'tail-reserved-nonzero': 'iommu/driver/ops/ignore-tail-reserved',
  'probe-resv-reserved-nonzero': 'iommu/driver/resv-mem/ignore-reserved',
  'fault-reserved1-nonzero': 'iommu/driver/fault/ignore-reserved1',
  'fault-undefined-flags': 'iommu/driver/fault/ignore-undefined-flags',
  'fault-unknown-reason': 'iommu/driver/fault/unknown-reason-as-unknown',
};

const WORST_FIRST: readonly Legality[] = ['hostile', 'violation', 'legal-variation'];

/** The worst that a profile does; what a driver has to put up with counts as allowed. */
export function legalityOf(profile: Profile): Legality {
  const found = new Set(
    faultsOf(profile)
      .filter(({ name }) => TO_BE_IGNORED[name] === undefined)
      .map(({ name }) => DEVICE_FAULTS[name].legality),
  );
  return WORST_FIRST.find((legality) => found.has(legality)) ?? 'legal-variation';
}
