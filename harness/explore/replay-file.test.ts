import { describe, expect, it } from 'vitest';
import { machineOf } from '../../cases/api/default-machine.ts';
import { machineObjection } from '../../reference-device/machine-validation.ts';
import { Activity } from './activity.ts';
import { deviationsOf, drawnDescription, SCORED_TOPOLOGIES } from './drawn-machine.ts';
import { Lots } from './lots.ts';
import { changedStory, drawnStory } from './mutation.ts';
import { nextSteps } from './phrases.ts';
import { parseReplay, replayText, storyOf } from './replay-file.ts';
import type { Story } from './story.ts';

const bounds = { deviations: deviationsOf(['legal-variation', 'violation', 'hostile']), isAlwaysDeviant: false };

function stories(count: number): Story[] {
  const lots = new Lots(3);
  let last: Story = { machine: {}, steps: [] };
  return Array.from({ length: count }, () => {
    const topology = lots.any(SCORED_TOPOLOGIES) ?? 'plain';
    const drawing = { lots, bounds, profile: 'spec', described: drawnDescription(topology, lots) } as const;
    const story = lots.once(2) ? drawnStory(drawing) : changedStory(last, drawnStory(drawing), drawing);
    last = story;
    return story;
  });
}

describe('a replay file', () => {
  it('says all of any story that can be drawn', () => {
    const possible = stories(500).filter(({ machine }) => machineObjection(machineOf(machine)) === undefined);
    expect(possible.length).toBeGreaterThan(400);
    for (const { machine, steps } of possible) {
      const text = replayText({ driver: 'sample 1', machine, steps: [...steps] });
      expect(storyOf(parseReplay(text, 'x.json'))).toEqual({ machine, steps });
    }
  });

  it.each([
    ['', 'x.json is no JSON.'],
    ['[]', 'x.json: the file: '],
    ['{"what":"viommuspec story"}', 'x.json: format: '],
    [
      replayText({ driver: 'a', machine: {}, steps: [] }).replace('"format": 1', '"format": 2'),
      'x.json: format: Invalid input: expected 1.',
    ],
    [
      replayText({ driver: 'a', machine: {}, steps: [{ do: 'start' }] }).replace('start', 'launch'),
      'x.json: steps.0.do: ',
    ],
    [
      replayText({ driver: 'a', machine: { config: { page_size_mask: 1n } }, steps: [] }).replace('0x1', '1'),
      'x.json: machine.config.page_size_mask: expected a hex number of at most 64 bits, such as 0x1000.',
    ],
    [
      replayText({ driver: 'a', machine: { queueSizes: [1, 1] }, steps: [] }).replace('"queueSizes"', '"__proto__"'),
      'x.json: machine: ',
    ],
    [
      // It is written into a case.
      replayText({
        driver: 'a',
        machine: {},
        steps: [],
        shows: { requirement: 'x', verdict: 'fail', says: '' },
      }).replace('"x"', '"x\'], y: [\'"'),
      'x.json: shows.requirement: expected the id of a requirement.',
    ],
    [
      replayText({ driver: 'a', machine: { queueSizes: [3, 1] }, steps: [] }),
      'x.json: machine: iommu: a queue has 3 entries; that of a split ring is a power of two',
    ],
  ])('that is none is refused with a sentence (%#)', (text, sentence) => {
    expect(() => parseReplay(text, 'x.json')).toThrow(sentence);
  });
});

it('steps are drawn for machines without any endpoint, too', () => {
  const lots = new Lots(1);
  const activity = new Activity(machineOf({ endpoints: {} }));
  for (let count = 0; count < 300; count++) activity.apply(nextSteps(activity, lots));
});
