import { expect, it } from 'vitest';
import { MONITORS } from '../../cases/catalogue.ts';
import { sampleDriver } from '../drivers/in-process/sample-driver.ts';
import { Player } from '../runner/player.ts';
import { outcomeOf } from '../scoring/judge-play.ts';
import { plannedStory, type Story } from './story.ts';
import { storyMonitors, TAMPERED_REGION } from './story-monitors.ts';

/** What is found in front of that driver, by requirement. */
async function foundIn(story: Story, faults: readonly string[], habits: readonly string[] = []): Promise<string[]> {
  const player = new Player(sampleDriver({ faults, habits }), storyMonitors(MONITORS));
  try {
    const result = await player.play(plannedStory(story, { id: 'explore/story', title: 'A story' }, 'spec'));
    return outcomeOf(result).findings.map(({ requirement }) => requirement);
  } finally {
    await player.close();
  }
}

const start: Story = { machine: { endpoints: { dma: {} } }, steps: [{ do: 'start' }] };
const asked: Story = {
  machine: {
    endpoints: { dma: {} },
    faults: [{ name: 'probe-reserved-type-bits', range: TAMPERED_REGION }],
  },
  steps: [{ do: 'start' }, { do: 'attach', endpoint: 'dma', domain: 'd1' }, { do: 'regions', endpoint: 'dma' }],
};
const shorter: Story = {
  machine: { endpoints: { dma: {} }, withholds: ['VIRTIO_IOMMU_F_BYPASS_CONFIG'], configLength: 36 },
  steps: [{ do: 'start' }],
};
const reserved: Story = {
  machine: {
    endpoints: { dma: {} },
    capabilities: ['reserved-0x12', 'COMMON_CFG', 'ISR_CFG', 'DEVICE_CFG', 'NOTIFY_CFG', 'MSIX'],
  },
  steps: [{ do: 'start' }],
};

const behindAnother: Story = {
  machine: {
    topology: 'device-tree',
    oddities: ['tree-foreign-iommu'],
    endpoints: { dma: {}, platform: {} },
    configLength: 48,
  },
  steps: [
    { do: 'start' },
    { do: 'attach', endpoint: 'dma', domain: 'd1' },
    { do: 'attach', endpoint: 'platform', domain: 'd2' },
  ],
};

it.each([
  ['event-buffers-not-kicked', start, 'split/driver/avail-suppression/kick-at-avail-event'],
  ['property-type-masked', asked, 'iommu/driver/probe/ignore-reserved-bits-property'],
  ['config-below-40-refused', shorter, 'core/driver/config/check-minimum-size-only'],
  ['iommus-first-entry-only', behindAnother, 'iommu/prose/endpoint-id-from-platform'],
  ['unknown-cfg-type-gives-up', reserved, 'pci/legacy/detection/non-transitional-scan-caps'],
] as const)('a story finds %s, and blames nobody without it', async (fault, story, requirement) => {
  expect(await foundIn(story, [fault])).toContain(requirement);
  expect(await foundIn(story, [])).toEqual([]);
});

it.each<[string, Story['steps']]>([
  ['that has not started', [{ do: 'attach', endpoint: 'platform', domain: 'd1' }]],
  [
    'whose endpoint is gone',
    [
      { do: 'start' },
      { do: 'attach', endpoint: 'dma', domain: 'd1' },
      { do: 'take-out', endpoint: 'platform' },
      { do: 'stop' },
      { do: 'start' },
      { do: 'attach', endpoint: 'platform', domain: 'd2' },
    ],
  ],
])('a story blames no driver %s for an attachment that it refuses', async (_, steps) => {
  expect(await foundIn({ ...behindAnother, steps }, [])).toEqual([]);
});

it('a story blames nobody who gives the same device up without the oddity, too', async () => {
  expect(await foundIn(shorter, [], ['insists-on-bypass-config'])).toEqual([]);
});
