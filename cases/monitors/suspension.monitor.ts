import { defineMonitor, type EventOf, type Seen, type TraceEvent, STATUS, statusByte } from '../api/index.ts';
import { type Session, inEachSession } from './sessions.ts';

const { DRIVER_OK, SUSPEND } = STATUS;
const BOTH = DRIVER_OK | SUSPEND;

const REQUIREMENTS = [
  'core/driver/suspend/verify-suspended',
  'core/driver/suspend/no-new-buffers',
  'core/driver/suspend/no-notifications',
  'core/driver/suspend/no-config-change',
  'core/driver/suspend/wait-for-resume',
] as const;
type Ids = (typeof REQUIREMENTS)[number];

type Step = EventOf<'suspension'>;

/** What a driver does between an order and the next one. */
interface Spell {
  readonly begun: Step;
  /** The order or the reset that ends it; undefined if the trace ends first, or if the device has failed. */
  readonly ended: Step | undefined;
  readonly events: readonly TraceEvent[];
}

/** Steps that are not the driver's do not end a spell, but after a failure nothing is as the rules have it. */
const ENDS: readonly Step['step'][] = ['suspending', 'resuming', 'reset', 'failed'];

/** The spells of `session` that the order `step` begins. */
function spells(session: Session, step: 'suspending' | 'resuming'): Spell[] {
  const { events } = session;
  return events.flatMap((begun, index) => {
    if (begun.kind !== 'suspension' || begun.step !== step) return [];
    const behind = events.slice(index + 1);
    const until = behind.findIndex((event) => event.kind === 'suspension' && ENDS.includes(event.step));
    const end = behind[until];
    return [
      {
        begun,
        ended: end?.kind === 'suspension' && end.step !== 'failed' ? end : undefined,
        events: until === -1 ? behind : behind.slice(0, until),
      },
    ];
  });
}

/** What device_status read, of the two bits that take turns; undefined if `event` is no such read. */
const shown = (event: TraceEvent): number | undefined => {
  const status = statusByte(event, 'register-read');
  return status === undefined ? undefined : status & BOTH;
};

const writesConfig = (event: TraceEvent): boolean => event.kind === 'register-write' && event.structure === 'device';

function queueWithMore({ begun, ended }: Spell): number | undefined {
  const before = new Map(begun.positions.map(({ queue, position }) => [queue, position]));
  return ended?.positions.find(({ queue, position }) => before.has(queue) && before.get(queue) !== position)?.queue;
}

function judgeRest(seen: Seen<Ids>, spell: Spell): void {
  const { ended, events } = spell;
  const kick = events.find((event) => event.kind === 'notification');
  seen.check(
    'core/driver/suspend/no-notifications',
    kick === undefined,
    kick,
    `SUSPEND has been set, and queue ${kick?.kind === 'notification' ? kick.queue : ''} is notified.`,
  );
  const write = events.find(writesConfig);
  seen.check(
    'core/driver/suspend/no-config-change',
    write === undefined,
    write,
    'SUSPEND has been set, and the device configuration is written.',
  );
  if (ended === undefined) return;
  const queue = queueWithMore(spell);
  seen.check(
    'core/driver/suspend/no-new-buffers',
    queue === undefined,
    ended,
    `SUSPEND had been set, and meanwhile buffers were made available in queue ${queue}.`,
  );
  const looks = events.map(shown).filter((bits) => bits !== undefined);
  // Whoever resets the device instead need not have waited for it to rest.
  const verified = ended.step === 'reset' ? looks.length > 0 : looks.includes(SUSPEND);
  seen.check(
    'core/driver/suspend/verify-suspended',
    verified,
    ended,
    'SUSPEND was set, and before the next order device_status was not read with SUSPEND 1 and DRIVER_OK 0.',
  );
}

function judgeReturn(seen: Seen<Ids>, { events }: Spell): void {
  const use = events.find((event) => event.kind === 'notification' || writesConfig(event));
  if (use === undefined) return;
  const awaited = events.some((event) => event.seq < use.seq && shown(event) === DRIVER_OK);
  seen.check(
    'core/driver/suspend/wait-for-resume',
    awaited,
    use,
    'DRIVER_OK was set to go on, and the device is used before device_status was read with SUSPEND 0 and DRIVER_OK 1.',
  );
}

export default defineMonitor({
  id: 'suspension',
  title: 'A device that is told to rest is left alone until it has been seen to go on',
  requirements: REQUIREMENTS,
  anyDevice: true,
  judge: inEachSession((seen, session) => {
    for (const spell of spells(session, 'suspending')) judgeRest(seen, spell);
    for (const spell of spells(session, 'resuming')) judgeReturn(seen, spell);
  }),
  mustCatch: {
    'suspend-not-verified': 'core/driver/suspend/verify-suspended',
    'suspended-requests-sent': 'core/driver/suspend/no-notifications',
    'suspended-event-buffers-returned': 'core/driver/suspend/no-new-buffers',
    'suspended-bypass-written': 'core/driver/suspend/no-config-change',
    'resume-not-awaited': 'core/driver/suspend/wait-for-resume',
    'resume-checks-own-bit-only': 'core/driver/suspend/wait-for-resume',
  },
});
