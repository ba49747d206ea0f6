import type { DeviceFault } from '../../reference-device/device-faults.ts';
import type {
  EndpointSetup,
  IommuConfig,
  IommuName,
  IommuSetup,
  MachineSetup,
  ResvMem,
  SlotName,
  TopologyName,
} from '../../reference-device/machine-setup.ts';
import { faultsOf, PROFILES, type Profile, type ProfileName } from '../../reference-device/profiles.ts';
import { isExperimental, TOPOLOGIES } from '../../reference-device/topology/topologies.ts';
import type { FeatureName, Given, Needs } from './vocabulary.ts';

/** x86's interrupt window, reported as an MSI region as every x86 device model does. */
const MSI_WINDOW: ResvMem = { subtype: 1, start: 0xfee0_0000n, end: 0xfeef_ffffn };

const DEFAULT_ENDPOINT: Omit<EndpointSetup, 'slot'> = {
  features: ['VIRTIO_F_VERSION_1', 'VIRTIO_F_ACCESS_PLATFORM', 'VIRTIO_F_EVENT_IDX', 'VIRTIO_F_INDIRECT_DESC'],
  resvMem: [MSI_WINDOW],
  insistsOnAccessPlatform: false,
};

/** What any case gets that does not say otherwise. */
export const DEFAULT_FEATURES: readonly FeatureName[] = [
  'VIRTIO_F_VERSION_1',
  'VIRTIO_F_EVENT_IDX',
  'VIRTIO_F_INDIRECT_DESC',
  'VIRTIO_IOMMU_F_INPUT_RANGE',
  'VIRTIO_IOMMU_F_DOMAIN_RANGE',
  'VIRTIO_IOMMU_F_MAP_UNMAP',
  'VIRTIO_IOMMU_F_PROBE',
  'VIRTIO_IOMMU_F_MMIO',
  'VIRTIO_IOMMU_F_BYPASS_CONFIG',
];

/** Features that decide how rings are laid out, and how they are notified. */
const RING_FEATURES: readonly FeatureName[] = [
  'VIRTIO_F_RING_PACKED',
  'VIRTIO_F_EVENT_IDX',
  'VIRTIO_F_INDIRECT_DESC',
  'VIRTIO_F_IN_ORDER',
  'VIRTIO_F_NOTIFICATION_DATA',
  'VIRTIO_F_NOTIF_CONFIG_DATA',
];

/** For the `given` of a case about rings: of the features that decide of them the device offers these alone. */
export const ringsWith = (features: readonly FeatureName[]): Required<Pick<Given, 'offers' | 'withholds'>> => ({
  withholds: RING_FEATURES,
  offers: features,
});

const DEFAULT_CONFIG: IommuConfig = {
  page_size_mask: 0xffff_ffff_ffff_f000n,
  input_range: { start: 0n, end: 0xffff_ffff_ffffn },
  domain_range: { start: 1, end: 0xffff },
  probe_size: 512,
  bypass: 0,
};

/** Where other IOMMUs differ from the first, so that a driver which takes the one's configuration for the other's shows. */
const OTHER_CONFIGS: Readonly<Record<Exclude<IommuName, 'iommu'>, Partial<IommuConfig>>> = {
  iommu2: { domain_range: { start: 0x1_0000, end: 0x1_ffff }, probe_size: 256 },
  iommu3: { domain_range: { start: 0x2_0000, end: 0x2_ffff }, probe_size: 128 },
};

/**
 * The machine that a case's `given` describes, with every gap filled as `profileName` has it. What the case has chosen
 * itself always stands; switches of the profile come on top of the case's own. `needs` are the case's.
 */
export function machineOf(given: Given, profileName: ProfileName = 'spec', needs: Needs = {}): MachineSetup {
  const profile = fitted(PROFILES[profileName], needs);
  const endpoints: { readonly [S in SlotName]?: Partial<Omit<EndpointSetup, 'slot'>> } = given.endpoints ?? {
    rng: {},
    dma: {},
  };
  const topology = given.topology ?? 'plain';
  return {
    iommu: iommuOf(given, profile),
    moreIommus: moreIommusOf(given, topology, profile),
    endpoints: (Object.entries(endpoints) as [SlotName, Partial<Omit<EndpointSetup, 'slot'>>][]).map(
      ([slot, special]) => endpointOf(slot, { ...(profile.resvMem && { resvMem: profile.resvMem }), ...special }),
    ),
    topology,
    ...(given.oddities === undefined ? {} : { oddities: given.oddities }),
    faults: switchesOf(given, profile),
    ...(given.doorbell === undefined ? {} : { doorbell: given.doorbell }),
  };
}

