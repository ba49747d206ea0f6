/** What became of each virtqueue over time: when it was enabled, what the device had taken, who called whom. */
import { counted } from '../../../reference-device/counted.ts';
import { ringState } from '../describe-event.ts';
import { amount, type Fields, hex, shown } from '../event-fields.ts';
import { endAll, type Mark, type Span } from './spans.ts';

export interface QueueHistory {
  /** `iommu requestq` */
  readonly name: string;
  readonly enabled: Span[];
  /** Requests that the device had taken and not yet given back. */
  readonly inFlight: Span[];
  readonly marks: Mark[];
}

/** The queues of an IOMMU by their index (5.13.2). */
const IOMMU_QUEUES = ['requestq', 'eventq'];
const EVENT_QUEUE = 1;

export class QueueHistories {
  readonly #queues = new Map<string, QueueHistory>();
  readonly #open = new Map<string, Span>();
  readonly #iommus: ReadonlySet<string>;

  /** `iommus` are the names of the devices that are IOMMUs. */
  constructor(iommus: ReadonlySet<string>) {
    this.#iommus = iommus;
  }

  get all(): readonly QueueHistory[] {
    return [...this.#queues.values()];
  }

  enabled(event: Fields, step: number): void {
    const queue = this.#queue(event);
    endAll(queue.enabled, step);
    const available = event['availIdx'] === undefined ? '' : `, available idx ${shown(event['availIdx'])}`;
    const says = `${queue.name}: ${amount(event['size'], 'entry', 'entries')} at ${hex(event['desc'])}${available}`;
    queue.enabled.push({ from: step, until: undefined, says });
  }

  notification(event: Fields, step: number): void {
    const queue = this.#queue(event);
    queue.marks.push({ step, says: `driver notified ${queue.name}${ringState(event)}`, bad: false });
  }

  unannounced(event: Fields, step: number): void {
    const queue = this.#queue(event);
    queue.marks.push({ step, says: `driver has not announced ${queue.name}${ringState(event)}`, bad: false });
  }

  ringBreak(event: Fields, step: number): void {
    const queue = this.#queue(event);
    queue.marks.push({
      step,
      says: `${queue.name} broken (${shown(event['reason'])}): ${shown(event['says'])}`,
      bad: true,
    });
  }

  chain(event: Fields, step: number): void {
    const queue = this.#queue(event);
    const descriptors = Array.isArray(event['descriptors']) ? event['descriptors'].length : 0;
    const says = `${queue.name}: chain at head ${shown(event['headIndex'])}, ${counted(descriptors, 'descriptor')}, available idx ${shown(event['availIdx'])}`;
    if (!this.#isRequestQueue(event)) {
      queue.marks.push({ step, says, bad: false });
      return;
    }
    const span = { from: step, until: undefined, says };
    this.#open.set(keyOf(event), span);
    queue.inFlight.push(span);
  }

  completion(event: Fields, step: number): void {
    const span = this.#open.get(keyOf(event));
    if (span) span.until = step;
    this.#open.delete(keyOf(event));
  }

  /** A report takes a buffer of the event queue, if there is one. */
  faultReport(event: Fields, step: number, says: string): void {
    this.#queue({ ...event, queue: EVENT_QUEUE }).marks.push({ step, says, bad: event['delivered'] === false });
  }

  reset(device: unknown, step: number): void {
    for (const [name, { enabled, inFlight }] of this.#queues) {
      if (!name.startsWith(`${shown(device)} `)) continue;
      endAll(enabled, step);
      endAll(inFlight, step);
    }
  }

  #isRequestQueue(event: Fields): boolean {
    return event['queue'] === 0 && this.#iommus.has(shown(event['device']));
  }

  #queue(event: Fields): QueueHistory {
    const device = shown(event['device']);
    const index = event['queue'];
    const known = this.#iommus.has(device) && typeof index === 'number' ? IOMMU_QUEUES[index] : undefined;
    const name = `${device} ${known ?? `queue ${shown(index)}`}`;
    const queue = this.#queues.get(name) ?? { name, enabled: [], inFlight: [], marks: [] };
    this.#queues.set(name, queue);
    return queue;
  }
}

const keyOf = (event: Fields): string => `${shown(event['device'])} ${shown(event['headIndex'])}`;
