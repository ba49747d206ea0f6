import { describe, expect, it } from 'vitest';
import { Comparison, type Opinion, type ReviewedDifference } from './comparison.ts';
import type { Observation } from './observations.ts';
import type { Scenario, Step } from './steps.ts';
import { readConfig } from './step-words.ts';

const NO_READS: Observation = { of: 'reads', bytes: [] };
const value = (number: number): Observation => ({ of: 'config', value: BigInt(number), needsReset: false });

/** Answers a step with what `answer` makes of its offset; counts how often it began. */
class Scripted implements Opinion {
  beginnings = 0;
  readonly #answer: (offset: number) => Observation;

  constructor(answer: (offset: number) => Observation) {
    this.#answer = answer;
  }

  async begin(): Promise<void> {
    this.beginnings++;
  }

  async perform(step: Step): Promise<Observation> {
    return this.#answer(step.do === 'read-config' ? step.offset : 0);
  }

  async finish(): Promise<Observation> {
    return NO_READS;
  }
}

const SCENARIO: Scenario = { name: 'some', steps: [0, 1, 2, 3].map((offset) => readConfig(offset, 1)) };

const entry = (name: string, parts: boolean, ours: string): ReviewedDifference => ({
  name,
  qemu: '',
  ours: '',
  requirement: 'some/requirement',
  right: 'both',
  why: '',
  matches: (difference) => difference.ours === ours,
  parts,
});

const honest = (): Scripted => new Scripted((offset) => value(offset));
/** Says 9 where the other says 1. */
const odd = (): Scripted => new Scripted((offset) => value(offset === 1 ? 9 : offset));

describe('a difference', () => {
  it('that nobody has reviewed is filed with its place, and ends the scenario', async () => {
    const comparison = new Comparison({ qemu: odd(), ours: honest(), reviewed: [], silent: [] });
    await comparison.run(SCENARIO);
    expect(comparison.unreviewed).toMatchObject([
      { scenario: 'some', index: 1, facet: 'value', qemu: '0x9', ours: '0x1', before: [{ step: SCENARIO.steps[0] }] },
    ]);
    expect(comparison.stepCount).toBe(2);
  });

  it('that is on the list is counted, and what follows still says something', async () => {
    const reviewed = [entry('known', false, '0x1'), entry('never-met', false, '0x77')];
    const comparison = new Comparison({ qemu: odd(), ours: honest(), reviewed, silent: [] });
    await comparison.run(SCENARIO);
    expect(comparison.unreviewed).toEqual([]);
    expect([...comparison.met]).toEqual([['known', 1]]);
    expect(comparison.stale.map(({ name }) => name)).toEqual(['never-met']);
    expect(comparison.stepCount).toBe(4);
  });

  it('after which the devices are in different states ends a scenario, and makes a stream begin anew', async () => {
    const qemu = odd();
    const parts = { qemu, ours: honest(), reviewed: [entry('known', true, '0x1')], silent: [] };
    const comparison = new Comparison(parts);
    await comparison.run(SCENARIO);
    expect([comparison.stepCount, qemu.beginnings]).toEqual([2, 1]);
    await comparison.runThrough(SCENARIO);
    expect([comparison.stepCount, qemu.beginnings]).toEqual([6, 3]);
  });
});

it('a stream begins anew after a step that may have parted the devices in silence, a scenario does not', async () => {
  const ours = honest();
  const silent = [{ difference: 'hidden', matches: ({ step }: { step: Step }) => step === SCENARIO.steps[2] }];
  const comparison = new Comparison({ qemu: honest(), ours, reviewed: [], silent });
  await comparison.run(SCENARIO);
  expect(ours.beginnings).toBe(1);
  await comparison.runThrough(SCENARIO);
  expect(ours.beginnings).toBe(3);
});

it('a device that dies is a difference, and the next stretch finds another', async () => {
  const qemu = new Scripted((offset) => (offset === 1 ? { of: 'death', lastWords: 'assertion' } : value(offset)));
  const comparison = new Comparison({ qemu, ours: honest(), reviewed: [], silent: [] });
  await comparison.runThrough(SCENARIO);
  expect(comparison.unreviewed.map(({ facet, qemu: says }) => [facet, says])).toContainEqual(['device', 'died']);
  expect([comparison.stepCount, qemu.beginnings]).toEqual([4, 2]);
});
