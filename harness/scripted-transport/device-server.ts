/** The loop of the device worker: clients on one side, commands of the owner on the other, one machine between them. */
import { join } from 'node:path';
import type { MachineCommand, MachineReply } from '../../reference-device/machine/commands.ts';
import type { MmioWindow } from '../../reference-device/transport/mmio-window.ts';
import type { FunctionHost, PciFunction } from '../../reference-device/transport/pci-function.ts';
import { HarnessError } from '../harness-error.ts';
import { FunctionPort } from './function-port.ts';
import { GuestRam } from './guest-ram.ts';
import { EFD_CLOEXEC, EFD_NONBLOCK, libc, nativeBlock, POLLIN } from './libc.ts';
import { MAX_MESSAGE_SIZE } from './limits.ts';
import { PollSet } from './poll-set.ts';
import { type ServedDevice, servedCarrier, servedFunction, servedWindow } from './served-device.ts';
import type { FromWorker, ToWorker } from './thread-messages.ts';
import { Receiver } from './unix-socket.ts';
import { WindowCarrier } from './window-carrier.ts';

/** The part of a `MachineModel` that is served. */
export interface ServedMachine {
  readonly functions: ReadonlyMap<string, PciFunction>;
  /** Windows of registers beside the PCI bus; none if left out. */
  readonly windows?: ReadonlyMap<string, MmioWindow>;
  /** Whether completions are held back until nothing else is going on. */
  readonly hasHeldWork: boolean;
  execute(command: MachineCommand): MachineReply;
}

/** Builds the machine; `hostFor` gives each function its carrier, by the function's name. */
export type MachineBuilder = (hostFor: (functionName: string) => FunctionHost) => ServedMachine;

export interface DeviceServerParts {
  /** Where the sockets go: a private folder. */
  readonly directory: string;
  readonly build: MachineBuilder;
  /** Windows that are served as PCI functions, with the address at which each has to be; the others are platform devices. */
  readonly carried?: ReadonlyMap<string, number>;
  /** Whether clients read the list of capabilities once, and not for each case. */
  readonly keepsCapabilityPlaces?: boolean;
  /** Hands a message to the owner. */
  readonly post: (message: FromWorker) => void;
  /** The owner's next message, if there is one. */
  readonly take: () => ToWorker | undefined;
}

/** No client and no command for this long: held work is let go. */
const QUIET_MS = 5;

/** A blocked thread cannot be stopped; it comes up this often to be stopped. */
const LONGEST_WAIT_MS = 200;

/**
 * Serves until the owner says `close`. Blocks its thread.
 * Whatever a client does is an answer, a `peer` message or a disconnection; what is thrown is a defect of the machine
 * or of this transport, or a lack of the system, and everything is closed when it is.
 */
export class DeviceServer {
  readonly #parts: DeviceServerParts;
  readonly #ports = new Map<string, FunctionPort>();
  readonly #machine: ServedMachine;
  /** An eventfd of the owner's, by which it says that there are commands. */
  #wake = -1;
  readonly #wakeCount = nativeBlock(8);

  constructor(parts: DeviceServerParts) {
    this.#parts = parts;
    const shared = {
      ram: new GuestRam(),
      receiver: new Receiver(),
      replyBlock: nativeBlock(MAX_MESSAGE_SIZE),
      keepsCapabilityPlaces: parts.keepsCapabilityPlaces === true,
      onPeer: (event: Extract<FromWorker, { type: 'peer' }>['event']) => parts.post({ type: 'peer', event }),
    };
    this.#machine = parts.build((functionName) => {
      const port = this.#ports.get(functionName) ?? new FunctionPort(functionName, shared);
      this.#ports.set(functionName, port);
      return port.host;
    });
  }

  /** Opens the sockets, tells the owner, and serves. */
  run(): void {
    try {
      this.#listen();
      this.#serve();
    } finally {
      for (const port of this.#ports.values()) port.close();
    }
  }

  #listen(): void {
    const sockets = new Map<string, string>();
    const { functions, windows = new Map<string, MmioWindow>() } = this.#machine;
    const devices = [
      ...[...functions].map(([name, pci]) => [name, servedFunction(pci)] as const),
      ...[...windows].map(([name, window]) => [name, this.#servedWindow(window)] as const),
    ];
    for (const [name, device] of devices) {
      const port = this.#ports.get(name);
      if (!port) throw new HarnessError(`The machine's device ${name} never asked for its host.`);
      const path = join(this.#parts.directory, `${name}.sock`);
      port.listen(device, path);
      sockets.set(name, path);
    }
    this.#wake = libc.eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    this.#parts.post({ type: 'listening', sockets, wakeDescriptor: this.#wake });
  }

  #servedWindow(window: MmioWindow): ServedDevice {
    const address = this.#parts.carried?.get(window.name);
    return address === undefined ? servedWindow(window) : servedCarrier(new WindowCarrier(window, address));
  }

  #serve(): void {
    const ports = [...this.#ports.values()];
    const pollSet = new PollSet(ports.length + 1);
    for (;;) {
      pollSet.clear();
      pollSet.add(this.#wake, POLLIN);
      for (const { interest } of ports) pollSet.add(interest.descriptor, interest.events);
      const { hasHeldWork } = this.#machine;
      if (!pollSet.wait(hasHeldWork ? QUIET_MS : LONGEST_WAIT_MS)) {
        if (hasHeldWork) this.#machine.execute({ do: 'idle' });
        continue;
      }
      if (pollSet.happened(0) !== 0 && this.#obey() === 'close') return;
      for (const [index, port] of ports.entries()) {
        const happened = pollSet.happened(index + 1);
        if (happened !== 0) port.serve(happened);
      }
    }
  }

  /** A look at rings that have gone with their driver would find them broken, which they never were. */
  #isSenseless(command: MachineCommand): boolean {
    return command.do === 'look-at-queues' && [...this.#ports.values()].some(({ wasLeft }) => wasLeft);
  }

  /** Carries out every command that waits. */
  #obey(): 'close' | 'go on' {
    libc.read(this.#wake, this.#wakeCount.address, 8);
    for (let message = this.#parts.take(); message; message = this.#parts.take()) {
      if (message.type === 'close') return 'close';
      const reply = this.#isSenseless(message.command) ? {} : this.#machine.execute(message.command);
      this.#parts.post({ type: 'reply', id: message.id, reply });
    }
    return 'go on';
  }
}
