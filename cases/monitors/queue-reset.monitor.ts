import { defineMonitor, type Seen } from '../api/index.ts';
import { isAccess, type RegisterAccess } from './registers.ts';
import { inSession, type Session, inEachSession } from './sessions.ts';

const REQUIREMENTS = [
  'core/driver/vq-reset/verify-queue-reset',
  'core/driver/vq-reenable/reconfigure-fully',
  'pci/driver/common-cfg/queue-reset-wait',
] as const;
type Ids = (typeof REQUIREMENTS)[number];

/** The registers of a queue reset by their names on both transports. */
const RESET: readonly string[] = ['queue_reset', 'QueueReset'];

/** What has to be written again, of each line one. */
const PARAMETERS: readonly (readonly string[])[] = [
  ['queue_desc', 'QueueDescLow'],
  ['queue_driver', 'QueueDriverLow'],
  ['queue_device', 'QueueDeviceLow'],
];

const ofQueue = ({ events }: Session, queue: number | undefined): RegisterAccess[] =>
  events.filter(isAccess).filter((access) => access.queue === queue);

const touches = (access: RegisterAccess, kind: RegisterAccess['kind'], names: readonly string[]): boolean =>
  access.kind === kind && names.includes(access.field);

function judgeReset(seen: Seen<Ids>, session: Session, reset: RegisterAccess): void {
  const { queue, seq } = reset;
  const later = ofQueue(session, queue).filter((access) => access.seq > seq);
  const use = later.find(
    (access) => access.kind === 'register-write' && !RESET.includes(access.field) && access.field !== 'queue_select',
  );
  const looks = later.filter(
    (access) => touches(access, 'register-read', RESET) && (use === undefined || access.seq < use.seq),
  );
  if (use === undefined && !session.ended) return;
  seen.check(
    'core/driver/vq-reset/verify-queue-reset',
    looks.length > 0,
    use ?? reset,
    `The reset of queue ${queue} is asked for, and the driver does not look whether it took place.`,
  );
  if (use === undefined) return;
  if (!session.onMmio) {
    seen.check(
      'pci/driver/common-cfg/queue-reset-wait',
      looks.at(-1)?.value === 0n,
      use,
      `${use.field} of queue ${queue} is written while queue_reset has not read 0 since its reset.`,
    );
  }
  const enabled = inSession(session, 'queue-enabled').find((event) => event.queue === queue && event.seq > seq);
  if (enabled === undefined) return;
  const missing = PARAMETERS.find(
    (names) => !later.some((access) => access.seq < enabled.seq && touches(access, 'register-write', names)),
  );
  seen.check(
    'core/driver/vq-reenable/reconfigure-fully',
    missing === undefined,
    enabled,
    `Queue ${queue} is enabled after its reset, and its ${missing?.[0]} was not written again.`,
  );
}

export default defineMonitor({
  id: 'queue-reset',
  title: 'A queue that is reset is waited for and set up again from the beginning',
  requirements: REQUIREMENTS,
  anyDevice: true,
  judge: inEachSession((seen, session) => {
    const resets = inSession(session, 'register-write').filter(
      ({ field, value }) => RESET.includes(field) && value === 1n,
    );
    for (const reset of resets) judgeReset(seen, session, reset);
  }),
  mustCatch: {
    'queue-reset-not-awaited': ['pci/driver/common-cfg/queue-reset-wait', 'core/driver/vq-reset/verify-queue-reset'],
    'queue-reset-half-configured': 'core/driver/vq-reenable/reconfigure-fully',
    'queue-reset-awaited-by-size': 'core/driver/vq-reset/verify-queue-reset',
    'queue-reset-looked-at-once': 'pci/driver/common-cfg/queue-reset-wait',
    'queue-reset-enables-first': 'core/driver/vq-reenable/reconfigure-fully',
  },
});
