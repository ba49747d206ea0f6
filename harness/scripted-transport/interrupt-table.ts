/** DEVICE_GET_IRQ_INFO and DEVICE_SET_IRQS: interrupts as eventfds of the client. One kind of them has members, the others none. */
import { readlinkSync } from 'node:fs';
import { ERRNO, F_SETFL, libc, nativeBlock, O_NONBLOCK, O_RDWR } from './libc.ts';
import { IRQ_INFO_FLAG, IRQ_SET, IrqInfo, SetIrqs } from './messages.ts';
import { type Answer, decline, refuse, type Request } from './request.ts';
import type { ServedDevice } from './served-device.ts';
import { counted } from '../../reference-device/counted.ts';

type Kinds = Pick<ServedDevice, 'irqTypes' | 'irqIndex' | 'irqCount'>;

const DATA_BITS = IRQ_SET.DATA_NONE | IRQ_SET.DATA_BOOL | IRQ_SET.DATA_EVENTFD;
const ACTION_BITS = IRQ_SET.ACTION_MASK | IRQ_SET.ACTION_UNMASK | IRQ_SET.ACTION_TRIGGER;

/** The 64-bit 1 that an interrupt adds to its eventfd. */
const one = nativeBlock(8);
one.view.setBigUint64(0, 1n, true);

type SetValues = ReturnType<typeof SetIrqs.read>;

export class InterruptTable {
  readonly #kinds: Kinds;
  /** Eventfds by vector. */
  readonly #wired = new Map<number, number>();

  constructor(kinds: Kinds) {
    this.#kinds = kinds;
  }

  /** Fires interrupt `vector`; false if the client has not wired it. */
  fire(vector: number): boolean {
    const descriptor = this.#wired.get(vector);
    if (descriptor === undefined) return false;
    // A full counter makes the write fail; the interrupt it stands for is pending all the same.
    libc.write(descriptor, one.address, 8);
    return true;
  }

  /** Answers DEVICE_GET_IRQ_INFO. */
  info({ payload, reply }: Request): Answer {
    const { argsz, index } = IrqInfo.read(payload, 0);
    if (argsz < IrqInfo.size) return refuse(ERRNO.EINVAL, `argsz is ${argsz}`);
    // QEMU asks for the error and request interrupts of every device, and warns its user if they exist with no member.
    if (index >= this.#kinds.irqTypes) return decline(ERRNO.EINVAL);
    const count = this.#countOf(index);
    const flags = count > 0 ? IRQ_INFO_FLAG.EVENTFD | IRQ_INFO_FLAG.NORESIZE : 0;
    IrqInfo.write(reply, 0, { argsz: IrqInfo.size, flags, index, count });
    return IrqInfo.size;
  }

  /** Answers DEVICE_SET_IRQS. */
  set(request: Request): Answer {
    const values = SetIrqs.read(request.payload, 0);
    const { flags, index, start, count } = values;
    const data = flags & DATA_BITS;
    const action = flags & ACTION_BITS;
    if (index >= this.#kinds.irqTypes) return refuse(ERRNO.EINVAL, `there is no interrupt type ${index}`);
    if ((data | action) !== flags) return refuse(ERRNO.EINVAL, `flags 0x${flags.toString(16)}`);
    if (action !== IRQ_SET.ACTION_TRIGGER) return refuse(ERRNO.EINVAL, 'no interrupt type can be masked');
    if (data === IRQ_SET.DATA_NONE && count === 0 && start === 0) {
      if (index === this.#kinds.irqIndex) this.clear();
      return 0;
    }
    if (start + count > this.#countOf(index)) {
      return refuse(ERRNO.EINVAL, `interrupts ${start}+${count} of ${this.#countOf(index)}`);
    }
    switch (data) {
      case IRQ_SET.DATA_NONE:
        for (let i = 0; i < count; i++) this.fire(start + i);
        return 0;
      case IRQ_SET.DATA_BOOL:
        return this.#fireWhereTrue(values, request.payload);
      case IRQ_SET.DATA_EVENTFD:
        return this.#wire(values, request.descriptors);
      default:
        return refuse(ERRNO.EINVAL, 'more than one kind of data');
    }
  }

  #countOf(index: number): number {
    return index === this.#kinds.irqIndex ? this.#kinds.irqCount : 0;
  }

  #fireWhereTrue({ start, count }: SetValues, payload: DataView): Answer {
    if (payload.byteLength < SetIrqs.size + count)
      return refuse(ERRNO.EINVAL, `fewer than ${counted(count, 'boolean')}`);
    for (let i = 0; i < count; i++) {
      if (payload.getUint8(SetIrqs.size + i) !== 0) this.fire(start + i);
    }
    return 0;
  }

  /** All vectors of the range get an eventfd, or, when none came along, lose theirs. */
  #wire({ start, count }: SetValues, descriptors: number[]): Answer {
    if (descriptors.length !== 0 && descriptors.length !== count) {
      return refuse(ERRNO.EINVAL, `${counted(descriptors.length, 'descriptor')} for ${counted(count, 'interrupt')}`);
    }
    if (!descriptors.every(isEventfd)) return refuse(ERRNO.EINVAL, 'a descriptor is not an eventfd');
    const taken = descriptors.splice(0);
    for (let i = 0; i < count; i++) this.#rewire(start + i, taken[i]);
    return 0;
  }

  #rewire(vector: number, descriptor: number | undefined): void {
    const former = this.#wired.get(vector);
    if (former !== undefined) libc.close(former);
    this.#wired.delete(vector);
    if (descriptor === undefined) return;
    // A blocking eventfd with a full counter would hold up every function.
    libc.fcntl(descriptor, F_SETFL, O_RDWR | O_NONBLOCK);
    this.#wired.set(vector, descriptor);
  }

  /** Closes every eventfd: the client disabled its interrupts, or is gone. */
  clear(): void {
    for (const descriptor of this.#wired.values()) libc.close(descriptor);
    this.#wired.clear();
  }
}

/** Anything else could block when it is written to, or be a file of the user's. */
const isEventfd = (descriptor: number): boolean =>
  readlinkSync(`/proc/self/fd/${descriptor}`) === 'anon_inode:[eventfd]';
