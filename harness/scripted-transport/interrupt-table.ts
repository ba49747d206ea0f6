/** DEVICE_GET_IRQ_INFO and DEVICE_SET_IRQS: interrupts as eventfds of the client. */
import { readlinkSync } from 'node:fs';
import { ERRNO, F_SETFL, libc, nativeBlock, O_NONBLOCK, O_RDWR } from './libc.ts';
import { IRQ_INFO_FLAG, IRQ_SET, IrqInfo, SetIrqs } from './messages.ts';
import { type Answer, decline, refuse, type Request } from './request.ts';
import type { ServedDevice } from './served-device.ts';
import { counted } from '../../reference-device/counted.ts';

type Kinds = Pick<ServedDevice, 'irqTypes' | 'vectors' | 'line'>;

const DATA_BITS = IRQ_SET.DATA_NONE | IRQ_SET.DATA_BOOL | IRQ_SET.DATA_EVENTFD;
const ACTION_BITS = IRQ_SET.ACTION_MASK | IRQ_SET.ACTION_UNMASK | IRQ_SET.ACTION_TRIGGER;

/** The only member of a line's kind. */
const LINE = 0;

/** The 64-bit 1 that an interrupt adds to its eventfd. */
const one = nativeBlock(8);
one.view.setBigUint64(0, 1n, true);

type SetValues = ReturnType<typeof SetIrqs.read>;

export class InterruptTable {
  readonly #kinds: Kinds;
  /** Eventfds by kind and member. */
  readonly #wired = new Map<string, number>();
  /** Of the line: from an interrupt until the client unmasks it. */
  #isMasked = false;
  /** Whether the line has come up while it was masked. */
  #isPending = false;

  constructor(kinds: Kinds) {
    this.#kinds = kinds;
  }

  /** Fires interrupt `vector`, or the line where the device has nothing else; false if the client has not wired it. */
  fire(vector: number): boolean {
    const { vectors, line } = this.#kinds;
    if (vectors) return this.#signal(vectors.index, vector);
    return line !== undefined && vector === LINE && this.raiseLine();
  }

  /** The line has come up, or somebody else on it has: the client hears of it at once, or when it unmasks the line. */
  raiseLine(): boolean {
    const { line } = this.#kinds;
    if (line === undefined) return false;
    if (this.#isMasked) {
      this.#isPending = true;
      return true;
    }
    this.#isPending = false;
    this.#isMasked = this.#signal(line.index, LINE);
    return this.#isMasked;
  }

  #signal(index: number, member: number): boolean {
    const descriptor = this.#wired.get(keyOf(index, member));
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
    const manner = this.#isLine(index) ? IRQ_INFO_FLAG.MASKABLE | IRQ_INFO_FLAG.AUTOMASKED : IRQ_INFO_FLAG.NORESIZE;
    const flags = count > 0 ? IRQ_INFO_FLAG.EVENTFD | manner : 0;
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
    if (start + count > this.#countOf(index)) {
      return refuse(ERRNO.EINVAL, `interrupts ${start}+${count} of ${this.#countOf(index)}`);
    }
    if (action !== IRQ_SET.ACTION_TRIGGER) return this.#mask(index, data, action);
    if (data === IRQ_SET.DATA_NONE && count === 0 && start === 0) {
      this.#unwire(index);
      return 0;
    }
    switch (data) {
      case IRQ_SET.DATA_NONE:
        for (let i = 0; i < count; i++) this.#signal(index, start + i);
        return 0;
      case IRQ_SET.DATA_BOOL:
        return this.#fireWhereTrue(values, request.payload);
      case IRQ_SET.DATA_EVENTFD:
        return this.#wire(values, request.descriptors);
      default:
        return refuse(ERRNO.EINVAL, 'more than one kind of data');
    }
  }

  #isLine(index: number): boolean {
    return index === this.#kinds.line?.index;
  }

  #countOf(index: number): number {
    if (this.#isLine(index)) return 1;
    const { vectors } = this.#kinds;
    return index === vectors?.index ? vectors.count : 0;
  }

  /** A line that is unmasked while it is up comes again. */
  #mask(index: number, data: number, action: number): Answer {
    if (!this.#isLine(index)) return refuse(ERRNO.EINVAL, `interrupts of type ${index} cannot be masked`);
    if (data !== IRQ_SET.DATA_NONE) return refuse(ERRNO.EINVAL, 'a mask takes no data');
    if (action === IRQ_SET.ACTION_MASK) this.#isMasked = true;
    else if (action === IRQ_SET.ACTION_UNMASK) this.#unmask();
    else return refuse(ERRNO.EINVAL, 'more than one action');
    return 0;
  }

  #unmask(): void {
    this.#isMasked = false;
    if (this.#isPending || this.#kinds.line?.isUp() === true) this.raiseLine();
  }

  #fireWhereTrue({ index, start, count }: SetValues, payload: DataView): Answer {
    if (payload.byteLength < SetIrqs.size + count)
      return refuse(ERRNO.EINVAL, `fewer than ${counted(count, 'boolean')}`);
    for (let i = 0; i < count; i++) {
      if (payload.getUint8(SetIrqs.size + i) !== 0) this.#signal(index, start + i);
    }
    return 0;
  }

  /** All of the range get an eventfd, or, when none came along, lose theirs. */
  #wire({ index, start, count }: SetValues, descriptors: number[]): Answer {
    if (descriptors.length !== 0 && descriptors.length !== count) {
      return refuse(ERRNO.EINVAL, `${counted(descriptors.length, 'descriptor')} for ${counted(count, 'interrupt')}`);
    }
    if (!descriptors.every(isEventfd)) return refuse(ERRNO.EINVAL, 'a descriptor is not an eventfd');
    const taken = descriptors.splice(0);
    for (let i = 0; i < count; i++) this.#rewire(keyOf(index, start + i), taken[i]);
    if (this.#isLine(index)) this.#unmask();
    return 0;
  }

  #rewire(key: string, descriptor: number | undefined): void {
    const former = this.#wired.get(key);
    if (former !== undefined) libc.close(former);
    this.#wired.delete(key);
    if (descriptor === undefined) return;
    // A blocking eventfd with a full counter would hold up every function.
    libc.fcntl(descriptor, F_SETFL, O_RDWR | O_NONBLOCK);
    this.#wired.set(key, descriptor);
  }

  /** The client has disabled interrupts of that kind. */
  #unwire(index: number): void {
    for (let member = 0; member < this.#countOf(index); member++) this.#rewire(keyOf(index, member), undefined);
    if (!this.#isLine(index)) return;
    this.#isMasked = false;
    this.#isPending = false;
  }

  /** Closes every eventfd: the client is gone. */
  clear(): void {
    for (let index = 0; index < this.#kinds.irqTypes; index++) this.#unwire(index);
  }
}

const keyOf = (index: number, member: number): string => `${index}/${member}`;

/** Anything else could block when it is written to, or be a file of the user's. */
const isEventfd = (descriptor: number): boolean =>
  readlinkSync(`/proc/self/fd/${descriptor}`) === 'anon_inode:[eventfd]';
