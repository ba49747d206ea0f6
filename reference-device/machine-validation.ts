/** What no machine may be: what the specification and the formats of descriptions rule out, and what this device cannot be. */
import { counted } from './counted.ts';
import { DEVICE_FAULTS } from './device-faults.ts';
import {
  DOORBELL_RANGE,
  type EndpointSetup,
  type FunctionShape,
  type IommuConfig,
  type IommuSetup,
  isPciSlot,
  isWindowSlot,
  type MachineSetup,
  type OtherProperty,
  type ResvMem,
} from './machine-setup.ts';
import { DESCRIPTION_ODDITIES } from './topology/oddities.ts';
import { describedPlace, formsOf, isExperimental, pciSlotsOf, TOPOLOGIES } from './topology/topologies.ts';
import { MSIX_VECTORS } from './transport/basic-pci-function.ts';
import { CAPABILITY_KINDS, capabilityBytes } from './transport/pci-show.ts';
import { FEATURE_BITS } from './wire/features.ts';

/** Why nobody can have such a machine, in a sentence; undefined for one that can be staged. Whatever `setup` holds, nothing is thrown. */
export function machineObjection(setup: MachineSetup): string | undefined {
  const [first] = isMachine(setup) ? objections(setup) : ['A machine has an iommu, endpoints, a topology, and faults.'];
  return first;
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isIommu = (value: unknown): boolean =>
  isObject(value) &&
  Array.isArray(value['features']) &&
  Array.isArray(value['foreignFeatureBits']) &&
  Array.isArray(value['queueSizes']) &&
  isObject(value['config']) &&
  isObject(value['config']['input_range']) &&
  isObject(value['config']['domain_range']);

const isEndpoint = (value: unknown): boolean =>
  isObject(value) && Array.isArray(value['features']) && isListOfObjects(value['resvMem']);

const isListOfObjects = (value: unknown): boolean => Array.isArray(value) && value.every(isObject);

/** Whether all parts are there that others are part of. */
function isMachine(setup: unknown): boolean {
  if (!isObject(setup)) return false;
  const { iommu, moreIommus = {}, endpoints, faults, oddities = [] } = setup;
  return (
    [iommu, ...(isObject(moreIommus) ? Object.values(moreIommus) : [undefined])].every(isIommu) &&
    Array.isArray(endpoints) &&
    endpoints.every(isEndpoint) &&
    endpoints.every((endpoint: unknown) =>
      isListOfObjects((isObject(endpoint) && endpoint['otherProperties']) || []),
    ) &&
    isListOfObjects(faults) &&
    Array.isArray(oddities)
  );
}

const isWithin = (value: unknown, least: number, most: number): boolean =>
  Number.isInteger(value) && Number(value) >= least && Number(value) <= most;

const U64_MAX = 0xffff_ffff_ffff_ffffn;
const isU64 = (value: unknown): boolean => typeof value === 'bigint' && value >= 0n && value <= U64_MAX;

const U32_MAX = 0xffff_ffff;
const U16_MAX = 0xffff;

const shown = (value: unknown): string =>
  typeof value === 'bigint' ? `0x${value.toString(16)}` : String(value).slice(0, 60);

const doubled = <T>(values: readonly T[]): T | undefined => values.find((value, at) => values.indexOf(value) !== at);

function* objections(setup: MachineSetup): Generator<string> {
  const { topology, faults, doorbell = DOORBELL_RANGE.start } = setup;
  if (!Object.hasOwn(TOPOLOGIES, topology)) {
    yield `There is no topology ${shown(topology)}.`;
    return;
  }
  yield* ofDescription(setup);
  const iommus = [['iommu', setup.iommu] as const, ...Object.entries(setup.moreIommus ?? {})];
  const known = new Set<string>(TOPOLOGIES[topology].iommus.map(({ name }) => name));
  for (const [name, iommu] of iommus) {
    if (known.has(name)) for (const says of ofIommu(iommu, setup)) yield `${name}: ${says}`;
    else yield `The topology ${topology} has no IOMMU called ${shown(name)}.`;
  }
  const twice = doubled(setup.endpoints.map(({ slot }) => slot));
  if (twice !== undefined) yield `Two endpoints are in slot ${twice}.`;
  for (const endpoint of setup.endpoints) {
    for (const says of ofEndpoint(endpoint, setup)) yield `Endpoint ${shown(endpoint.slot)}: ${says}`;
  }
  const stranger = faults.find(({ name }) => !Object.hasOwn(DEVICE_FAULTS, name));
  if (stranger) yield `There is no device fault ${shown(stranger.name)}.`;
  if (!isU64(doorbell) || doorbell < DOORBELL_RANGE.start || doorbell > DOORBELL_RANGE.end || doorbell % 4n !== 0n) {
    const [start, end] = [DOORBELL_RANGE.start, DOORBELL_RANGE.end].map(shown);
    yield `The doorbell is at ${shown(doorbell)}; it is a multiple of 4 from ${start} to ${end}.`;
  }
}

function* ofDescription({ topology, oddities = [] }: MachineSetup): Generator<string> {
  const stranger = oddities.find((name) => !Object.hasOwn(DESCRIPTION_ODDITIES, name));
  if (stranger !== undefined) yield `There is no oddity ${shown(stranger)} of descriptions.`;
  else if (doubled(oddities) !== undefined) yield `The oddity ${doubled(oddities)} is there twice.`;
  else if (formsOf(topology, oddities).length === 0) {
    yield `The topology ${topology} cannot be described in one form with ${oddities.join(', ')}.`;
  }
}

function* ofFeatures(features: readonly string[]): Generator<string> {
  const stranger = features.find((name) => !Object.hasOwn(FEATURE_BITS, name));
  if (stranger !== undefined) yield `there is no feature ${shown(stranger)}.`;
  if (!features.includes('VIRTIO_F_VERSION_1')) yield 'a modern device offers VIRTIO_F_VERSION_1.';
}

/** Entries of the largest queue. */
const QUEUE_MOST = 32_768;
/** Bytes of the configuration up to bypass, with bypass, and what a window of registers has room for. */
const CONFIG_LEAST = 36;
const CONFIG_WITH_BYPASS = 40;
const CONFIG_MOST = 0xf00;

function* ofIommu(iommu: IommuSetup, { topology, faults }: MachineSetup): Generator<string> {
  const { features, foreignFeatureBits, queueSizes, configLength = CONFIG_WITH_BYPASS, capabilities } = iommu;
  const offers = new Set<string>(features);
  yield* ofFeatures(features);
  const numbers = new Set<number>(Object.values(FEATURE_BITS));
  const bit = foreignFeatureBits.find((number) => !isWithin(number, 0, 63) || numbers.has(number));
  if (bit !== undefined) yield `${shown(bit)} is no feature bit from 0 to 63 without a name.`;
  yield* ofConfig(iommu.config);
  const hasBypass = offers.has('VIRTIO_IOMMU_F_BYPASS_CONFIG');
  if (hasBypass && isExperimental(topology)) yield 'the bit of BYPASS_CONFIG has another meaning in this topology.';
  const least = hasBypass ? CONFIG_WITH_BYPASS : CONFIG_LEAST;
  if (!isWithin(configLength, least, CONFIG_MOST)) {
    yield `configLength is ${shown(configLength)}; it is from ${least} to ${CONFIG_MOST} here.`;
  }
  if (queueSizes.length !== 2) yield `it has ${counted(queueSizes.length, 'queue')}; there are two.`;
  for (const size of queueSizes) {
    if (!isWithin(size, 1, QUEUE_MOST)) yield `a queue has ${shown(size)} entries; it has from 1 to ${QUEUE_MOST}.`;
    else if (!offers.has('VIRTIO_F_RING_PACKED') && (size & (size - 1)) !== 0) {
      yield `a queue has ${size} entries; that of a split ring is a power of two, and VIRTIO_F_RING_PACKED is not offered.`;
    }
  }
  yield* ofVectors(iommu.vectors);
  if (capabilities) yield* ofCapabilities(iommu, new Set(faults.map(({ name }) => name)));
}

function* ofVectors(vectors = MSIX_VECTORS): Generator<string> {
  if (!isWithin(vectors, 0, MSIX_VECTORS)) yield `vectors is ${shown(vectors)}; it is from 0 to ${MSIX_VECTORS} here.`;
}

/** Bytes of configuration space for capabilities. */
const CAPABILITIES_ROOM = 0xc0;

function* ofCapabilities(shape: FunctionShape, on: Parameters<typeof capabilityBytes>[1]): Generator<string> {
  const { capabilities: order = [] } = shape;
  const stranger = order.find((kind) => !Object.hasOwn(CAPABILITY_KINDS, kind));
  if (stranger !== undefined) {
    yield `there is no capability ${shown(stranger)}.`;
    return;
  }
  const twice = doubled(order.filter((kind) => CAPABILITY_KINDS[kind] === 'once'));
  if (twice !== undefined) yield `the capability ${twice} is listed twice.`;
  const bytes = capabilityBytes(shape, on);
  if (bytes > CAPABILITIES_ROOM) yield `its capabilities take ${bytes} bytes; there is room for ${CAPABILITIES_ROOM}.`;
}

/** Bytes of the longest property list that this device makes. */
const PROBE_MOST = 1 << 20;

function* ofConfig({ page_size_mask, input_range, domain_range, probe_size, bypass }: IommuConfig): Generator<string> {
  if (!isU64(page_size_mask) || page_size_mask === 0n) {
    yield `page_size_mask is ${shown(page_size_mask)}; at least one bit of 64 is set.`;
  }
  if (!isU64(input_range.start) || !isU64(input_range.end) || input_range.start > input_range.end) {
    yield `input_range is ${shown(input_range.start)} to ${shown(input_range.end)}; it ends where it starts or behind that, within 64 bits.`;
  }
  const { start, end } = domain_range;
  if (!isWithin(start, 0, U32_MAX) || !isWithin(end, 0, U32_MAX) || start > end) {
    yield `domain_range is ${shown(start)} to ${shown(end)}; it ends where it starts or behind that, within 32 bits.`;
  }
  if (!isWithin(probe_size, 0, PROBE_MOST))
    yield `probe_size is ${shown(probe_size)}; it is from 0 to ${PROBE_MOST} here.`;
  if (!isWithin(bypass, 0, 0xff)) yield `bypass is ${shown(bypass)}; it is one byte.`;
}

/** Bytes of a property's head, and of a RESV_MEM property behind it. */
const HEAD_BYTES = 4;
const RESV_MEM_BYTES = 20;

function* ofEndpoint(endpoint: EndpointSetup, setup: MachineSetup): Generator<string> {
  const { slot, features, resvMem, otherProperties = [] } = endpoint;
  const isThere = isPciSlot(slot) ? pciSlotsOf(setup.topology).includes(slot) : isWindowSlot(slot);
  if (!isThere) {
    yield `the topology ${setup.topology} has no such slot.`;
    return;
  }
  yield* ofFeatures(features);
  yield* ofVectors(endpoint.vectors);
  for (const region of resvMem) yield* ofRegion(region);
  for (const property of otherProperties) yield* ofProperty(property, resvMem.length);
  const place = describedPlace(slot, setup.topology);
  if (!place) return;
  const iommu = place.iommu === 'iommu' ? setup.iommu : (setup.moreIommus?.[place.iommu] ?? setup.iommu);
  const bytes = [
    ...resvMem.map(({ surplus = 0 }) => HEAD_BYTES + RESV_MEM_BYTES + surplus),
    ...otherProperties.map(({ length }) => HEAD_BYTES + length),
  ].reduce((sum, length) => sum + length, 0);
  const { probe_size } = iommu.config;
  if (iommu.features.includes('VIRTIO_IOMMU_F_PROBE') && bytes > probe_size) {
    yield `its properties take ${counted(bytes, 'byte')}; probe_size is ${probe_size}.`;
  }
}

function* ofRegion({ subtype, start, end, surplus = 0 }: ResvMem): Generator<string> {
  if (!isWithin(subtype, 0, 0xff)) yield `a region has subtype ${shown(subtype)}; it is one byte.`;
  if (!isU64(start) || !isU64(end) || start > end) {
    yield `a region is ${shown(start)} to ${shown(end)}; it ends where it starts or behind that, within 64 bits.`;
  }
  const most = U16_MAX - RESV_MEM_BYTES;
  if (!isWithin(surplus, 0, most)) yield `a region has ${shown(surplus)} bytes more; there are from 0 to ${most}.`;
}

function* ofProperty({ behind, type, length }: OtherProperty, regionCount: number): Generator<string> {
  if (!isWithin(behind, 0, regionCount)) {
    yield `a property is behind ${shown(behind)} regions, of which there are ${regionCount}.`;
  }
  if (!isWithin(type, 2, 0xfff)) yield `a property has type ${shown(type)}; one that nobody defines has 2 to 4095.`;
  if (!isWithin(length, 0, U16_MAX)) yield `a property has length ${shown(length)}; it is from 0 to ${U16_MAX}.`;
}
