/** How a device comes to rest and goes on when its driver says so (3.4). */
import { STATUS } from '../wire/virtio.ts';

/** How a device type does it; what is left out happens at once, and succeeds. */
export interface SuspensionManner {
  /** How often device_status shows both DRIVER_OK and SUSPEND before the device has done what it was told. */
  readonly reads: number;
  /** What ends with DEVICE_NEEDS_RESET instead. */
  readonly fails?: 'suspend' | 'resume';
}

const AT_ONCE: SuspensionManner = { reads: 0 };

type Order = 'suspend' | 'resume';

/** What stands in device_status when an order has been carried out, in place of both bits. */
const SHOWS: Readonly<Record<Order, number>> = { suspend: STATUS.SUSPEND, resume: STATUS.DRIVER_OK };

const BOTH = STATUS.DRIVER_OK | STATUS.SUSPEND;

/** What came of a look at the device: the status that it shows, and an order that has come to its end. */
export interface Progress {
  readonly status: number;
  readonly done?: Order;
  readonly failed?: Order;
}

/** One order at a time, and how far the device has got with it. */
export class Suspension {
  readonly #manner: SuspensionManner;
  #pending: { readonly order: Order; readsLeft: number } | undefined;

  constructor(manner: SuspensionManner = AT_ONCE) {
    this.#manner = manner;
  }

  /** The driver has given an order. */
  begin(order: Order, status: number): Progress {
    this.#pending = { order, readsLeft: this.#manner.reads };
    return this.#manner.reads === 0 ? this.#finish(order, status) : { status: status | BOTH };
  }

  /** The driver reads device_status. */
  look(status: number): Progress {
    const pending = this.#pending;
    if (pending === undefined) return { status };
    if (pending.readsLeft === 0) return this.#finish(pending.order, status);
    pending.readsLeft--;
    return { status };
  }

  /** core/device/suspend/suspend-or-needs-reset, core/device/suspend/resume-or-needs-reset */
  #finish(order: Order, status: number): Progress {
    this.#pending = undefined;
    const failed = this.#manner.fails === order;
    const shown = SHOWS[failed ? (order === 'suspend' ? 'resume' : 'suspend') : order];
    return { status: (status & ~BOTH) | shown, ...(failed ? { failed: order } : { done: order }) };
  }

  /** The device was reset. */
  forget(): void {
    this.#pending = undefined;
  }
}
