/**
 * What a story has brought about, as short words: two stories with the same words show nothing that one of them does not. The
 * search keeps those that show something new.
 */
import type { MachineSetup } from '../../reference-device/machine-setup.ts';
import type { TraceEvent } from '../../reference-device/trace-events.ts';

/** How much there is of something: what matters is whether it is none, one, a few, or more than a table holds. */
function amount(count: number): string {
  if (count <= 2) return String(Math.max(0, count));
  if (count <= 16) return 'some';
  return count <= 256 ? 'many' : 'hundreds';
}

/** Where an address lies: the ends are what matters. */
function place(address: bigint): string {
  if (address < 0x1000n) return 'bottom';
  if (address > 0xffff_ffff_ffff_efffn) return 'top';
  return address < 0x1_0000_0000n ? 'low' : 'high';
}

/** The situations of one play. */
export function situationsOf(trace: readonly TraceEvent[], setup: MachineSetup): ReadonlySet<string> {
  const found = new Set<string>();
  const deviations = setup.faults.map(({ name }) => name);
  const machine = machineClasses(setup);
  for (const [at, one] of machine.entries()) for (const other of machine.slice(at)) found.add(`${one} & ${other}`);
  const requests = new Map<number, string>();
  const live = new Map<string, number>();
  let verb = '';
  let before = '';
  for (const event of trace) {
    switch (event.kind) {
      case 'verb':
        verb = event.verb;
        break;
      case 'answer':
        for (const name of [...deviations, ...machine]) found.add(`${verb} ${event.outcome} ${name}`);
        found.add(`${before} > ${verb} ${event.outcome}`);
        before = verb;
        break;
      case 'request': {
        const { name = '?', fields } = event;
        const { virt_start = 0n, virt_end = 0n } = fields;
        requests.set(event.id, name);
        found.add(`${name} during ${verb} ${place(virt_start)} ${place(virt_end)}`);
        if (name !== 'MAP' && name !== 'UNMAP') break;
        const domain = `${event.device} ${fields.domain}`;
        const count = Math.max(0, (live.get(domain) ?? 0) + (name === 'MAP' ? 1 : -1));
        live.set(domain, count);
        found.add(`${name} with ${amount(count)} in ${amount(live.size)}`);
        break;
      }
      case 'completion':
        found.add(
          `${requests.get(event.id) ?? '?'} ${event.status ?? 'unwritten'} ${event.fault ?? ''} during ${verb}`,
        );
        break;
      case 'dma':
        found.add(`${event.cause} ${event.access} ${event.outcome} after ${before}`);
        break;
      default:
        found.add(`${event.kind} during ${verb}`);
    }
  }
  return found;
}

function machineClasses({ iommu, endpoints, topology }: MachineSetup): string[] {
  const { config, features, queueSizes } = iommu;
  const { input_range: input, domain_range: domains, page_size_mask: mask } = config;
  const granule = mask & -mask;
  const regions = Math.max(0, ...endpoints.map(({ resvMem }) => resvMem.length));
  return [
    `topology ${topology}`,
    `requests ${amount(queueSizes[0])} ${features.includes('VIRTIO_F_RING_PACKED') ? 'packed' : 'split'}`,
    `events ${amount(queueSizes[1])}`,
    `granule ${granule === 0x1000n ? 'usual' : place(granule)}`,
    `input ${place(input.start)} ${place(input.end)}`,
    `domains ${amount(domains.end - domains.start + 1)} from ${domains.start === 0 ? '0' : 'above'}`,
    `regions ${amount(regions)}`,
    `endpoints ${amount(endpoints.length)}`,
  ];
}
