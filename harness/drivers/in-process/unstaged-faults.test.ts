/**
 * Mistakes that no case brings out are committed all the same: each shows in a scene made for it, where the driver without it
 * does as it should.
 */
import { describe, expect, it } from 'vitest';
import type { Given } from '../../../cases/api/vocabulary.ts';
import type { EventOf, RequestName, TraceEvent } from '../../../reference-device/trace-events.ts';
import type { UNSTAGED_FAULTS } from '../sample-driver/driver-faults-unstaged.ts';
import { of, Scene } from './fixtures/scene.ts';

interface Played {
  readonly outcomes: readonly string[];
  readonly trace: readonly TraceEvent[];
}

interface Trial {
  readonly given: Given;
  readonly lines: readonly string[];
  /** Whether the mistake shows. */
  readonly shows: (played: Played) => boolean;
}

const requests = ({ trace }: Played, name: RequestName): EventOf<'request'>[] =>
  of(trace, 'request').filter((request) => request.name === name);

const TRIALS: Readonly<Record<keyof typeof UNSTAGED_FAULTS, Trial>> = {
  'doorbell-mmio-without-feature': {
    given: {
      endpoints: { rng: { resvMem: [] } },
      features: ['VIRTIO_F_VERSION_1', 'VIRTIO_IOMMU_F_MAP_UNMAP', 'VIRTIO_IOMMU_F_PROBE'],
    },
    lines: ['start'],
    shows: (played) => requests(played, 'MAP').some(({ fields: { flags = 0 } }) => (flags & 4) !== 0),
  },
  'disk-status-misread': {
    given: { topology: 'disk', endpoints: { disk: {} } },
    lines: ['start', 'io endpoint=disk length=512'],
    shows: ({ outcomes }) => outcomes.at(-1) !== 'ok',
  },
};

async function played({ given, lines }: Trial, faults: readonly string[]): Promise<Played> {
  const scene = await Scene.with(given, faults);
  const outcomes: string[] = [];
  for (const line of lines) outcomes.push((await scene.ask(line)).outcome);
  const trace = await scene.trace();
  await scene.session.close();
  return { outcomes, trace };
}

describe('a mistake that no case brings out', () => {
  it.each(Object.entries(TRIALS))('shows: %s', async (fault, trial) => {
    expect([trial.shows(await played(trial, [])), trial.shows(await played(trial, [fault]))]).toEqual([false, true]);
  });
});
