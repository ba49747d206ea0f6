import {
  defineMonitor,
  deviceStatus,
  type EventOf,
  type Seen,
  STATUS,
  statusByte,
  type TraceEvent,
} from '../api/index.ts';
import { accesses, enablesQueue } from './registers.ts';
import { inSession, negotiated, type Session, inEachSession } from './sessions.ts';

const { ACKNOWLEDGE, DRIVER, DRIVER_OK, FEATURES_OK, SUSPEND, DEVICE_NEEDS_RESET, FAILED } = STATUS;

/** Each bit of the start sequence with those that have to stand before it (3.1.1). */
const SEQUENCE: readonly { readonly bit: number; readonly name: string; readonly needs: number }[] = [
  { bit: DRIVER, name: 'DRIVER', needs: ACKNOWLEDGE },
  { bit: FEATURES_OK, name: 'FEATURES_OK', needs: ACKNOWLEDGE | DRIVER },
  { bit: DRIVER_OK, name: 'DRIVER_OK', needs: ACKNOWLEDGE | DRIVER | FEATURES_OK },
];

interface StatusWrite {
  readonly at: TraceEvent;
  readonly value: number;
  /** What stood in the register before, as far as the trace tells. */
  readonly before: number;
}

/** The writes to device_status that are no reset, each with the bits that stood before it. */
function statusWrites(session: Session): StatusWrite[] {
  const writes: StatusWrite[] = [];
  let before = 0;
  for (const event of session.events) {
    if (event.kind === 'features' && !event.kept) before &= ~FEATURES_OK;
    const value = statusByte(event, 'register-write');
    if (value === undefined || value === 0) continue;
    writes.push({ at: event, value, before });
    // DEVICE_NEEDS_RESET is the device's own: what a driver writes there counts for nothing.
    before = value & ~DEVICE_NEEDS_RESET;
  }
  return writes;
}

const firstSetting = (writes: readonly StatusWrite[], bit: number): StatusWrite | undefined =>
  writes.find(({ value }) => (value & bit) !== 0);

/** Writes to driver_feature. */
const featureWrites = (session: Session): EventOf<'register-write'>[] =>
  inSession(session, 'register-write').filter((write) => accesses(write, 'register-write', 'driver_feature'));

const enablings = (session: Session): EventOf<'register-write'>[] =>
  inSession(session, 'register-write').filter((write) => enablesQueue(write));

/** The first step of the eight in 3.1.1 that `session` takes out of turn, as half a sentence with its place. */
function misstep(session: Session, writes: readonly StatusWrite[]): { says: string; at: TraceEvent } | undefined {
  const [first] = writes;
  if (session.begunBy === 'staging' && first) {
    return { says: `device_status is set to ${deviceStatus(first.value)} without a reset before`, at: first.at };
  }
  const driver = firstSetting(writes, DRIVER);
  const early = featureWrites(session).find((write) => driver === undefined || write.seq < driver.at.seq);
  if (early) return { says: 'driver_feature is written before DRIVER is set', at: early };
  const featuresOk = firstSetting(writes, FEATURES_OK);
  const enabled = enablings(session)[0];
  if (enabled && (featuresOk === undefined || enabled.seq < featuresOk.at.seq)) {
    return { says: 'a queue is enabled before FEATURES_OK is set', at: enabled };
  }
  const driverOk = firstSetting(writes, DRIVER_OK);
  if (driverOk === undefined) return undefined;
  if (featuresOk) {
    const reread = session.events.some(
      (event) =>
        event.seq > featuresOk.at.seq &&
        event.seq < driverOk.at.seq &&
        statusByte(event, 'register-read') !== undefined,
    );
    if (!reread) return { says: 'DRIVER_OK is set, and device_status was not read after FEATURES_OK', at: driverOk.at };
  }
  const late = enablings(session).find((write) => write.seq > driverOk.at.seq);
  if (late && !enablings(session).some((write) => write.seq < driverOk.at.seq)) {
    return { says: 'the first queue is enabled after DRIVER_OK', at: late };
  }
  return undefined;
}

/** What goes on using the device after `failed`: the next step of a start, or a notification. */
const useAfter = (session: Session, seq: number): TraceEvent | undefined =>
  session.events.find(
    (event) =>
      event.seq > seq &&
      (event.kind === 'notification' ||
        accesses(event, 'register-write', 'driver_feature') ||
        enablesQueue(event) ||
        ((statusByte(event, 'register-write') ?? 0) & DRIVER_OK) !== 0),
  );

