import {
  defineMonitor,
  type EventOf,
  hasOwnDriver,
  type Seen,
  STATUS,
  statusByte,
  type TraceEvent,
} from '../api/index.ts';

type Ids = 'platform/shutdown/devices-at-rest' | 'platform/shutdown/iommu-last';

const COMMAND = 'Command';
const BUS_MASTER = 4n;

/** Which devices may access memory: those that are live, and may master the bus if that is what they need. */
class Devices {
  readonly #live = new Set<string>();
  /** Those that have asked for a reset: it is no part of any shutdown. */
  readonly #faulty = new Set<string>();
  readonly #silent = new Set<string>();

  apply(event: TraceEvent): void {
    if (event.kind === 'config-change' && event.says.startsWith('DEVICE_NEEDS_RESET')) this.#faulty.add(event.device);
    if (event.kind === 'reset') for (const devices of [this.#live, this.#faulty]) devices.delete(event.device);
    if (event.kind !== 'register-write') return;
    const status = statusByte(event, 'register-write') ?? 0;
    if ((status & STATUS.DRIVER_OK) !== 0) this.#live.add(event.device);
    if (event.structure !== 'pci-config' || event.field !== COMMAND) return;
    if ((event.value & BUS_MASTER) === 0n) this.#silent.add(event.device);
    else this.#silent.delete(event.device);
  }

  needsReset(device: string): boolean {
    return this.#faulty.has(device);
  }

  isAtRest(device: string): boolean {
    return !this.#live.has(device) || this.#silent.has(device);
  }

  /** Endpoints that have drivers of their own and are not at rest. */
  get activeEndpoints(): readonly string[] {
    return [...this.#live].filter((device) => hasOwnDriver(device) && !this.isAtRest(device));
  }
}

/** An access after the system has gone down, by an endpoint that does what its driver has told it. */
function judgeAccess(seen: Seen<Ids>, access: EventOf<'dma'>): void {
  if (access.cause === 'harness') return;
  const says = `${access.endpoint} accesses memory after 'shutdown' was answered with ok.`;
  seen.check('platform/shutdown/devices-at-rest', false, access, says);
}

export default defineMonitor({
  id: 'shutdown',
  title: 'When the system goes down, the endpoints come to rest first and the IOMMU last, and stay there',
  requirements: ['platform/shutdown/devices-at-rest', 'platform/shutdown/iommu-last'],
  judge(seen) {
    const devices = new Devices();
    const iommus = seen.setup.iommus.map(({ name }) => name);
    let asked: string | undefined;
    let isDown = false;
    for (const event of seen.events) {
      if (event.kind === 'verb') {
        asked = event.verb;
        isDown &&= event.verb !== 'start' && event.verb !== 'stop';
      }
      if (asked === 'shutdown' && event.kind === 'reset' && iommus.some((name) => name === event.device)) {
        const [active] = devices.activeEndpoints;
        const says = `The IOMMU is reset on shutdown while ${active ?? ''} is live and may master the bus.`;
        const holds = devices.needsReset(event.device) ? undefined : active === undefined;
        seen.check('platform/shutdown/iommu-last', holds, event, says);
      }
      devices.apply(event);
      if (isDown && event.kind === 'dma') judgeAccess(seen, event);
      if (event.kind !== 'answer') continue;
      if (event.verb === 'shutdown' && event.outcome === 'ok') {
        isDown = true;
        const [active] = [...devices.activeEndpoints, ...iommus.filter((name) => !devices.isAtRest(name))];
        const says = `'shutdown' is answered with ok, and ${active ?? ''} is live and may master the bus.`;
        seen.check('platform/shutdown/devices-at-rest', active === undefined, event, says);
      }
      asked = undefined;
    }
  },
  mustCatch: {
    'shutdown-does-nothing': 'platform/shutdown/devices-at-rest',
    'shutdown-leaves-endpoints': ['platform/shutdown/devices-at-rest', 'platform/shutdown/iommu-last'],
    'shutdown-iommu-first': 'platform/shutdown/iommu-last',
    'shutdown-leaves-iommu': 'platform/shutdown/devices-at-rest',
  },
});
