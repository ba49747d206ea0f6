/** By which IDs, and at which IOMMU, endpoints are named. */
import type { IommuName, SlotName } from '../../reference-device/machine-setup.ts';
import type { TraceEvent } from '../../reference-device/trace-events.ts';
import { bridgeEndpoints, describedPlace, type EndpointPlace } from '../../reference-device/topology/topologies.ts';
import type { RequirementId } from '../requirements/index.ts';
import type { Seen } from './vocabulary.ts';
import { hex } from './words.ts';

type Judge<Id extends RequirementId> = Pick<Seen<Id>, 'calls' | 'check' | 'named' | 'of' | 'requests' | 'setup'>;

/**
 * By what it shows that somebody in the guest makes use of an endpoint, or should: a driver of its own, an `attach`, or one
 * that was refused without a request, though others behind that IOMMU are granted, or though the IOMMU was left alone.
 */
function useOf(seen: Judge<never>, slot: SlotName, iommu: IommuName): TraceEvent | undefined {
  const negotiation = seen.of('features').find(({ device }) => device === slot);
  const attaches = seen.calls('attach');
  const isForgotten =
    !seen.of('register-read').some(({ device, structure }) => device === iommu && structure !== 'pci-config') ||
    attaches.some(({ ok, args }) => ok && placeOf(seen, args['endpoint'])?.iommu === iommu);
  const use = attaches.find(
    ({ ok, args, requests }) => args['endpoint'] === slot && (ok || requests('ATTACH').length > 0 || isForgotten),
  );
  return negotiation ?? use?.requests('ATTACH')[0] ?? use?.answer;
}

const placeOf = ({ setup }: Judge<never>, slot: string | undefined): EndpointPlace | undefined =>
  slot === undefined ? undefined : describedPlace(slot as SlotName, setup.topology);

/** Judges by each of `ids` that the endpoints in `slots` that are in use were attached, each by its ID at its IOMMU. */
export function judgeAttached<Id extends RequirementId>(
  seen: Judge<Id>,
  ids: readonly Id[],
  slots: readonly SlotName[],
): void {
  for (const slot of slots) {
    const place = placeOf(seen, slot);
    const use = place && useOf(seen, slot, place.iommu);
    if (!use) continue;
    const isAttached = seen
      .named('ATTACH')
      .some(({ device, fields }) => device === place.iommu && fields.endpoint === place.id);
    const says = `${slot} is endpoint ${hex(place.id)} at ${place.iommu}, and no ATTACH there names it.`;
    seen.check(ids, isAttached, use, says);
  }
}

/** Judges by each of `ids` that no request names an endpoint but those in `slots`, and the bridge before them. */
export function judgeNamed<Id extends RequirementId>(
  seen: Judge<Id>,
  ids: readonly Id[],
  slots: readonly SlotName[],
): void {
  const { topology } = seen.setup;
  const places = slots.flatMap((slot) => describedPlace(slot, topology) ?? []);
  const known = [...places, ...bridgeEndpoints(topology)];
  for (const request of seen.requests) {
    const { endpoint } = request.fields;
    if (endpoint === undefined) continue;
    const isKnown = known.some(({ iommu, id }) => iommu === request.device && id === endpoint);
    const says = `${request.name} names endpoint ${hex(endpoint)}; the endpoints present are ${places.map(({ id }) => hex(id)).join(', ')}.`;
    seen.check(ids, isKnown, request, says);
  }
}
