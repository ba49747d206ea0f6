/** How far a driver came on its way to a device that answers, as the device saw it. For the author of a shim. */
import type { EventOf, RingBreak, TraceEvent } from '../../reference-device/trace-events.ts';

/** Both are sentences. */
export interface Progress {
  readonly came: string;
  readonly next: string;
}

interface Rung {
  readonly isReached: (events: readonly TraceEvent[]) => boolean;
  /** What is to be said of a driver that came no further. */
  readonly short: Progress;
}

const IOMMU = 'iommu';
const REQUESTQ = 0;

const isRegister = (event: TraceEvent): boolean =>
  (event.kind === 'register-read' || event.kind === 'register-write') && event.device === IOMMU;

const hasFeatures = (event: TraceEvent): boolean => event.kind === 'features' && event.device === IOMMU && event.kept;

const isQueue = (event: TraceEvent): boolean =>
  event.kind === 'queue-enabled' && event.device === IOMMU && event.queue === REQUESTQ;

const isNotified = (event: TraceEvent): boolean =>
  event.kind === 'notification' && event.device === IOMMU && event.queue === REQUESTQ;

const isRequest = (event: TraceEvent): event is EventOf<'request'> =>
  event.kind === 'request' && event.device === IOMMU && event.complete;

/** The last request that the device has read, with its answer. */
function lastAnswer(events: readonly TraceEvent[]): EventOf<'completion'> | undefined {
  const request = events.findLast(isRequest);
  return events.findLast(
    (event): event is EventOf<'completion'> => event.kind === 'completion' && event.id === request?.id,
  );
}

/** In the order in which a driver climbs them. */
const RUNGS: readonly Rung[] = [
  {
    isReached: (events) => events.some(isRegister),
    short: {
      came: 'The device saw no access to its registers.',
      next:
        'Connect to the socket of the line "iommu" in the machine file, agree on VERSION, and find the ' +
        'registers: by the capabilities in region 7 on PCI, in region 0 on MMIO.',
    },
  },
  {
    isReached: (events) => events.some(hasFeatures),
    short: {
      came: 'The device saw its registers accessed, but no features that it could agree to.',
      next:
        'Reset the device, set ACKNOWLEDGE and DRIVER, write the features that you take of those offered ' +
        '(VERSION_1 and MAP_UNMAP at least), set FEATURES_OK, and read it back.',
    },
  },
  {
    isReached: (events) => events.some(isQueue),
    short: {
      came: 'The device agreed to the features, and was given no requestq.',
      next:
        'Select queue 0, write its size and its three addresses, and enable it; then the same for queue 1, ' +
        'the eventq; then set DRIVER_OK.',
    },
  },
  {
    isReached: (events) => events.some(isNotified),
    short: {
      came: 'The device has a requestq, and was never told that there is anything on it.',
      next:
        'Put a request on the available ring, raise its index, and write the queue’s number to its place for ' +
        'notifications (PCI: queue_notify_off times the multiplier, behind the notify structure).',
    },
  },
  {
    isReached: (events) => events.some(isRequest),
    short: {
      came: 'The device was notified, and found no whole request.',
      next:
        'Raise the index of the available ring before the notification, and let a chain have a readable part ' +
        'for the request and a writable one for its tail.',
    },
  },
  {
    isReached: (events) => lastAnswer(events) !== undefined,
    short: { came: 'The device read a request, and did not answer it yet.', next: 'Wait for the used ring to move.' },
  },
  {
    isReached: (events) => lastAnswer(events)?.status === 0,
    short: {
      came: 'The device refused the last request.',
      next:
        'Compare its bytes with 5.13.6: little-endian, ends that belong to the range, the endpoint’s ID from ' +
        'the topology and no BDF.',
    },
  },
];

const ANSWERED: Progress = {
  came: 'The device answered the last request with OK.',
  next:
    'See that the driver takes the answer: the used ring moves, the eventfd of its vector is signalled, ' +
    'and the status lies at the end of the writable part.',
};

function nextAfter(reason: RingBreak): string {
  return reason === 'ring-not-in-memory' || reason === 'address-not-in-memory'
    ? 'Share the memory by DMA_MAP with the IOMMU’s own socket, and give the queue the addresses at which it was shared.'
    : 'Compare the descriptors with 2.7.5: the readable ones come first, NEXT links them, and all lie inside the table.';
}

/** When the IOMMU last saw an event of this kind; -1 for never. */
const lastSeq = (events: readonly TraceEvent[], kind: TraceEvent['kind']): number =>
  events.findLast((event) => event.kind === kind && 'device' in event && event.device === IOMMU)?.seq ?? -1;

/** Bits of the Command register that are missing; undefined if none is, as far as the device can tell. */
function switchedOff(events: readonly TraceEvent[]): Progress | undefined {
  if (lastSeq(events, 'unanswered-access') > lastSeq(events, 'register-read')) {
    return {
      came: 'The device saw its BARs accessed, and did not answer: Memory Space Enable is off.',
      next: 'Set bit 1 of the Command register (offset 4 of configuration space) before the first access to a BAR.',
    };
  }
  if (lastSeq(events, 'unserved-queue') <= lastSeq(events, 'chain')) return undefined;
  return {
    came: 'The device was notified, and may not read memory: Bus Master Enable is off.',
    next: 'Set bit 2 of the Command register (offset 4 of configuration space) before DRIVER_OK.',
  };
}

/** What the device saw of `events`; undefined if there is no device that could have seen anything. */
export function progressIn(events: readonly TraceEvent[]): Progress | undefined {
  if (events.length === 0) return undefined;
  const lost = events.findLast(
    (event): event is EventOf<'ring-break'> => event.kind === 'ring-break' && event.device === IOMMU,
  );
  if (lost)
    return { came: `The device could not follow queue ${lost.queue}: ${lost.says}`, next: nextAfter(lost.reason) };
  const deaf = switchedOff(events);
  if (deaf) return deaf;
  const rung = RUNGS.find(({ isReached }) => !isReached(events));
  if (!rung) return ANSWERED;
  const answer = lastAnswer(events);
  const name = events.findLast(isRequest)?.name;
  if (answer?.status === undefined || answer.status === 0 || name === undefined) return rung.short;
  return { ...rung.short, came: `The device answered ${name} with status ${answer.status}.` };
}

/** Whether the device was brought up: features agreed on, and a queue for requests. */
export const isUp = (events: readonly TraceEvent[]): boolean => events.some(hasFeatures) && events.some(isQueue);
