import { defineMonitor, type EventOf } from '../api/index.ts';

/** An allocation that the driver has granted, and what was alive besides when it did. */
interface Granted {
  readonly endpoint: string;
  readonly length: number;
  readonly others: ReadonlySet<string>;
}

/** After these a driver may have less room, or all that was alive is gone. */
const UPHEAVALS: ReadonlySet<string> = new Set([
  'start',
  'stop',
  'shutdown',
  'attach',
  'detach',
  'release',
  'resize',
  'plug',
  'unplug',
  'suspend',
  'resume',
  'lose-iommu',
]);

/** Allocations that were granted, and those that are alive. */
class Allocations {
  #granted: Granted[] = [];
  readonly #live = new Map<string, string>();
  #count = 0;

  forget(): void {
    this.#granted = [];
    this.#live.clear();
  }

  /** An allocation is granted. */
  grant(endpoint: string, buffer: string, length: number): void {
    this.#granted.push({ endpoint, length, others: new Set(this.#live.values()) });
    // A buffer of the same name that comes later is another one.
    this.#live.set(`${endpoint} ${buffer}`, `${endpoint} ${buffer} ${this.#count++}`);
  }

  /** A buffer of `map` is made, if there was none of that name; it stays until all is forgotten. */
  make(buffer: string): void {
    if (!this.#live.has(buffer)) this.#live.set(buffer, buffer);
  }

  free(endpoint: string, buffer: string): void {
    this.#live.delete(`${endpoint} ${buffer}`);
  }

  /**
   * An allocation for the endpoint of no less, when nothing less was alive than is now. A buffer of that name that is in use
   * may be all the reason that a driver needs.
   */
  precedent(endpoint: string, buffer: string, length: number): Granted | undefined {
    if ([...this.#live.keys()].some((key) => key === buffer || key.endsWith(` ${buffer}`))) return undefined;
    const live = [...this.#live.values()];
    return this.#granted.find(
      (granted) =>
        granted.endpoint === endpoint && granted.length >= length && live.every((name) => granted.others.has(name)),
    );
  }
}

export default defineMonitor({
  id: 'address-space',
  title: 'What was allocated once can be allocated again when as much has been freed',
  requirements: ['platform/free/usable-again'],
  judge(seen) {
    const allocations = new Allocations();
    let asked: EventOf<'verb'> | undefined;
    for (const event of seen.events) {
      if (event.kind === 'verb') asked = event;
      // A driver keeps back what it could not unmap, and rightly.
      const isMishap = event.kind === 'completion' && (event.status !== 0 || event.fault !== undefined);
      if (isMishap || event.kind === 'reset' || event.kind === 'config-change') allocations.forget();
      if (event.kind !== 'answer' || asked?.verb !== event.verb) continue;
      const { endpoint = '', buffer = '', length = '0', background } = asked.args;
      const isOk = event.outcome === 'ok';
      if (UPHEAVALS.has(event.verb) || background !== undefined) allocations.forget();
      if (event.verb === 'map') allocations.make(buffer);
      if (event.verb === 'free' && isOk) allocations.free(endpoint, buffer);
      if (event.verb !== 'alloc' || event.outcome === 'skip') continue;
      const precedent = allocations.precedent(endpoint, buffer, Number(length));
      if (precedent) {
        const refused = `'alloc' of ${length} bytes for ${endpoint} (${event.reason ?? 'no reason given'})`;
        seen.check(
          'platform/free/usable-again',
          isOk,
          event,
          `${refused} is refused; ${precedent.length} bytes were granted before, when no less was in use.`,
        );
      }
      if (isOk) allocations.grant(endpoint, buffer, Number(length));
    }
  },
  mustCatch: { 'addresses-used-once': 'platform/free/usable-again' },
});
