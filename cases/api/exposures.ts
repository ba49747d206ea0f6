/** What endpoints are told of by their own drivers. */
import { counted } from '../../reference-device/counted.ts';
import type { RequirementId } from '../requirements/index.ts';
import type { Seen } from './vocabulary.ts';
import { hex } from './words.ts';

type Judge<Id extends RequirementId> = Pick<Seen<Id>, 'calls' | 'check' | 'of' | 'world'>;

/** Judges by each of `ids` that what `slot`, or any endpoint, was told of was mapped for it by then. */
export function judgeExposures<Id extends RequirementId>(seen: Judge<Id>, ids: readonly Id[], slot?: string): void {
  for (const told of seen.of('exposed')) {
    if (slot !== undefined && told.endpoint !== slot) continue;
    const { endpoint, what, address, length, access } = told;
    const says = `${endpoint} was told of a ${what} of ${counted(length, 'byte')} at ${hex(address)}, where it cannot ${access}: it must be mapped first.`;
    seen.check(ids, seen.world.reachable(told), told, says);
  }
}

/** Judges by each of `ids` that what `slot`, which nobody translates for, was told of are guest-physical addresses. */
export function judgePhysical<Id extends RequirementId>(seen: Judge<Id>, ids: readonly Id[], slot: string): void {
  // An address can lie in memory by chance; that all of them are right, only a transfer that works shows.
  const works = seen.calls('io').some(({ ok, args }) => ok && args['endpoint'] === slot);
  for (const told of seen.of('exposed').filter(({ endpoint }) => endpoint === slot)) {
    const says = `${slot} is not translated and was told of a ${told.what} at ${hex(told.address)}, where no memory is; it must be a guest-physical address.`;
    seen.check(ids, told.reachable ? works || undefined : false, told, says);
  }
}
