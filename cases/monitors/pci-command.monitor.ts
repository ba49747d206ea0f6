import { defineMonitor, type EventOf, type Seen, type TraceEvent } from '../api/index.ts';
import { isAccess, type RegisterAccess } from './registers.ts';

const BUS_MASTER_ENABLE = 0x4n;

type Ids = 'platform/pci/memory-space-enabled' | 'platform/pci/bus-master-enabled';

/** Whether the driver lets the function `device` master the bus. */
const letsMaster = (event: TraceEvent, device: string): boolean =>
  event.kind === 'register-write' &&
  event.structure === 'pci-config' &&
  event.field === 'Command' &&
  event.device === device &&
  (event.value & BUS_MASTER_ENABLE) !== 0n;

/** What a virtio function has in its BARs. */
const STRUCTURES: ReadonlySet<string> = new Set(['common', 'notify', 'isr', 'device']);

const isOfBar = (event: TraceEvent): event is RegisterAccess => isAccess(event) && STRUCTURES.has(event.structure);

function judgeMemorySpace(seen: Seen<Ids>): void {
  const id = 'platform/pci/memory-space-enabled';
  const broken = new Set<string>();
  for (const access of seen.of('unanswered-access')) {
    if (broken.has(access.device)) continue;
    broken.add(access.device);
    const says = `A ${access.access} of BAR ${access.bar} of ${access.device} is unanswered: Memory Space Enable is off in its Command register.`;
    seen.check(id, false, access, says);
  }
  // What goes through PCI_CFG needs no BAR that answers.
  const throughWindow = new Set(seen.of('window-access').map(({ device }) => device));
  const first = seen.events.find((event) => isOfBar(event) && !throughWindow.has(event.device));
  if (broken.size === 0 && first !== undefined) seen.held(id, first);
}

/** Whether the device was let master the bus after all, before the driver took the command for done. */
function isSetInTime({ events }: Pick<Seen, 'events'>, { device, seq }: EventOf<'unserved-queue'>): boolean {
  const rest = events.filter((event) => event.seq > seq);
  const end = rest.findIndex(({ kind }) => kind === 'answer');
  return rest.slice(0, end < 0 ? rest.length : end).some((event) => letsMaster(event, device));
}

function judgeBusMaster(seen: Seen<Ids>): void {
  const id = 'platform/pci/bus-master-enabled';
  const broken = new Set<string>();
  for (const unserved of seen.of('unserved-queue')) {
    if (broken.has(unserved.device) || isSetInTime(seen, unserved)) continue;
    broken.add(unserved.device);
    const says = `Queue ${unserved.queue} of ${unserved.device} is not looked at: Bus Master Enable is off in its Command register.`;
    seen.check(id, false, unserved, says);
  }
  for (const access of seen.of('dma')) {
    const { endpoint, busMaster } = access;
    if (access.cause !== 'harness' || broken.has(endpoint) || !seen.world.before(access).isLent(endpoint)) continue;
    // One that was let master the bus once may have lost that by rights.
    const wasLet = busMaster || seen.events.some((event) => event.seq < access.seq && letsMaster(event, endpoint));
    if (!wasLet) broken.add(endpoint);
    const says = `${endpoint} was attached for its user, and can make no access: Bus Master Enable was never set in its Command register.`;
    seen.check(id, wasLet, access, says);
  }
  const served = seen.events.find((event) => event.kind === 'chain' && event.device.startsWith('iommu'));
  const onPci = seen.events.some((event) => isOfBar(event) && event.device.startsWith('iommu'));
  if (broken.size === 0 && served !== undefined && onPci) seen.held(id, served);
}

export default defineMonitor({
  id: 'pci-command',
  title: 'PCI functions are let answer before they are accessed, and let master the bus before they are to read memory',
  requirements: ['platform/pci/memory-space-enabled', 'platform/pci/bus-master-enabled'],
  judge(seen) {
    judgeMemorySpace(seen);
    judgeBusMaster(seen);
  },
  mustCatch: {
    'no-memory-enable': 'platform/pci/memory-space-enabled',
    'no-bus-master': 'platform/pci/bus-master-enabled',
    'endpoint-no-memory-enable': 'platform/pci/memory-space-enabled',
    'endpoint-no-bus-master': 'platform/pci/bus-master-enabled',
  },
});
