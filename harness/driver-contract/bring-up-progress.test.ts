import { describe, expect, it } from 'vitest';
import { machineOf } from '../../cases/api/default-machine.ts';
import type { TraceEvent } from '../../reference-device/trace-events.ts';
import { sampleDriver } from '../drivers/in-process/sample-driver.ts';
import { isUp, progressIn } from './bring-up-progress.ts';

/** What the device sees of the sample driver's start and a mapping, with `faults` of the driver. */
async function traceWith(faults: readonly string[] = [], map = false): Promise<readonly TraceEvent[]> {
  const session = await sampleDriver({ faults }).open({ topology: 'plain' });
  await session.machine.execute({ do: 'stage', setup: machineOf({ endpoints: { dma: {} } }) });
  await session.command({ verb: 'start', args: {} });
  if (map) {
    await session.command({ verb: 'attach', args: { endpoint: 'dma', domain: 'd1' } });
    const args = { domain: 'd1', iova: '0x100000', length: '4096', access: 'rw', buffer: 'b' };
    await session.command({ verb: 'map', args });
  }
  const { trace = [] } = await session.machine.execute({ do: 'take-trace' });
  await session.close();
  return trace;
}

const isOfQueue1 = (event: TraceEvent): boolean => 'queue' in event && event.queue === 1;

/** The part of a good driver's trace before the first event of this kind that has to do with the IOMMU. */
async function cutBefore(kind: TraceEvent['kind']): Promise<readonly TraceEvent[]> {
  const trace = await traceWith([], true);
  return trace.slice(
    0,
    trace.findIndex((event) => event.kind === kind && !isOfQueue1(event)),
  );
}

describe('how far a driver came', () => {
  it('is not known where there is no device', () => {
    expect(progressIn([])).toBeUndefined();
  });

  it.each([
    ['register-write', /^The device saw no access to its registers/, /^Connect to the socket/],
    ['features', /no features that it could agree to/, /set FEATURES_OK, and read it back/],
    ['queue-enabled', /^The device agreed to the features, and was given no requestq/, /^Select queue 0/],
    ['notification', /was never told that there is anything on it/, /raise its index/],
    ['request', /^The device was notified, and found no whole request/, /before the notification/],
    ['completion', /did not answer it yet/, /used ring/],
  ] as const)('is told by what comes before %s', async (kind, came, next) => {
    const trace = await cutBefore(kind);
    expect(progressIn(trace)).toEqual({ came: expect.stringMatching(came), next: expect.stringMatching(next) });
    expect(isUp(trace)).toBe(!['register-write', 'features', 'queue-enabled'].includes(kind));
  });

  it('is the end for a driver that is well', async () => {
    const trace = await traceWith([], true);
    expect(progressIn(trace)?.came).toBe('The device answered the last request with OK.');
    expect(isUp(trace)).toBe(true);
  });

  it.each([
    ['no-bus-master', /Bus Master Enable is off/, /Set bit 2/],
    ['descriptor-to-nowhere', /^The device could not follow queue 0: /, /DMA_MAP/],
    ['writable-before-readable', /^The device could not follow queue 0: /, /readable ones come first/],
    ['takes-bdf-for-endpoint-id', /^The device answered ATTACH with status 6\.$/, /no BDF/],
  ] as const)('is told of a driver that makes a mistake: %s', async (fault, came, next) => {
    const progress = progressIn(await traceWith([fault], true));
    expect(progress).toEqual({ came: expect.stringMatching(came), next: expect.stringMatching(next) });
  });
});
