import { describe, expect, it } from 'vitest';
import { shrunk } from './shrink.ts';
import { type Step, unrolled } from './step.ts';
import type { Story } from './story.ts';

const map = (page: number): Step => ({
  do: 'map',
  domain: 'd1',
  iova: 0x10_0000n + 0x1000n * BigInt(page),
  length: 0x1000,
  access: 'read',
  buffer: `b${page}`,
});
const start: Step = { do: 'start' };
const always = (): boolean => true;

const mapsSeventeenth = async ({ machine, steps }: Story): Promise<boolean> =>
  machine.offers?.includes('VIRTIO_F_IN_ORDER') === true &&
  machine.faults?.some(({ name }) => name === 'status-of-request') === true &&
  steps.some((step) => step.do === 'map' && step.buffer === 'b17');

const mapsSeventeen = async ({ steps }: Story): Promise<boolean> =>
  [...unrolled(steps)].filter((one) => one.do === 'map').length >= 17;

describe('a story is made small', () => {
  it('down to the steps and the peculiarity that matter', async () => {
    const story: Story = {
      machine: {
        offers: ['VIRTIO_F_RING_PACKED', 'VIRTIO_F_IN_ORDER'],
        queueSizes: [8, 8],
        config: { bypass: 1, probe_size: 512 },
        endpoints: { dma: { resvMem: [{ subtype: 0, start: 0n, end: 0xfffn }] }, rng: {} },
        faults: [{ name: 'reorder-completions' }, { name: 'status-of-request', request: 'MAP', nth: 2, status: 3 }],
      },
      steps: [start, ...Array.from({ length: 40 }, (_, page) => map(page)), { do: 'stop' }],
    };
    const small = await shrunk(story, mapsSeventeenth, always);
    expect(small.steps).toMatchObject([{ do: 'map', buffer: 'b17', iova: 0x10_0000n }]);
    expect(small.machine).toEqual({ offers: ['VIRTIO_F_IN_ORDER'], faults: [{ name: 'status-of-request' }] });
  });

  it('with repetitions that are as short as they can be', async () => {
    const step = map(0);
    if (step.do === 'repeat') throw new Error('no repetition');
    const story: Story = { machine: {}, steps: [start, { do: 'repeat', times: 300, advance: 0x1000n, steps: [step] }] };
    const small = await shrunk(story, mapsSeventeen, always);
    expect(small.steps).toMatchObject([{ do: 'repeat', times: 17 }]);
  });

  it('no further than there is patience for', async () => {
    let left = 3;
    const story: Story = { machine: {}, steps: Array.from({ length: 64 }, (_, page) => map(page)) };
    const small = await shrunk(
      story,
      async () => true,
      () => left-- > 0,
    );
    expect(small.steps).toHaveLength(8);
  });
});
