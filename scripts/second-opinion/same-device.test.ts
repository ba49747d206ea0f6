/** Our device beside itself: what then differs is a mistake of the driver, the buses or the comparison. */
import { describe, expect, it } from 'vitest';
import type { DeviceFault } from '../../reference-device/device-faults.ts';
import { Comparison } from './comparison.ts';
import { openModelMachine } from './model-machine.ts';
import { randomStream } from './random-stream.ts';
import { SCENARIOS } from './scenarios.ts';
import type { Scenario } from './steps.ts';
import { Subject } from './subject.ts';

/** Compares a device that is wrong in the given ways, in QEMU's place, with one that is right. */
async function compared(scenarios: readonly Scenario[], ...faults: readonly DeviceFault[]): Promise<Comparison> {
  const comparison = new Comparison({
    qemu: new Subject('wrong', () => openModelMachine(faults)),
    ours: new Subject('right', () => openModelMachine()),
    reviewed: [],
    silent: [],
  });
  for (const scenario of scenarios) await comparison.runThrough(scenario);
  return comparison;
}

const named = (name: string): Scenario[] => SCENARIOS.filter((scenario) => scenario.name === name);

describe('the device beside itself', () => {
  it('says the same in every scenario', async () => {
    const { unreviewed, stepCount } = await compared(SCENARIOS);
    expect(unreviewed).toEqual([]);
    expect(stepCount).toBe(SCENARIOS.reduce((sum, { steps }) => sum + steps.length, 0));
  });

  it('says the same in a stream', async () => {
    expect((await compared([randomStream(7, 300)])).unreviewed).toEqual([]);
  });
});

describe('a device that is wrong on purpose', () => {
  it('is found out by the status of a request', async () => {
    const { unreviewed } = await compared(named('attach/one'), {
      name: 'status-of-request',
      request: 'ATTACH',
      status: 8,
    });
    expect(unreviewed.map(({ facet, qemu, ours }) => [facet, qemu, ours])).toContainEqual(['status', 'NOMEM', 'OK']);
  });

  it('is found out by a fault record', async () => {
    const { unreviewed } = await compared(named('dma/unattached'), { name: 'fault-unknown-reason' });
    expect(unreviewed[0]).toMatchObject({ facet: 'fault 0 reason', ours: 'DOMAIN' });
  });

  it('is found out by its configuration', async () => {
    const { unreviewed } = await compared(named('config/look'), { name: 'bypass-reads-high-bits' });
    expect(unreviewed).toMatchObject([{ facet: 'configuration byte 36', qemu: '254', ours: '0' }]);
  });
});

it('has scenarios with names of their own', () => {
  const names = SCENARIOS.map(({ name }) => name);
  expect(names).toEqual([...new Set(names)]);
});

it('makes the same stream of a seed each time, and another of another', () => {
  expect(randomStream(3, 50)).toEqual(randomStream(3, 50));
  expect(randomStream(4, 50).steps).not.toEqual(randomStream(3, 50).steps);
});
