/** Judges the drivers of endpoints, which share the trace, by the rules of any virtio device; apart from the driver under test. */
import type { Monitor } from '../../cases/api/define-monitor.ts';
import { hasOwnDriver } from '../../cases/world/world.ts';
import { isPciSlot, kindOf, SLOT_NAMES } from '../../reference-device/machine-setup.ts';
import type { TraceEvent } from '../../reference-device/trace-events.ts';
import type { EndpointJudged, Finding } from '../../reports/record/model.ts';
import { Circumstances } from './circumstances.ts';
import type { Play } from './judge-play.ts';
import { Judgement } from './judgement.ts';
import { SeenTrace } from './seen-trace.ts';

/** Chapters that bind the driver of any device. */
const OF_ANY_DEVICE = /^(core|reserved-features|split|packed|pci|mmio)\//;

class EndpointJudgement extends Judgement {
  override check(...[id, ...rest]: Parameters<Judgement['check']>): void {
    if (OF_ANY_DEVICE.test(id)) super.check(id, ...rest);
  }
}

/**
 * What `monitors` say of each endpoint's driver that did something. Nothing is said of any where the machine has a deviation, or
 * the driver under test has gone wrong by `findings` or ended early, which can lead a faultless driver astray, or the trace is cut.
 */
export function judgeEndpointDrivers(
  { trace, setup, driver, endings }: Play,
  monitors: readonly Monitor[],
  findings: readonly Finding[],
): EndpointJudged[] {
  const isCut = trace.some(({ kind }) => kind === 'cut');
  if (isCut || setup.faults.length > 0 || endings.length > 0 || findings.some(({ verdict }) => verdict === 'fail'))
    return [];
  const devices = new Set(trace.flatMap((event) => ('device' in event ? [event.device] : [])));
  return SLOT_NAMES.flatMap((slot) => {
    if (!devices.has(slot) || !hasOwnDriver(slot)) return [];
    const view = viewOf(trace, slot);
    const judgement = new EndpointJudgement(new Circumstances(view, setup, driver, [isPciSlot(slot) ? 'pci' : 'mmio']));
    const facts = { lazyUnmap: driver.lazyUnmap, passthrough: false };
    const seen = new SeenTrace(view, setup, facts, judgement, 'endpoint');
    for (const monitor of monitors.filter(({ anyDevice }) => anyDevice === true)) {
      judgement.by = `monitor ${monitor.id}`;
      monitor.judge(seen);
    }
    const judged = judgement.judged(judgement.findings);
    return judged.length === 0 ? [] : [{ slot, kind: kindOf(slot), findings: judgement.findings, judged }];
  });
}

/** The trace with that endpoint in the place of the IOMMU. */
const viewOf = (trace: readonly TraceEvent[], slot: string): TraceEvent[] =>
  trace
    .filter((event) => !('device' in event) || event.device === slot)
    .map((event) => ('device' in event ? { ...event, device: 'iommu' } : event));
