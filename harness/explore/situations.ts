/**
 * What a story has brought about, as short words: two stories with the same words show nothing that one of them does not. The
 * search keeps those that show something new.
 */
import type { Judged } from '../../reports/record/model.ts';
import type { MachineSetup } from '../../reference-device/machine-setup.ts';
import type { TraceEvent } from '../../reference-device/trace-events.ts';

/** 0, 1, 2, 3-4, 5-8, …: how much there is of something. */
const amount = (count: number): number => (count <= 0 ? 0 : Math.ceil(Math.log2(count)) + 1);

/** Where a value lies in what can be: its ends are what matters. */
const classOf = (value: bigint): string => {
  if (value === 0n) return '0';
  if (value === 0xffff_ffff_ffff_ffffn) return 'top';
  return `2^${value.toString(2).length - 1}`;
};

/** The situations of one play. */
export function situationsOf(
  trace: readonly TraceEvent[],
  setup: MachineSetup,
  judged: readonly Judged[],
): Set<string> {
  const found = new Set<string>();
  const deviations = setup.faults.map(({ name }) => name);
  const machine = machineClasses(setup);
  for (const { requirement, times } of judged) {
    found.add(`judged ${requirement} ${amount(times)}`);
    for (const name of deviations) found.add(`judged ${requirement} ${name}`);
  }
  for (const [at, one] of machine.entries()) for (const other of machine.slice(at)) found.add(`${one} & ${other}`);
  const requests = new Map<number, string>();
  const mapped = new Map<string, number>();
  let verb = '';
  let before = '';
  for (const event of trace) {
    if (event.kind === 'verb') verb = event.verb;
    else if (event.kind === 'answer') {
      for (const name of [...deviations, ...machine]) found.add(`${event.verb} ${event.outcome} ${name}`);
      found.add(`${before} > ${event.verb} ${event.outcome}`);
      before = event.verb;
    } else if (event.kind === 'request') {
      const { name = '?', fields } = event;
      requests.set(event.id, name);
      const end =
        fields.virt_end === undefined ? '' : `${classOf(fields.virt_start ?? 0n)}-${classOf(fields.virt_end)}`;
      found.add(`${name} during ${verb} ${end}`);
      if (name === 'MAP' || name === 'UNMAP') {
        const domain = `${event.device} ${fields.domain}`;
        const live = Math.max(0, (mapped.get(domain) ?? 0) + (name === 'MAP' ? 1 : -1));
        mapped.set(domain, live);
        found.add(`${name} with ${amount(live)} live, ${amount(mapped.size)} domains`);
      }
    } else if (event.kind === 'completion') {
      found.add(`${requests.get(event.id) ?? '?'} ${event.status ?? 'unwritten'} ${event.fault ?? ''} during ${verb}`);
    } else if (event.kind === 'dma') {
      found.add(`${event.cause} ${event.access} ${event.outcome} after ${before}`);
    } else {
      found.add(`${event.kind} during ${verb}`);
    }
  }
  return found;
}

function machineClasses({ iommu, endpoints, topology, faults }: MachineSetup): string[] {
  const { config, features, queueSizes } = iommu;
  const regions = Math.max(0, ...endpoints.map(({ resvMem }) => resvMem.length));
  return [
    `topology ${topology}`,
    `queues ${queueSizes.map(amount).join(' ')} ${features.includes('VIRTIO_F_RING_PACKED') ? 'packed' : 'split'}`,
    `granule ${classOf(config.page_size_mask & -config.page_size_mask)}`,
    `input ${classOf(config.input_range.start)} ${classOf(config.input_range.end)}`,
    `domains ${amount(config.domain_range.end - config.domain_range.start)} from ${amount(config.domain_range.start)}`,
    `probe ${amount(config.probe_size)} regions ${amount(regions)}`,
    `endpoints ${endpoints.map(({ slot }) => slot).join(' ')}`,
    ...faults.map(({ name }) => `deviation ${name}`),
  ];
}
