/** The administration virtqueue (2.13): set up where the device has one, and left empty, since an IOMMU has nothing to administer. */
import type { DeviceRegisters } from './device-registers.ts';
import type { DriverFaults } from './driver-faults.ts';
import { ADMIN_VQ, type Features } from './features.ts';
import type { Pages, PhysicalMemory } from './physical-memory.ts';
import { Virtqueue } from './virtqueue.ts';

const MOST_DESCRIPTORS = 16;
/** Queues that are no administration virtqueues. */
const OTHER_QUEUES = 2;

/** The IOMMU itself is not translated. */
const expose = ({ physical }: Pages): bigint => physical;

/** The queue; a sentence if it cannot be set up, undefined if there is none. */
export function setUpAdminQueue(
  registers: DeviceRegisters,
  memory: PhysicalMemory,
  features: Features,
  faults: DriverFaults,
): Virtqueue | string | undefined {
  if (!features.has(ADMIN_VQ) || !registers.adminQueues || faults.has('accepts-admin-vq')) return undefined;
  const { first, count } = registers.adminQueues();
  const wrong = wrongIndex(first, count, faults);
  if (wrong !== undefined) {
    registers.selectQueue(wrong);
    registers.enableQueue();
    return undefined;
  }
  return Virtqueue.setUp(
    registers,
    memory,
    { queue: first, features, mostDescriptors: MOST_DESCRIPTORS, expose },
    faults,
  );
}

/** Where drivers with these mistakes look for the queue. */
function wrongIndex(first: number, count: number, faults: DriverFaults): number | undefined {
  if (faults.has('admin-queue-behind-others')) return OTHER_QUEUES;
  return faults.has('admin-queue-past-range') ? first + count : undefined;
}
