/**
 * Mistakes that the sample driver makes on request, one switch each.
 * A case names in `mustCatch` the mistakes that it has to find; the self-test makes the driver commit them.
 */
import type { DriverHabitName } from './driver-habits.ts';
import { DMA_FAULTS } from './driver-faults-dma.ts';
import { LIFE_FAULTS } from './driver-faults-life.ts';
import { MMIO_FAULTS } from './driver-faults-mmio.ts';
import { PACKED_FAULTS } from './driver-faults-packed.ts';
import { REQUEST_FAULTS } from './driver-faults-requests.ts';
import { RING_FAULTS } from './driver-faults-ring.ts';
import { START_FAULTS } from './driver-faults-start.ts';
import { TREE_FAULTS } from './driver-faults-tree.ts';
import { UNSTAGED_FAULTS } from './driver-faults-unstaged.ts';

/** Mistakes that some case or monitor has to catch. */
export const STAGED_FAULTS = {
  ...START_FAULTS,
  ...RING_FAULTS,
  ...PACKED_FAULTS,
  ...REQUEST_FAULTS,
  ...DMA_FAULTS,
  ...LIFE_FAULTS,
  ...MMIO_FAULTS,
  ...TREE_FAULTS,
} as const;

/** Name of each mistake, and in one sentence what the driver does wrong. */
export const DRIVER_FAULTS = { ...STAGED_FAULTS, ...UNSTAGED_FAULTS } as const;

export type DriverFaultName = keyof typeof DRIVER_FAULTS;

/** The mistakes that are switched on, and the habits, which are none. */
export type DriverFaults = ReadonlySet<DriverFaultName | DriverHabitName>;
