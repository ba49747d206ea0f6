/** One client's conversation with one device: every message is answered here, whatever it says. */
import type { DmaWindows } from './dma-windows.ts';
import type { InterruptTable } from './interrupt-table.ts';
import { ERRNO, libc, type NativeBlock } from './libc.ts';
import {
  COMMAND,
  DeviceInfo,
  DmaMap,
  DmaUnmap,
  FLAG,
  Header,
  IrqInfo,
  RegionAccess,
  RegionInfo,
  SetIrqs,
  Version,
  WriteMulti,
} from './messages.ts';
import { regionInfo, readRegion, writeRegion, writeRegions } from './regions.ts';
import { type Answer, refuse, type Refusal, type Request } from './request.ts';
import type { ServedDevice } from './served-device.ts';
import { agreeOnVersion, speaksMajor } from './version.ts';
import { counted } from '../../reference-device/counted.ts';

/** A device together with what a client can attach to it. */
export interface Served {
  readonly device: ServedDevice;
  readonly windows: DmaWindows;
  readonly interrupts: InterruptTable;
}

interface CommandEntry {
  readonly name: string;
  /** The part of the payload that must be there, in bytes. */
  readonly fixedSize: number;
  readonly answer: (served: Served, request: Request) => Answer;
}

/** Everything that a client can ask once a version is agreed on. */
const COMMANDS: ReadonlyMap<number, CommandEntry> = new Map<number, CommandEntry>([
  [COMMAND.VERSION, entry('VERSION', Version.size, () => refuse(ERRNO.EINVAL, 'a version is agreed on already'))],
  [COMMAND.DMA_MAP, entry('DMA_MAP', DmaMap.size, ({ windows }, request) => windows.map(request))],
  [COMMAND.DMA_UNMAP, entry('DMA_UNMAP', DmaUnmap.size, ({ windows }, request) => windows.unmap(request))],
  [
    COMMAND.DEVICE_GET_INFO,
    entry('DEVICE_GET_INFO', DeviceInfo.size, ({ device }, request) => deviceInfo(device, request)),
  ],
  [
    COMMAND.DEVICE_GET_REGION_INFO,
    entry('DEVICE_GET_REGION_INFO', RegionInfo.size, ({ device }, request) => regionInfo(device, request)),
  ],
  [
    COMMAND.DEVICE_GET_REGION_IO_FDS,
    entry('DEVICE_GET_REGION_IO_FDS', 0, () => refuse(ERRNO.ENOTSUP, 'regions have no descriptors')),
  ],
  [
    COMMAND.DEVICE_GET_IRQ_INFO,
    entry('DEVICE_GET_IRQ_INFO', IrqInfo.size, ({ interrupts }, request) => interrupts.info(request)),
  ],
  [
    COMMAND.DEVICE_SET_IRQS,
    entry('DEVICE_SET_IRQS', SetIrqs.size, ({ interrupts }, request) => interrupts.set(request)),
  ],
  [COMMAND.REGION_READ, entry('REGION_READ', RegionAccess.size, ({ device }, request) => readRegion(device, request))],
  [
    COMMAND.REGION_WRITE,
    entry('REGION_WRITE', RegionAccess.size, ({ device }, request) => writeRegion(device, request)),
  ],
  [
    COMMAND.REGION_WRITE_MULTI,
    entry('REGION_WRITE_MULTI', WriteMulti.size, ({ device }, request) => writeRegions(device, request)),
  ],
  [COMMAND.DEVICE_RESET, entry('DEVICE_RESET', 0, ({ device }) => resetDevice(device))],
]);

function entry(name: string, fixedSize: number, answer: CommandEntry['answer']): CommandEntry {
  return { name, fixedSize, answer };
}

function deviceInfo({ flags, regionCount, irqTypes }: ServedDevice, { payload, reply }: Request): Answer {
  const { argsz } = DeviceInfo.read(payload, 0);
  if (argsz < DeviceInfo.size) return refuse(ERRNO.EINVAL, `argsz is ${argsz}`);
  DeviceInfo.write(reply, 0, { argsz: DeviceInfo.size, flags, num_regions: regionCount, num_irqs: irqTypes });
  return DeviceInfo.size;
}

function resetDevice(device: ServedDevice): Answer {
  device.reset();
  return 0;
}

/** What came of a message. */
export interface Outcome {
  /** Bytes of the reply, header included, that stand in the reply block; 0 if none is wanted. */
  readonly replySize: number;
  /** Why it was refused; for the owner. */
  readonly refused?: string;
  /** The connection cannot go on; for the owner. */
  readonly broken?: string;
}

type HeaderValues = ReturnType<typeof Header.read>;

/** Answers the messages of one connection, in order. */
export class Session {
  readonly #served: Served;
  readonly #block: NativeBlock;
  readonly #replyPayload: DataView;
  #versionAgreed = false;

  /** `block` is where replies are put; each stands there until the next message is handled. */
  constructor(served: Served, block: NativeBlock) {
    this.#served = served;
    this.#block = block;
    this.#replyPayload = new DataView(block.bytes.buffer, Header.size);
  }

  /** Answers one whole message. Descriptors are kept or closed, in every case. */
  handle(header: HeaderValues, payload: DataView, descriptors: number[]): Outcome {
    try {
      return this.#answer(header, { payload, descriptors, reply: this.#replyPayload });
    } finally {
      for (const descriptor of descriptors.splice(0)) libc.close(descriptor);
    }
  }

  #answer(header: HeaderValues, request: Request): Outcome {
    if (!this.#versionAgreed && header.command !== COMMAND.VERSION) {
      return { replySize: 0, broken: `command ${header.command} came before VERSION` };
    }
    const command = COMMANDS.get(header.command);
    if (!command) return this.#refuse(header, refuse(ERRNO.ENOTSUP, 'unknown'), `command ${header.command}`);
    const answer = this.#carryOut(header, command, request);
    if (answer === 'other-major') return { replySize: 0, broken: 'VERSION proposed another major version' };
    if (typeof answer !== 'number') return this.#refuse(header, answer, command.name);
    return { replySize: this.#seal(header, FLAG.REPLY, 0, answer) };
  }

  #carryOut(header: HeaderValues, command: CommandEntry, request: Request): Answer | 'other-major' {
    if ((header.flags & ~FLAG.NO_REPLY) !== 0) return refuse(ERRNO.EINVAL, `flags 0x${header.flags.toString(16)}`);
    const { byteLength } = request.payload;
    if (byteLength < command.fixedSize) {
      return refuse(ERRNO.EINVAL, `its payload has ${counted(byteLength, 'byte')} and not ${command.fixedSize}`);
    }
    if (this.#versionAgreed) return command.answer(this.#served, request);
    if (!speaksMajor(request)) return 'other-major';
    const answer = agreeOnVersion(request);
    this.#versionAgreed = typeof answer === 'number';
    return answer;
  }

  #refuse(header: HeaderValues, { errno, because }: Refusal, name: string): Outcome {
    const replySize = this.#seal(header, FLAG.REPLY | FLAG.ERROR, errno, 0);
    if (because === undefined) return { replySize };
    return { replySize, refused: `${name} refused: ${because}` };
  }

  /** Puts the header in front of `payloadSize` bytes; 0 if the client wants no reply. */
  #seal({ id, command, flags }: HeaderValues, replyFlags: number, error: number, payloadSize: number): number {
    if ((flags & FLAG.NO_REPLY) !== 0) return 0;
    const size = Header.size + payloadSize;
    Header.write(this.#block.view, 0, { id, command, size, flags: replyFlags, error });
    return size;
  }
}
