/** The owner's end of a device worker: a `Machine` that lives in another thread. */
import { closeSync, writeSync } from 'node:fs';
import { type MessagePort, receiveMessageOnPort, type Worker } from 'node:worker_threads';
import type { MachineCommand, MachineReply } from '../../reference-device/machine/commands.ts';
import { HarnessError } from '../harness-error.ts';
import { Patience, within } from '../patience.ts';
import type { ScriptedTransport, TransportOptions } from './scripted-transport.ts';
import { startWorker } from './start-worker.ts';
import type { FromWorker, PeerEvent, ToWorker } from './thread-messages.ts';

/** A client can block the device for good, as by an eventfd that it makes blocking again: nothing that a device does takes so long. */
const ANSWER_MS = 60_000;
/** For a thread to end; one that is blocked ends with the process. */
const FAREWELL_MS = 5000;

const ONE = new Uint8Array(new BigUint64Array([1n]).buffer);

interface Waiting {
  readonly resolve: (reply: MachineReply) => void;
  readonly reject: (error: HarnessError) => void;
}

/** How the opening of the machine ends. */
interface Opening {
  readonly resolve: () => void;
  readonly reject: (error: HarnessError) => void;
}

export interface WorkerMachineOptions extends TransportOptions {
  /** From a command to the reply to it. */
  readonly answerMs?: number;
}

class WorkerMachine implements ScriptedTransport {
  readonly #worker: Worker;
  readonly #port: MessagePort;
  readonly #opening: Opening;
  readonly #exited: Promise<void>;
  readonly #waiting = new Map<number, Waiting>();
  readonly #listeners = new Set<(event: PeerEvent) => void>();
  #sockets: ReadonlyMap<string, string> = new Map();
  /** Present while the worker listens to it. */
  #wakeDescriptor: number | undefined;
  #nextId = 1;
  /** Why no command can be carried out any more. */
  #failure: HarnessError | undefined;
  readonly #answerMs: number;

  constructor(entry: URL, { answerMs = ANSWER_MS, ...options }: WorkerMachineOptions, opening: Opening) {
    this.#opening = opening;
    this.#answerMs = answerMs;
    const { worker, port } = startWorker(entry, options);
    this.#worker = worker;
    this.#port = port;
    port.on('message', (message: FromWorker) => this.#hear(message));
    worker.on('error', (error) => {
      this.#fail(new HarnessError(`The device worker failed: ${error.message}`, { cause: error }));
    });
    this.#exited = new Promise((resolve) => {
      worker.on('exit', () => {
        this.#end();
        resolve();
      });
    });
  }

  get sockets(): ReadonlyMap<string, string> {
    return this.#sockets;
  }

  onPeer(listener: (event: PeerEvent) => void): void {
    this.#listeners.add(listener);
  }

  execute(command: MachineCommand): Promise<MachineReply> {
    if (this.#failure) return Promise.reject(this.#failure);
    const id = this.#nextId++;
    const answer = new Promise<MachineReply>((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#tell({ type: 'execute', id, command });
    });
    const patience = new Patience(this.#answerMs, () => {
      this.#fail(new HarnessError(`The device has not carried out '${command.do}' within ${this.#answerMs / 1000} s.`));
    });
    return answer.finally(() => patience.stop());
  }

  async close(): Promise<void> {
    this.#fail(new HarnessError('The machine is closed.'));
    this.#tell({ type: 'close' });
    if (!(await within(this.#exited, FAREWELL_MS))) this.#worker.unref();
  }

  #tell(message: ToWorker): void {
    if (this.#wakeDescriptor === undefined) return;
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread's port has no origin
    this.#port.postMessage(message);
    writeSync(this.#wakeDescriptor, ONE);
  }

  #hear(message: FromWorker): void {
    switch (message.type) {
      case 'listening':
        this.#sockets = message.sockets;
        this.#wakeDescriptor = message.wakeDescriptor;
        this.#opening.resolve();
        return;
      case 'reply':
        this.#waiting.get(message.id)?.resolve(message.reply);
        this.#waiting.delete(message.id);
        return;
      case 'peer':
        for (const listener of this.#listeners) listener(message.event);
        return;
      case 'failed':
        this.#fail(failureFrom(message));
        return;
    }
  }

  #fail(error: HarnessError): void {
    this.#failure ??= error;
    this.#opening.reject(this.#failure);
    for (const { reject } of this.#waiting.values()) reject(this.#failure);
    this.#waiting.clear();
  }

  /** The thread is gone: nothing will be answered, and nobody reads the wake-ups. */
  #end(): void {
    // Its last words may still be under way.
    for (let last = receiveMessageOnPort(this.#port); last; last = receiveMessageOnPort(this.#port)) {
      this.#hear(last.message);
    }
    this.#fail(new HarnessError('The device worker ended unexpectedly.'));
    if (this.#wakeDescriptor !== undefined) closeSync(this.#wakeDescriptor);
    this.#wakeDescriptor = undefined;
    this.#port.close();
  }
}

function failureFrom({ sentence, hint, stack }: Extract<FromWorker, { type: 'failed' }>): HarnessError {
  const cause = stack === undefined ? undefined : new Error(stack);
  return new HarnessError(sentence, { cause, ...(hint === undefined ? {} : { hint }) });
}

/** Starts `entry` as a device worker; resolves when its sockets listen, rejects with a HarnessError if they never do. */
export function openWorkerMachine(entry: URL, options: WorkerMachineOptions): Promise<ScriptedTransport> {
  return new Promise((resolve, reject) => {
    const machine: WorkerMachine = new WorkerMachine(entry, options, {
      resolve: () => resolve(machine),
      reject,
    });
  });
}
