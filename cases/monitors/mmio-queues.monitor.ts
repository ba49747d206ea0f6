import { defineMonitor, type EventOf, type Seen } from '../api/index.ts';
import { iommusInWindows, MMIO_REGISTERS, placeOf, QUEUE_SHAPE, touches, windowAccesses } from './mmio-registers.ts';
import { type RegisterAccess, verbOf } from './registers.ts';
import { inSession, type Session, sessionsOf } from './sessions.ts';

const REQUIREMENTS = [
  'mmio/driver/regs/queue-size-within-max',
  'mmio/driver/regs/no-queue-regs-while-ready',
  'mmio/driver/regs/read-back-queue-ready',
  'mmio/driver/regs/queue-reset-wait',
  'mmio/prose/queue-setup',
  'mmio/prose/notify-value',
] as const;
type Ids = (typeof REQUIREMENTS)[number];

/** What is done with the selected queue on the way to QueueReady. */
const SETUP: readonly (readonly [string, RegisterAccess['kind']])[] = [
  ['QueueReady', 'register-read'],
  ['QueueSizeMax', 'register-read'],
  ...QUEUE_SHAPE.map((name): readonly [string, RegisterAccess['kind']] => [name, 'register-write']),
];

const stops = (access: RegisterAccess): boolean =>
  (touches(access, 'QueueReady', 'register-write') && access.value === 0n) ||
  (touches(access, 'QueueReset', 'register-write') && access.value === 1n);

function judgeQueue(seen: Seen<Ids>, own: readonly RegisterAccess[], enabled: EventOf<'queue-enabled'>): void {
  const { queue, size, maxSize, seq } = enabled;
  seen.check(
    'mmio/driver/regs/queue-size-within-max',
    size <= maxSize,
    enabled,
    `Queue ${queue} is made ready with QueueSize ${size}; QueueSizeMax is ${maxSize}.`,
  );
  const missing = SETUP.find(([name, kind]) => !own.some((access) => access.seq < seq && touches(access, name, kind)));
  seen.check(
    'mmio/prose/queue-setup',
    missing === undefined,
    enabled,
    `Queue ${queue} is made ready, and its ${missing?.[0]} has not been ${missing?.[1] === 'register-read' ? 'read' : 'written'} before.`,
  );
  const stopped = own.find((access) => access.seq > seq && stops(access));
  const early = own.find(
    (access) =>
      access.seq > seq &&
      (stopped === undefined || access.seq < stopped.seq) &&
      QUEUE_SHAPE.some((name) => touches(access, name)),
  );
  seen.check(
    'mmio/driver/regs/no-queue-regs-while-ready',
    early === undefined,
    early ?? enabled,
    `${early && placeOf(early)} of queue ${queue} is ${early && verbOf(early)} while its QueueReady is 1.`,
  );
}

/** What a driver has to look at when it has stopped a queue. */
function judgeStops(seen: Seen<Ids>, session: Session, own: readonly RegisterAccess[]): void {
  for (const stop of own.filter(stops)) {
    const name = MMIO_REGISTERS.get(stop.offset)?.name ?? '';
    const next = own.find((access) => access.seq > stop.seq && touches(access, name));
    if (next === undefined && !session.ended) continue;
    if (name === 'QueueReady') {
      seen.check(
        'mmio/driver/regs/read-back-queue-ready',
        next?.kind === 'register-read',
        stop,
        `QueueReady of queue ${stop.queue} is written as 0 and not read back.`,
      );
      continue;
    }
    const reuse = own.find((access) => access.seq > stop.seq && touches(access, 'QueueReady', 'register-write'));
    if (reuse === undefined) continue;
    const over = own.some(
      (access) =>
        access.seq > stop.seq &&
        access.seq < reuse.seq &&
        touches(access, 'QueueReset', 'register-read') &&
        access.value === 0n,
    );
    seen.check(
      'mmio/driver/regs/queue-reset-wait',
      over,
      reuse,
      `Queue ${stop.queue} is used again, and QueueReset has not been seen to be 0 since the reset was asked for.`,
    );
  }
}

export default defineMonitor({
  id: 'mmio-queues',
  title:
    'A queue of virtio-mmio is set up whole before it is ready, left alone while it is, and looked at when it is stopped',
  requirements: REQUIREMENTS,
  anyDevice: true,
  judge(seen) {
    const inWindows = iommusInWindows(seen);
    for (const session of sessionsOf(seen).filter(({ iommu }) => inWindows.includes(iommu))) {
      const accesses = windowAccesses(seen, session.events);
      for (const enabled of inSession(session, 'queue-enabled')) {
        judgeQueue(
          seen,
          accesses.filter(({ queue }) => queue === enabled.queue),
          enabled,
        );
      }
      for (const index of new Set(accesses.map(({ queue }) => queue))) {
        if (index !== undefined)
          judgeStops(
            seen,
            session,
            accesses.filter(({ queue }) => queue === index),
          );
      }
      for (const kick of inSession(session, 'notification')) seen.held('mmio/prose/notify-value', kick);
      const astray = accesses.find((access) => touches(access, 'QueueNotify', 'register-write'));
      if (astray === undefined) continue;
      seen.check(
        'mmio/prose/notify-value',
        false,
        astray,
        `${astray.value} is written to QueueNotify, which is the index of no queue.`,
      );
    }
  },
  mustCatch: {
    'queue-size-larger-than-offered': 'mmio/driver/regs/queue-size-within-max',
    'changes-live-queue': 'mmio/driver/regs/no-queue-regs-while-ready',
    'mmio-queue-ready-not-read-back': 'mmio/driver/regs/read-back-queue-ready',
    'mmio-queue-in-use-unchecked': 'mmio/prose/queue-setup',
    'ring-address-low-half': 'mmio/prose/queue-setup',
    'mmio-notifies-with-count': 'mmio/prose/notify-value',
    'notify-from-1': 'mmio/prose/notify-value',
    'queue-reset-not-awaited': 'mmio/driver/regs/queue-reset-wait',
    'mmio-queue-ready-read-too-early': 'mmio/driver/regs/read-back-queue-ready',
    'queue-reset-looked-at-once': 'mmio/driver/regs/queue-reset-wait',
    'queue-size-fixed': 'mmio/driver/regs/queue-size-within-max',
    'queue-size-after-enable': 'mmio/driver/regs/no-queue-regs-while-ready',
  },
});
