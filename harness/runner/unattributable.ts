/**
 * What makes a driver go astray in a whole case, so that it cannot be told what the case is about: the device's doing, or a
 * choice of the driver that is judged where it is made. What cases make happen is not judged then; monitors judge on.
 */
import type { DeviceFaultName } from '../../reference-device/device-faults.ts';
import type { IommuSetup, MachineSetup } from '../../reference-device/machine-setup.ts';
import type { EventOf, TraceEvent } from '../../reference-device/trace-events.ts';
import { type FeatureName, hasFeature } from '../../reference-device/wire/features.ts';
import { VIRTIO_IOMMU_S_RANGE } from '../../reference-device/wire/iommu.ts';

/** The sentence that the verdict gets; undefined if all that happened is the driver's doing. */
export const unattributable = (trace: readonly TraceEvent[], setup: MachineSetup): string | undefined =>
  misreadRequest(trace) ?? refusedForDeclinedRange(trace, setup);

const MISREAD: DeviceFaultName = 'refuses-split-framing';

/** A device model that understands one framing only (2.7.4) says nothing of a driver that uses another one, as it may. */
function misreadRequest(trace: readonly TraceEvent[]): string | undefined {
  const misread = trace.find((event) => event.kind === 'completion' && event.fault?.split(', ').includes(MISREAD));
  return misread && 'The device of this profile understands no request whose parts are not one descriptor each.';
}

/**
 * iommu/driver/features/accept-range-and-probe is a SHOULD. A driver that does not follow it keeps to no range, and such a
 * device refuses what lies outside (5.13.6): whatever fails for that would be held against it a second time.
 */
function refusedForDeclinedRange(trace: readonly TraceEvent[], setup: MachineSetup): string | undefined {
  const answers = trace.filter((event) => event.kind === 'completion');
  const refused = new Set(
    answers
      .filter(({ status, honestStatus = status }) => honestStatus === VIRTIO_IOMMU_S_RANGE)
      .map((answer) => answer.id),
  );
  const accepted = new Map<string, bigint>();
  for (const event of trace) {
    if (event.kind === 'features') accepted.set(event.device, event.accepted);
    if (event.kind !== 'request' || !refused.has(event.id)) continue;
    const iommu = Object.entries(setup.moreIommus ?? {}).find(([name]) => name === event.device)?.[1] ?? setup.iommu;
    const range = rangeLeft(event, iommu);
    if (range === undefined || hasFeature(accepted.get(event.device) ?? 0n, range)) continue;
    return `The driver does not accept ${range}, and the device refuses what lies outside: ${event.name ?? ''}.`;
  }
  return undefined;
}

/** The feature of the range that a request leaves, if the device offers it. */
function rangeLeft({ name, fields }: EventOf<'request'>, { features, config }: IommuSetup): FeatureName | undefined {
  const { domain = 0, virt_start = 0n, virt_end = 0n } = fields;
  const { domain_range: domains, input_range: input } = config;
  const feature = name === 'ATTACH' ? 'VIRTIO_IOMMU_F_DOMAIN_RANGE' : 'VIRTIO_IOMMU_F_INPUT_RANGE';
  const isOutside =
    name === 'ATTACH'
      ? domain < domains.start || domain > domains.end
      : name === 'MAP' && (virt_start < input.start || virt_end > input.end);
  return isOutside && features.includes(feature) ? feature : undefined;
}
