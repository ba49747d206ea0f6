/** Where one function can be reached: its socket, its guest memory, its interrupts, and the client of the moment. */
import { GuestMemory } from '../../reference-device/memory/guest-memory.ts';
import type { FunctionHost } from '../../reference-device/transport/pci-function.ts';
import { Connection, type Ending } from './connection.ts';
import { DmaWindows } from './dma-windows.ts';
import type { GuestRam } from './guest-ram.ts';
import { InterruptTable } from './interrupt-table.ts';
import { libc, type NativeBlock, nativeBlock, POLLIN, POLLOUT } from './libc.ts';
import { MAX_MESSAGE_SIZE } from './limits.ts';
import type { ServedDevice } from './served-device.ts';
import { type Served, Session } from './session.ts';
import type { PeerEvent } from './thread-messages.ts';
import { acceptFrom, listenAt, type Receiver } from './unix-socket.ts';

/** What all ports of a worker share. */
export interface PortParts {
  readonly ram: GuestRam;
  readonly receiver: Receiver;
  readonly replyBlock: NativeBlock;
  readonly keepsCapabilityPlaces: boolean;
  readonly onPeer: (event: PeerEvent) => void;
}

/** Serves one client at a time; the next one that connects finds the function reset. */
export class FunctionPort {
  readonly name: string;
  readonly host: FunctionHost;
  readonly #parts: PortParts;
  readonly #memory = new GuestMemory();
  readonly #windows: DmaWindows;
  readonly #inbox = nativeBlock(MAX_MESSAGE_SIZE);
  #served: Served | undefined;
  #listener = -1;
  #connection: Connection | undefined;
  #wasLeft = false;

  constructor(name: string, parts: PortParts) {
    this.name = name;
    this.#parts = parts;
    this.#windows = new DmaWindows(this.#memory, parts.ram);
    this.host = {
      memory: this.#memory,
      interrupt: (vector) => this.#served?.interrupts.fire(vector) ?? false,
      interruptLine: () => this.#served?.interrupts.raiseLine() ?? false,
      keepsCapabilityPlaces: parts.keepsCapabilityPlaces,
    };
  }

  /** Puts `device` behind a socket at `path`. Throws a HarnessError if the socket cannot be opened. */
  listen(device: ServedDevice, path: string): void {
    this.#served = { device, windows: this.#windows, interrupts: new InterruptTable(device) };
    this.#listener = listenAt(path);
  }

  /** Whether a client was there, and has taken its memory with it. */
  get wasLeft(): boolean {
    return this.#wasLeft;
  }

  /** What to wait for. While a client is served, the next one waits in the kernel. */
  get interest(): { readonly descriptor: number; readonly events: number } {
    const connection = this.#connection;
    if (!connection) return { descriptor: this.#listener, events: POLLIN };
    return { descriptor: connection.socket, events: connection.hasUnsent ? POLLIN | POLLOUT : POLLIN };
  }

  /** Deals with what `interest` brought. */
  serve(happened: number): void {
    const connection = this.#connection;
    if (!connection) {
      this.#accept();
      return;
    }
    let ending: Ending | undefined;
    if ((happened & POLLOUT) !== 0) ending = connection.flush();
    // Errors and hang-ups show as a receive that fails or ends.
    if (!ending && (happened & ~POLLOUT) !== 0) ending = connection.receive();
    if (ending) this.#disconnect(ending);
  }

  #accept(): void {
    const socket = acceptFrom(this.#listener);
    if (socket === undefined || !this.#served) return;
    const { receiver, replyBlock } = this.#parts;
    this.#served.device.reset();
    this.#connection = new Connection({
      socket,
      session: new Session(this.#served, replyBlock),
      receiver,
      inbox: this.#inbox,
      replyBlock,
      onRefusal: (sentence) => this.#tell('refused', `a message of the client was answered with an error: ${sentence}`),
    });
    this.#wasLeft = false;
    this.#tell('connected', 'a client connected');
  }

  #disconnect(ending: Ending): void {
    this.#letGo();
    this.#wasLeft = true;
    if ('left' in ending) this.#tell('disconnected', 'the client left');
    else this.#tell('broken', `the client was disconnected: ${ending.broken}`);
  }

  /** Frees everything that the client had attached. */
  #letGo(): void {
    this.#connection?.close();
    this.#connection = undefined;
    this.#windows.clear();
    this.#served?.interrupts.clear();
  }

  #tell(kind: PeerEvent['kind'], clause: string): void {
    this.#parts.onPeer({ kind, functionName: this.name, sentence: `${this.name}: ${clause}.` });
  }

  close(): void {
    this.#letGo();
    if (this.#listener >= 0) libc.close(this.#listener);
    this.#listener = -1;
  }
}
