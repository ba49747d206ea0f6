/** How fault records get into event buffers (5.13.6.9). */
import type { DeviceFaultName } from '../device-faults.ts';
import type { Trace } from '../trace.ts';
import type { DeviceQueue } from '../transport/device-queue.ts';
import { toHex } from '../wire/hex.ts';
import type { FaultRecord } from './faults.ts';

const NOTHING = new Uint8Array(0);

/** Records that `late-fault-records` keeps; what comes on top of them is lost. */
const MOST_KEPT = 64;

export class FaultReports {
  readonly #device: string;
  readonly #on: ReadonlySet<DeviceFaultName>;
  readonly #trace: Trace;
  /** `late-fault-records`: they wait for a buffer. */
  #kept: FaultRecord[] = [];

  constructor(device: string, on: ReadonlySet<DeviceFaultName>, trace: Trace) {
    this.#device = device;
    this.#on = on;
    this.#trace = trace;
  }

  /** Puts a record into the next buffer of `queue`; undefined while the device is not live. Without a buffer it is lost. */
  add(record: FaultRecord, queue: DeviceQueue | undefined): void {
    queue?.beginPoll();
    if (queue !== undefined && this.#on.has('late-fault-records')) {
      if (this.#kept.length < MOST_KEPT) this.#kept.push(record);
      this.release(queue);
    } else this.#write(record, queue, queue?.popAvail());
    queue?.enableNotifications();
  }

  /** Puts records that wait into the buffers of `queue`. Whether there were both. */
  release(queue: DeviceQueue): boolean {
    let isAny = false;
    for (let [record] = this.#kept; record !== undefined; [record] = this.#kept) {
      const chain = queue.popAvail();
      if (chain === undefined) break;
      this.#kept.shift();
      this.#write(record, queue, chain);
      isAny = true;
    }
    return isAny;
  }

  /** The device was reset. */
  forget(): void {
    this.#kept = [];
  }

  #write(record: FaultRecord, queue: DeviceQueue | undefined, chain: ReturnType<DeviceQueue['popAvail']>): void {
    const empty = this.#on.has('empty-events');
    // iommu/device/fault/no-multi-buffer-report: what does not fit into the one buffer is not reported.
    const isCut = this.#on.has('truncated-fault-reports');
    const delivered = chain !== undefined && !empty && (isCut || chain.writableLength >= record.bytes.length);
    if (queue !== undefined && chain !== undefined) {
      const written = delivered ? record.bytes.subarray(0, chain.writableLength) : NOTHING;
      queue.write(chain, written);
      queue.addUsed(chain, written.length);
    }
    const fault = empty ? 'empty-events' : record.fault;
    this.#trace.add({
      kind: 'fault-report',
      device: this.#device,
      reason: record.reason,
      flags: record.flags,
      endpoint: record.endpoint,
      address: record.address,
      bytes: toHex(record.bytes),
      delivered,
      ...(chain === undefined ? {} : { bufferLength: chain.writableLength }),
      ...(fault === undefined ? {} : { fault }),
    });
  }
}
