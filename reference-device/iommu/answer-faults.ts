/** The device faults that change what is written into a request's answer. */
import type { DeviceFault, DeviceFaultName } from '../device-faults.ts';
import {
  ProbeProperty,
  ProbeResvMem,
  ReqTail,
  VIRTIO_IOMMU_PROBE_T_RESV_MEM,
  VIRTIO_IOMMU_RESV_MEM_T_RESERVED,
  VIRTIO_IOMMU_S_DEVERR,
} from '../wire/iommu.ts';

/** `unknown-status`: a status that nobody defines. */
const UNKNOWN_STATUS = 0x42;
/** A property type far from those that were ever proposed. */
const UNKNOWN_PROPERTY_TYPE = 0x7a5;
/** What is put where zeros belong, and into bodies that nobody should read. */
const GARBAGE = 0xa5;
const UNKNOWN_PROPERTY_LENGTH = 8;
const RESV_MEM_SURPLUS = 8;
const LONGEST_BODY = 0xffff;

interface Altered<T> {
  readonly value: T;
  /** The faults that changed it. */
  readonly faults: readonly DeviceFaultName[];
}

/** Faults that put another status in place of the device's own. */
export const STATUS_FAULTS: ReadonlySet<DeviceFaultName> = new Set<DeviceFaultName>([
  'unknown-status',
  'status-of-request',
]);

/** The status that the first of `struck`, all of which mean the request, puts in place of the device's own. */
export function imposedStatus(struck: readonly DeviceFault[]): Altered<number> | undefined {
  const fault = struck.find(({ name }) => STATUS_FAULTS.has(name));
  if (fault === undefined) return undefined;
  const { name, status = VIRTIO_IOMMU_S_DEVERR } = fault;
  return { value: name === 'unknown-status' ? UNKNOWN_STATUS : status, faults: [name] };
}

/** The tails without a fault, by their status; every request needs one. */
const HONEST_TAILS: readonly Altered<Uint8Array>[] = Array.from({ length: 256 }, (_, status) => ({
  value: ReqTail.encode({ status }),
  faults: [],
}));

/** The tail of a request that ends with `status`. `iommu/device/ops/tail-reserved-zero` unless a fault is on. */
export function tailBytes(faults: readonly DeviceFault[], status: number): Altered<Uint8Array> {
  if (!faults.some((fault) => fault.name === 'tail-reserved-nonzero')) return HONEST_TAILS[status & 0xff]!;
  return { value: ReqTail.encode({ status, reserved: GARBAGE }), faults: ['tail-reserved-nonzero'] };
}

/**
 * The properties as the faults want them, for a properties field of `length` bytes.
 * What a fault adds comes first, so that a driver which stops there misses the real ones.
 */
export function alterProperties(
  faults: readonly DeviceFault[],
  honest: readonly Uint8Array[],
  length: number,
): Altered<readonly Uint8Array[]> {
  let value = honest;
  const applied: DeviceFaultName[] = [];
  for (const { name, alter } of ALTERATIONS) {
    for (const fault of faults) {
      if (fault.name !== name) continue;
      const altered = alter(value, fault, length);
      if (altered === value) continue;
      value = altered;
      applied.push(name);
    }
  }
  return { value, faults: applied };
}

/** Gives back the same list if there is nothing to change. */
type Alteration = (properties: readonly Uint8Array[], fault: DeviceFault, length: number) => readonly Uint8Array[];

const isResvMem = (property: Uint8Array): boolean =>
  ProbeProperty.over(property).type === VIRTIO_IOMMU_PROBE_T_RESV_MEM;

const withReservedSet: Alteration = (properties) =>
  properties.some(isResvMem)
    ? properties.map((property) => {
        if (!isResvMem(property)) return property;
        const copy = property.slice();
        ProbeResvMem.over(copy).reserved = GARBAGE;
        return copy;
      })
    : properties;

const withLongFirst: Alteration = (properties) => {
  const index = properties.findIndex(isResvMem);
  const property = properties[index];
  if (!property) return properties;
  const longer = new Uint8Array(property.byteLength + RESV_MEM_SURPLUS).fill(GARBAGE);
  longer.set(property);
  ProbeProperty.over(longer).length += RESV_MEM_SURPLUS;
  return properties.with(index, longer);
};

const withReservedTypeBits: Alteration = (properties, { range }) => {
  if (!range) return properties;
  const property = ProbeResvMem.encode({
    type: VIRTIO_IOMMU_PROBE_T_RESV_MEM,
    head_reserved: 0xf,
    length: ProbeResvMem.size - ProbeProperty.size,
    subtype: VIRTIO_IOMMU_RESV_MEM_T_RESERVED,
    start: range.start,
    end: range.end,
  });
  return [property, ...properties];
};

const withUnknownFirst: Alteration = (properties) => [unknownProperty(UNKNOWN_PROPERTY_LENGTH), ...properties];

/** Unknown properties up to the last byte. Less than a header's room stays as it is: no empty property fits there either. */
const withoutTerminator: Alteration = (properties, _fault, length) => {
  const filled = [...properties];
  let room = length - properties.reduce((sum, property) => sum + property.byteLength, 0);
  while (room >= ProbeProperty.size) {
    let body = Math.min(room - ProbeProperty.size, LONGEST_BODY);
    const left = room - ProbeProperty.size - body;
    // A rest too short for a header of its own would read as an empty property.
    if (left > 0 && left < ProbeProperty.size) body -= ProbeProperty.size;
    filled.push(unknownProperty(body));
    room -= ProbeProperty.size + body;
  }
  return filled.length === properties.length ? properties : filled;
};

const unknownProperty = (length: number): Uint8Array => {
  const property = new Uint8Array(ProbeProperty.size + length).fill(GARBAGE);
  Object.assign(ProbeProperty.over(property), { type: UNKNOWN_PROPERTY_TYPE, reserved: 0, length });
  return property;
};

const ALTERATIONS: readonly { readonly name: DeviceFaultName; readonly alter: Alteration }[] = [
  { name: 'probe-resv-reserved-nonzero', alter: withReservedSet },
  { name: 'probe-long-resv-mem', alter: withLongFirst },
  { name: 'probe-reserved-type-bits', alter: withReservedTypeBits },
  { name: 'probe-unknown-property', alter: withUnknownFirst },
  { name: 'probe-no-terminator', alter: withoutTerminator },
];
