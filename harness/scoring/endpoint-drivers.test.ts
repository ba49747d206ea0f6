import { describe, expect, it } from 'vitest';
import { CASES, MONITORS } from '../../cases/catalogue.ts';
import type { TraceEvent } from '../../reference-device/trace-events.ts';
import { sampleDriver } from '../drivers/in-process/sample-driver.ts';
import { allVariants } from '../runner/plan.ts';
import { play, type SessionPlay } from '../runner/play.ts';
import { judgeEndpointDrivers } from './endpoint-drivers.ts';

const finding = { requirement: 'iommu/driver/map/end-above-start', keyword: 'MUST', says: 'x', by: 'x' } as const;

async function played(id: string, faults: readonly string[] = []): Promise<SessionPlay> {
  const planned = allVariants(CASES).find((variant) => variant.id === id)!;
  const session = await sampleDriver({ faults }).open(planned.setup);
  const whole = await play(session, planned, planned.setup);
  await session.close();
  return whole;
}

/** The play with every event of the network card of that kind changed. */
const changed = (whole: SessionPlay, kind: TraceEvent['kind'], to: object): SessionPlay => ({
  ...whole,
  trace: whole.trace.map((event) =>
    event.kind === kind && 'device' in event && event.device === 'net' ? { ...event, ...to } : event,
  ),
});

describe('the drivers of endpoints', () => {
  const ID = 'access-platform/accepted:network-card';

  it('are judged by the rules of any device, and nobody is blamed for what is right', async () => {
    const endpoints = judgeEndpointDrivers(await played(ID), MONITORS, []);
    expect(endpoints.map(({ slot, kind, findings }) => ({ slot, kind, findings }))).toContainEqual({
      slot: 'net',
      kind: 'virtio-net',
      findings: [],
    });
    const judged = endpoints.flatMap((it) => it.judged.map(({ requirement }) => requirement));
    expect(judged).toContain('split/driver/layout/alignment');
    expect(judged.filter((id) => id.startsWith('iommu/') || id.startsWith('platform/'))).toEqual([]);
  });

  it.each([
    ['notification', { width: 4 }, 'pci/driver/notify/16-bit'],
    ['queue-enabled', { desc: 0x1001n }, 'split/driver/layout/alignment'],
    ['features', { accepted: 1n << 63n }, 'core/driver/features/only-offered'],
  ] as const)('are found out by a %s with %o', async (kind, to, requirement) => {
    const endpoints = judgeEndpointDrivers(changed(await played(ID), kind, to), MONITORS, []);
    const broken = endpoints.flatMap(({ slot, findings }) => findings.map((it) => `${slot} ${it.requirement}`));
    expect(broken).toContain(`net ${requirement}`);
    expect(broken.filter((line) => !line.startsWith('net'))).toEqual([]);
  });

  it('are judged in a window register by register, wherever the IOMMU is', async () => {
    const id = 'topology/driven-in-a-window:iommu-on-pci';
    const slots = async (faults: readonly string[]): Promise<Record<string, string[]>> => {
      const endpoints = judgeEndpointDrivers(await played(id, faults), MONITORS, []);
      return Object.fromEntries(endpoints.map((it) => [it.slot, it.findings.map(({ requirement }) => requirement)]));
    };
    expect(await slots([])).toEqual({ rng: [], 'platform-rng': [] });
    expect(await slots(['mmio-byte-access'])).toMatchObject({
      rng: [],
      'platform-rng': expect.arrayContaining(['mmio/driver/regs/32-bit-registers']),
    });
    const judged = judgeEndpointDrivers(await played(id), MONITORS, []).map((it) => [
      it.slot,
      [...new Set(it.judged.map(({ requirement }) => requirement.slice(0, requirement.indexOf('/'))))].toSorted(),
    ]);
    expect(judged).toEqual([
      ['rng', ['core', 'pci', 'reserved-features', 'split']],
      ['platform-rng', ['core', 'mmio', 'reserved-features', 'split']],
    ]);
  });

  it('are not spoken of where the machine, or the driver under test, has gone wrong', async () => {
    const whole = await played(ID);
    expect(judgeEndpointDrivers(whole, MONITORS, [{ ...finding, verdict: 'warn' }])).not.toEqual([]);
    expect(judgeEndpointDrivers(whole, MONITORS, [{ ...finding, verdict: 'fail' }])).toEqual([]);
    const faults = [{ name: 'spurious-interrupt' }] as const;
    expect(judgeEndpointDrivers({ ...whole, setup: { ...whole.setup, faults } }, MONITORS, [])).toEqual([]);
    const gone = [{ kind: 'driver-gone', says: 'It exited.' }] as const;
    expect(judgeEndpointDrivers({ ...whole, endings: gone }, MONITORS, [])).toEqual([]);
  });
});
