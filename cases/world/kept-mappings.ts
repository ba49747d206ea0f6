/** What a device has mapped, by what it has answered: apart from `World`, which asks what a driver can know. */
import type { EventOf, TraceEvent } from '../../reference-device/trace-events.ts';
import { deviationsOf, isStruck } from './blurs.ts';
import { Domains, type Mapping } from './domains.ts';

type Completion = EventOf<'completion'>;
type Answered = Pick<Completion, 'status' | 'honestStatus' | 'fault'>;

/** A refusal is one, whoever has ordered it: the request was not carried out, and the driver was told. */
function asAnswered(completion: Completion | undefined): Answered | undefined {
  if (completion === undefined || !deviationsOf(completion).every((name) => name === 'status-of-request')) {
    return completion;
  }
  return completion.status === undefined ? {} : { status: completion.status };
}

/** What is mapped at `iommu` just before `event`, for an endpoint that is alone in its domain; undefined if that cannot be told. */
export function keptMappings(
  events: readonly TraceEvent[],
  iommu: string,
  endpoint: number,
  { seq: end }: Pick<TraceEvent, 'seq'>,
): readonly Mapping[] | undefined {
  const completions = new Map<number, Completion>();
  for (const event of events) {
    if (event.kind === 'completion' && !completions.has(event.id)) completions.set(event.id, event);
  }
  let domains = new Domains();
  for (const event of events) {
    if (event.seq >= end) break;
    if (!('device' in event) || event.device !== iommu) continue;
    // What a driver takes for the answer to which request is open from here on.
    if (event.kind === 'completion' && isStruck(event, 'used-ring')) return undefined;
    if (event.kind === 'reset') domains = new Domains();
    if (event.kind === 'request') domains.apply(event, asAnswered(completions.get(event.id)));
    if (event.kind === 'plug' && event.endpoint !== undefined) domains.remove(event.endpoint);
  }
  if (!domains.knows(endpoint)) return undefined;
  const domain = domains.around(endpoint);
  if (domain === undefined) return [];
  return domain.certain && domain.endpoints.size === 1 ? [...domain.mappings] : undefined;
}