const REQUIREMENTS = [
  'core/driver/status/set-bits-in-sequence',
  'core/driver/status/never-clear-bit',
  'core/driver/status/reset-after-failed',
  'core/driver/init/sequence',
  'core/driver/init/stop-after-error',
  'core/prose/status-write-is-read-modify',
  'core/driver/suspend/suspend-only-when-running',
] as const;
type Ids = (typeof REQUIREMENTS)[number];

/** FAILED set by the driver, or FEATURES_OK cleared by the device: nothing may follow but a reset. */
function judgeDeadEnds(seen: Seen<Ids>, session: Session, writes: readonly StatusWrite[]): void {
  const failed = firstSetting(writes, FAILED);
  if (failed) {
    const use = useAfter(session, failed.at.seq);
    seen.check(
      ['core/driver/status/reset-after-failed', 'core/driver/init/stop-after-error'],
      use === undefined,
      use,
      'FAILED is set, and the device is used again without a reset.',
    );
  }
  const refused = inSession(session, 'features').at(-1);
  if (refused && !refused.kept) {
    const use = useAfter(session, refused.seq);
    seen.check(
      'core/driver/init/stop-after-error',
      use === undefined,
      use,
      'The device cleared FEATURES_OK, and the driver goes on as if it stood.',
    );
  }
}

export default defineMonitor({
  id: 'device-status',
  title: 'device_status grows bit by bit in the order of the start sequence',
  requirements: REQUIREMENTS,
  anyDevice: true,
  judge: inEachSession((seen, session) => {
    const writes = statusWrites(session);
    // A driver whose device was restaged behind its back may rightly believe that earlier bits still stand.
    const fromStart = session.begunBy !== 'staging' || writes[0]?.value === ACKNOWLEDGE;
    if (!fromStart) return;
    for (const { at, value, before } of writes) {
      const step = SEQUENCE.find(({ bit, needs }) => (value & bit) !== 0 && (value & needs) !== needs);
      seen.check(
        'core/driver/status/set-bits-in-sequence',
        step === undefined,
        at,
        `device_status is set to ${deviceStatus(value)}; ${step?.name} needs ${deviceStatus(step?.needs ?? 0)} to be set as well.`,
      );
      const canSuspend = negotiated(session, 'VIRTIO_F_SUSPEND');
      const due = canSuspend ? 'DRIVER_OK before it' : 'VIRTIO_F_SUSPEND, which was not negotiated';
      seen.check(
        'core/driver/suspend/suspend-only-when-running',
        (value & ~before & SUSPEND) === 0 || (canSuspend && (before & DRIVER_OK) !== 0),
        at,
        `device_status goes from ${deviceStatus(before)} to ${deviceStatus(value)}; SUSPEND needs ${due}.`,
      );
      // The device clears DRIVER_OK and SUSPEND in turn, and the driver writes what it has read.
      const kept = canSuspend ? before & ~(DRIVER_OK | SUSPEND) : before;
      seen.check(
        ['core/driver/status/never-clear-bit', 'core/prose/status-write-is-read-modify'],
        (kept & ~value) === 0,
        at,
        `device_status goes from ${deviceStatus(before)} to ${deviceStatus(value)}; only a reset may clear a bit.`,
      );
    }
    if (writes.length > 0) {
      const wrong = misstep(session, writes);
      // A start that was cut off early shows too little to be called right.
      if (wrong || firstSetting(writes, DRIVER_OK)) {
        seen.check(
          'core/driver/init/sequence',
          wrong === undefined,
          wrong?.at,
          `${wrong?.says}; see the steps of 3.1.1.`,
        );
      }
    }
    judgeDeadEnds(seen, session, writes);
  }),
  mustCatch: {
    'continues-after-failed': 'core/driver/status/reset-after-failed',
    'suspend-without-feature': 'core/driver/suspend/suspend-only-when-running',
    'skips-acknowledge': 'core/driver/status/set-bits-in-sequence',
    'skips-features-ok': 'core/driver/status/set-bits-in-sequence',
    'clears-status-bit': ['core/driver/status/never-clear-bit', 'core/prose/status-write-is-read-modify'],
    'no-reset-at-start': 'core/driver/init/sequence',
    'features-ok-not-read-back': 'core/driver/init/sequence',
    'skips-driver-bit': 'core/driver/init/sequence',
    'driver-ok-before-queues': 'core/driver/init/sequence',
    'status-without-features-ok': 'core/driver/status/never-clear-bit',
    'mmio-undefined-status-gives-up': 'core/driver/status/reset-after-failed',
  },
});
