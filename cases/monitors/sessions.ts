import {
  type EventOf,
  type FeatureName,
  hasFeature,
  type IommuName,
  type RequirementId,
  type Seen,
  type SeenIommu,
  STATUS,
  statusWith,
  type TraceEvent,
} from '../api/index.ts';

/** Only the IOMMUs' own driver is under test; endpoints share the trace with it. */
const IOMMUS: readonly IommuName[] = ['iommu', 'iommu2', 'iommu3'];

/** Whether `device` is an IOMMU and not an endpoint. */
export const isIommu = (device: string): device is IommuName => (IOMMUS as readonly string[]).includes(device);

/** How the IOMMU `name` was staged. */
export const stagedAs = ({ setup }: Pick<Seen, 'setup'>, name: string): SeenIommu =>
  setup.iommus.find((iommu) => iommu.name === name) ?? { ...setup, name: 'iommu' };

/** One life of a device: what happened between two resets of it. */
export interface Session {
  readonly iommu: IommuName;
  /** What began it; `staging` was not the driver's doing. */
  readonly begunBy: EventOf<'reset'>['cause'];
  /** False if the trace ends before the next reset. */
  readonly ended: boolean;
  /** All events that name the device, in order. A write of 0 to device_status belongs to the session that it ends. */
  readonly events: readonly TraceEvent[];
  /** The feature word of the last FEATURES_OK that the device let stand; undefined if there was none. */
  readonly accepted: bigint | undefined;
  /** Whether the driver reached the device through registers of virtio-mmio. */
  readonly onMmio: boolean;
}

/** What was found in a trace before: most monitors ask, and all of them for the same. */
const known = new WeakMap<readonly TraceEvent[], readonly Session[]>();

/** The lives of every IOMMU, those of each in the order of the trace: what one of them was told is nothing to the others. */
export function sessionsOf({ events }: Pick<Seen, 'events'>): readonly Session[] {
  const sessions = known.get(events) ?? IOMMUS.flatMap((iommu) => divided(events, iommu));
  known.set(events, sessions);
  return sessions;
}

/** For a monitor's `judge`: what `judge` makes of each life of every IOMMU. */
export const inEachSession =
  <Id extends RequirementId>(judge: (seen: Seen<Id>, session: Session) => void) =>
  (seen: Seen<Id>): void => {
    for (const session of sessionsOf(seen)) judge(seen, session);
  };

function divided(trace: readonly TraceEvent[], iommu: IommuName): Session[] {
  const sessions: Session[] = [];
  let begunBy: Session['begunBy'] = 'staging';
  let events: TraceEvent[] = [];
  for (const event of trace) {
    if (!('device' in event) || event.device !== iommu) continue;
    if (event.kind !== 'reset') {
      events.push(event);
      continue;
    }
    if (events.length > 0) sessions.push(session(iommu, begunBy, true, events));
    begunBy = event.cause;
    events = [];
  }
  if (events.length > 0) sessions.push(session(iommu, begunBy, false, events));
  return sessions;
}

function session(
  iommu: IommuName,
  begunBy: Session['begunBy'],
  ended: boolean,
  events: readonly TraceEvent[],
): Session {
  const negotiation = events.findLast((event) => event.kind === 'features' && event.kept);
  const accepted = negotiation?.kind === 'features' ? negotiation.accepted : undefined;
  const onMmio = events.some((event) => 'structure' in event && event.structure === 'mmio');
  return { iommu, begunBy, ended, events, accepted, onMmio };
}

/** The write by which the device went live; undefined if it never did. */
export const goesLive = ({ events, iommu }: Session): TraceEvent | undefined =>
  statusWith(events, 'register-write', STATUS.DRIVER_OK, { device: iommu });

/** The events of one kind in `session`. */
export function inSession<K extends TraceEvent['kind']>(session: Session, kind: K): EventOf<K>[] {
  return session.events.filter((event): event is EventOf<K> => event.kind === kind);
}

/** Whether `feature` was negotiated; false where nothing was. */
export const negotiated = (session: Session, feature: FeatureName): boolean =>
  session.accepted !== undefined && hasFeature(session.accepted, feature);