/** The endpoint in `slot` with what is special about it. */
export const endpointOf = (slot: SlotName, special: Partial<Omit<EndpointSetup, 'slot'>>): EndpointSetup => ({
  ...DEFAULT_ENDPOINT,
  ...special,
  slot,
});

/** What cases count in. */
const PAGE_SIZE = 0x1000n;

/** Where a case names addresses itself, it names multiples of 4 KiB: there a larger granule is no matter of the profile. */
function fitted(profile: Profile, { verbs = [] }: Needs): Profile {
  const { page_size_mask = DEFAULT_CONFIG.page_size_mask } = profile.config ?? {};
  const fits = (page_size_mask & -page_size_mask) <= PAGE_SIZE || !verbs.includes('map');
  return fits ? profile : { ...profile, config: { ...profile.config, page_size_mask: DEFAULT_CONFIG.page_size_mask } };
}

const iommuOf = (given: Given, profile: Profile): IommuSetup => ({
  features: given.features ?? featuresOf(given, profile),
  foreignFeatureBits: given.foreignFeatureBits ?? [],
  config: configOf(given, profile),
  queueSizes: given.queueSizes ?? profile.queueSizes ?? [256, 64],
  ...(given.configLength === undefined ? {} : { configLength: given.configLength }),
  ...(given.vectors === undefined ? {} : { vectors: given.vectors }),
  ...(given.capabilities === undefined ? {} : { capabilities: given.capabilities }),
});

function moreIommusOf(given: Given, topology: TopologyName, profile: Profile): NonNullable<MachineSetup['moreIommus']> {
  const others = TOPOLOGIES[topology].iommus.map(({ name }) => name).filter((name) => name !== 'iommu');
  return Object.fromEntries(
    others.map((name) => {
      const own = given.moreIommus?.[name];
      const setup = iommuOf({ ...given, config: {}, ...own }, profile);
      return [name, { ...setup, config: { ...setup.config, ...OTHER_CONFIGS[name], ...own?.config } }];
    }),
  );
}

/** Where the field bypass ends in the configuration. */
const BYPASS_END = 37;

/** The feature bit by which a field of the configuration is in force. */
const FEATURE_OF_FIELD = {
  input_range: 'VIRTIO_IOMMU_F_INPUT_RANGE',
  domain_range: 'VIRTIO_IOMMU_F_DOMAIN_RANGE',
  probe_size: 'VIRTIO_IOMMU_F_PROBE',
  bypass: 'VIRTIO_IOMMU_F_BYPASS_CONFIG',
} as const satisfies { readonly [F in keyof IommuConfig]?: FeatureName };

/** A case that chooses a field of the configuration has to see it in force. */
function featuresOf(given: Given, profile: Profile): readonly FeatureName[] {
  const offered = new Set<FeatureName>([...(profile.features ?? DEFAULT_FEATURES), ...(profile.alsoOffers ?? [])]);
  for (const [field, feature] of Object.entries(FEATURE_OF_FIELD)) {
    if (given.config && field in given.config) offered.add(feature);
  }
  for (const feature of given.withholds ?? []) offered.delete(feature);
  for (const feature of given.offers ?? []) offered.add(feature);
  // There its bit has another meaning.
  const isOther = isExperimental(given.topology ?? 'plain');
  if (isOther || (given.configLength ?? BYPASS_END) < BYPASS_END) offered.delete('VIRTIO_IOMMU_F_BYPASS_CONFIG');
  return [...offered];
}

function configOf(given: Given, profile: Profile): IommuConfig {
  const config = { ...DEFAULT_CONFIG, ...profile.config, ...given.config };
  // A case that is about the property list needs a place for it.
  const hasOwnList =
    Object.values(given.endpoints ?? {}).some(({ resvMem, otherProperties }) => resvMem ?? otherProperties) ||
    ownSwitches(given).some(({ name }) => name.startsWith('probe-'));
  if (!hasOwnList || given.config?.probe_size !== undefined) return config;
  return { ...config, probe_size: DEFAULT_CONFIG.probe_size };
}

const ownSwitches = ({ faults = [] }: Given): DeviceFault[] =>
  faults.map((fault) => (typeof fault === 'string' ? { name: fault } : fault));

function switchesOf(given: Given, profile: Profile): DeviceFault[] {
  const own = ownSwitches(given);
  const chosen = new Set(own.map(({ name }) => name));
  // The hidden bypass is no answer to a case that says what bypass holds.
  if (given.config?.bypass !== undefined) chosen.add('bypass-acts-until-written');
  return [...own, ...faultsOf(profile).filter(({ name }) => !chosen.has(name))];
}
