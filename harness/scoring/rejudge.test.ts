import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { defineMonitor } from '../../cases/api/define-monitor.ts';
import { MONITORS } from '../../cases/catalogue.ts';
import { EventLogWriter, LOG_LIMITS } from '../../reports/record/event-log.ts';
import type { LogEvent, RunRecord } from '../../reports/record/model.ts';
import { sampleDriver } from '../drivers/in-process/sample-driver.ts';
import { play } from '../runner/fixtures/play.ts';
import { unloggedSetup, unloggedTrace } from './logged-trace.ts';
import { rejudge } from './rejudge.ts';

const folder = mkdtempSync(join(tmpdir(), 'rejudge-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** A run as its log has it. */
function logged(events: readonly LogEvent[], limits = LOG_LIMITS): RunRecord {
  const writer = new EventLogWriter(join(folder, 'log.ndjson'), limits);
  for (const event of events) writer.append(event);
  writer.close();
  return writer.record();
}

const GLOBS = ['dma/*', 'probe/*', 'fault-reporting/*', 'transport-mmio/*', 'topology/*', 'virtqueue/packed-ring'];
const { events } = await play(sampleDriver({ faults: ['head-reserved-left'] }), GLOBS);
const run = logged(events);

const fussy = defineMonitor({
  id: 'fussy',
  title: 'Never pleased',
  requirements: ['iommu/driver/map/virt-end-gt-start'],
  judge(seen) {
    const [map] = seen.named('MAP');
    if (map)
      seen.check('iommu/driver/map/virt-end-gt-start', (map.fields.virt_start ?? 0n) > 2n ** 60n, map, 'Too low.');
  },
  mustCatch: {},
});

describe('a log', () => {
  it('gives back the events and the machine that were logged', () => {
    for (const event of events) {
      const record = run.cases.find(({ started }) => 'id' in event && started.id === event.id);
      if (event.event === 'trace') expect(unloggedTrace(record?.trace ?? [])).toEqual(event.events);
      if (event.event === 'case') expect(unloggedSetup(record?.started.setup)).toEqual(event.setup);
    }
  });
});

describe('judging again', () => {
  it('leaves alone what the log had no room for', () => {
    const { changed, judgedCount, unjudged } = rejudge(logged(events, { ...LOG_LIMITS, tracesSize: 0 }), MONITORS);
    expect({ changed, judgedCount }).toEqual({ changed: [], judgedCount: 0 });
    expect(new Set(unjudged.map(({ says }) => says))).toEqual(new Set(['The log does not hold the whole trace.']));
  });

  it('changes nothing while the monitors are the same, whatever the driver does', () => {
    expect(run.cases.some(({ judgement }) => judgement?.findings.some(({ by }) => by.startsWith('monitor ')))).toBe(
      true,
    );
    const { changed, unjudged, judgedCount } = rejudge(run, MONITORS);
    expect({ changed, unjudged }).toEqual({ changed: [], unjudged: [] });
    expect(judgedCount).toBe(run.cases.filter(({ trace }) => trace.length > 0).length);
  });

  it('says what a new monitor finds, and the verdict then', () => {
    const { changed } = rejudge(run, [...MONITORS, fussy]);
    const change = changed.find(({ id }) => id === 'dma/exact-range:one-page') ?? changed[0];
    expect(change).toMatchObject({
      after: 'fail',
      found: [{ requirement: 'iommu/driver/map/virt-end-gt-start', by: 'monitor fussy', says: 'Too low.' }],
      gone: [],
    });
  });

  it('says what is no longer found without a monitor', () => {
    const found = run.cases.flatMap(({ judgement }) => judgement?.findings ?? []);
    const finder = found.find(({ by }) => by.startsWith('monitor '))?.by ?? '';
    const { changed } = rejudge(
      run,
      MONITORS.filter(({ id }) => `monitor ${id}` !== finder),
    );
    expect(changed.length).toBeGreaterThan(0);
    expect(changed.every(({ gone }) => gone.every(({ by }) => by === finder))).toBe(true);
  });

  it('leaves alone what the log says too little of, and traces that no device writes', () => {
    const [first, ...others] = run.cases;
    const { setup: _, ...bare } = first!.started;
    const trace = [{ kind: 'request', seq: 0, name: 'MAP', complete: true, device: 'iommu', fields: null }];
    const odd: RunRecord = {
      ...run,
      cases: [
        { ...first!, started: bare },
        { ...others[0]!, trace },
        { ...others[1]!, started: { ...others[1]!.started, setup: { topology: 'plain', iommu: 7 } } },
      ],
    };
    const { judgedCount, unjudged } = rejudge(odd, MONITORS);
    expect(judgedCount).toBe(0);
    expect(unjudged.map(({ says }) => says)).toEqual([
      'The log does not say how the machine was set up.',
      expect.stringMatching(/^The trace cannot be judged: /),
      expect.stringMatching(/^The trace cannot be judged: /),
    ]);
  });
});
