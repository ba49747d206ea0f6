/** The queues of the IOMMU (5.13.2), before it is live. */
import type { DeviceRegisters } from './device-registers.ts';
import type { DriverFaults } from './driver-faults.ts';
import type { Features } from './features.ts';
import type { Pages, PhysicalMemory } from './physical-memory.ts';
import { MOST_DESCRIPTORS, Virtqueue } from './virtqueue.ts';

const REQUESTQ = 0;
const EVENTQ = 1;

/** What some drivers insist on. */
const LONG_QUEUE = 64;

/** A readable part and a writable one; a chain must not be longer than the queue, an indirect one neither. */
const PIECES_OF_A_REQUEST = 2;

/** The IOMMU itself is not translated. */
const expose = ({ physical }: Pages): bigint => physical;

interface IommuQueues {
  readonly requestq: Virtqueue;
  readonly eventq: Virtqueue | undefined;
}

/** Sets both up and enables them. A sentence if one cannot be had: then neither keeps memory. */
export function setUpQueues(
  registers: DeviceRegisters,
  memory: PhysicalMemory,
  features: Features,
  faults: DriverFaults,
): IommuQueues | string {
  const fewestDescriptors = faults.has('refuses-short-queues') ? LONG_QUEUE : 1;
  const order = faults.has('eventq-first') ? [EVENTQ, REQUESTQ] : [REQUESTQ, EVENTQ];
  const queues = new Map<number, Virtqueue>();
  for (const index of order) {
    if (index === EVENTQ && faults.has('eventq-not-enabled')) continue;
    const place = faults.has('queues-swapped') ? 1 - index : index;
    const plan = { queue: place, features, mostDescriptors: MOST_DESCRIPTORS, fewestDescriptors, expose };
    const queue = Virtqueue.setUp(registers, memory, plan, faults);
    if (typeof queue === 'string') {
      for (const { pages } of queues.values()) memory.release(pages);
      return queue;
    }
    queues.set(index, queue);
  }
  const requestq = queues.get(REQUESTQ);
  const hasRoom = requestq && requestq.ring.size >= PIECES_OF_A_REQUEST;
  return hasRoom ? { requestq, eventq: queues.get(EVENTQ) } : 'requestq has no room for a request';
}
