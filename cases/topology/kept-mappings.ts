import { describedPlace, hex, mappingAt, type RequirementId, type Seen, type SlotName } from '../api/index.ts';

/**
 * Judges by `id` that, whenever the driver has answered a command, what `slot` was told of and has not given back is mapped in
 * the domain in which its endpoint is then.
 */
export function judgeKept<Id extends RequirementId>(seen: Seen<Id>, id: Id, slot: SlotName): void {
  const place = describedPlace(slot, seen.setup.topology);
  if (place === undefined) return;
  const told = seen.of('exposed').filter(({ endpoint, reachable }) => endpoint === slot && reachable);
  for (const { verb, answer } of seen.calls()) {
    const domains = seen.world.before(answer).domains(place.iommu);
    const domain = domains.knows(place.id) ? domains.around(place.id) : undefined;
    if (!domain?.certain || domain.bypass) continue;
    for (const { what, address, seq } of told) {
      const isBack = seen
        .of('returned')
        .some((back) => back.endpoint === slot && back.address === address && back.seq > seq && back.seq < answer.seq);
      if (seq > answer.seq || isBack) continue;
      seen.check(
        id,
        mappingAt(domain, address) !== undefined,
        answer,
        `After '${verb}' endpoint ${hex(place.id)} is in domain ${domain.id}, where the ${what} of ${slot} at ${hex(address)} is not mapped.`,
      );
    }
  }
}
