/** The administration virtqueue of a device that has no groups to administer (2.12, 2.13). */
import type { DeviceQueue } from '../transport/device-queue.ts';

/** At least num_queues, and not just that: pci/device/common-cfg/admin-index-range */
export const ADMIN_QUEUE = { index: 5, maxSize: 16 } as const;

/** VIRTIO_ADMIN_STATUS_EINVAL with VIRTIO_ADMIN_STATUS_Q_INVALID_GROUP, and four reserved bytes: whatever the command, its group is unknown. */
const UNKNOWN_GROUP = Uint8Array.of(22, 0, 4, 0, 0, 0, 0, 0);

/** Answers every command that lies in the queue. */
export function refuseAdminCommands(queue: DeviceQueue): void {
  do {
    for (let chain = queue.popAvail(); chain !== undefined; chain = queue.popAvail()) {
      queue.addUsed(chain, queue.write(chain, UNKNOWN_GROUP));
    }
  } while (queue.enableNotifications() && !queue.budgetExhausted);
}
