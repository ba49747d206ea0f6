import type { OtherProperty, ResvMem } from '../machine-setup.ts';
import { hasFeature } from '../wire/features.ts';
import {
  ProbeProperty,
  ProbeResvMem,
  type ReqProbe,
  VIRTIO_IOMMU_PROBE_T_RESV_MEM,
  VIRTIO_IOMMU_S_INVAL,
  VIRTIO_IOMMU_S_NOENT,
  VIRTIO_IOMMU_S_OK,
} from '../wire/iommu.ts';
import type { IommuState } from './iommu-state.ts';

const UNKNOWN_BYTE = 0x5a;

type Probe = ReturnType<typeof ReqProbe.cursor>;

/** `iommu/device/probe/not-offered-no-write`, `iommu/device/probe/not-offered-zero-used-len`: the offer counts. */
export const isProbeAvailable = (state: IommuState): boolean => hasFeature(state.offered, 'VIRTIO_IOMMU_F_PROBE');

/**
 * The status of a PROBE request (5.13.6.7). `propertiesLength`: bytes the driver left for properties.
 * `iommu/device/probe/ignore-reserved`.
 */
export function judgeProbe(state: IommuState, probe: Probe, propertiesLength: number): number {
  // iommu/device/probe/noent-unknown-endpoint
  if (!state.endpoints.has(probe.endpoint) && !state.deviates('probe-unknown-endpoint-ok')) return VIRTIO_IOMMU_S_NOENT;
  // iommu/device/probe/short-list-inval, iommu/device/probe/short-list-no-property
  if (propertiesLength < state.config.probe_size) return VIRTIO_IOMMU_S_INVAL;
  return VIRTIO_IOMMU_S_OK;
}

/** The properties of the endpoint, each with its header, in the order in which they are reported (5.13.6.8). */
export function probeProperties(state: IommuState, probe: Probe): Uint8Array[] {
  const { resvMem: regions = [], otherProperties: others = [] } = state.endpoints.get(probe.endpoint) ?? {};
  const behind = (count: number): Uint8Array[] => others.filter((other) => other.behind === count).map(otherProperty);
  return [...behind(0), ...regions.flatMap((region, index) => [resvMemProperty(region), ...behind(index + 1)])];
}

/** iommu/device/probe/property-reserved-zero, iommu/device/resv-mem/reserved-zero: what is left out is zero. */
function resvMemProperty({ subtype, start, end, surplus = 0 }: ResvMem): Uint8Array {
  const property = ProbeResvMem.encode({
    type: VIRTIO_IOMMU_PROBE_T_RESV_MEM,
    // iommu/device/probe/length-excludes-header
    length: ProbeResvMem.size - ProbeProperty.size + surplus,
    subtype,
    start,
    end,
  });
  return longer(property, surplus);
}

const otherProperty = ({ type, length }: OtherProperty): Uint8Array =>
  longer(ProbeProperty.encode({ type, length }), length);

/** With `count` bytes more, of which nobody can tell what they mean. */
function longer(bytes: Uint8Array, count: number): Uint8Array {
  const whole = new Uint8Array(bytes.length + count).fill(UNKNOWN_BYTE);
  whole.set(bytes);
  return whole;
}

/**
 * The properties field of `length` bytes: as many whole properties as fit.
 * `iommu/device/probe/next-at-length-plus-4`, `iommu/device/probe/zero-fill`.
 */
export function packProperties(properties: readonly Uint8Array[], length: number): Uint8Array {
  const packed = new Uint8Array(length);
  let offset = 0;
  for (const property of properties) {
    if (offset + property.byteLength > length) break;
    packed.set(property, offset);
    offset += property.byteLength;
  }
  return packed;
}
