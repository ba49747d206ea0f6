/** QEMU's own channel for questions (QMP): a line of JSON each way. */
import { connect, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { jsonValue } from '../../../reports/words/json-value.ts';

/** One conversation; nothing that goes wrong in it is an error, since all that is asked here can go unanswered. */
export class QemuMonitor {
  readonly #socket: Socket;
  readonly #waiting: ((reply: unknown) => void)[] = [];
  #isOver = false;

  /** At the socket that QEMU listens at. */
  constructor(path: string) {
    this.#socket = connect(path);
    this.#socket.on('error', () => {});
    const lines = createInterface({ input: this.#socket });
    lines.on('error', () => {});
    lines.on('line', (line) => this.#read(line));
    this.#socket.once('close', () => {
      this.#isOver = true;
      for (const tell of this.#waiting.splice(0)) tell(undefined);
    });
    void this.ask('qmp_capabilities');
  }

  /** What QEMU returns for `command`; undefined if it refuses, or is gone. */
  ask(command: string, args: Readonly<Record<string, string>> = {}): Promise<unknown> {
    if (this.#isOver) return Promise.resolve(undefined);
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      this.#socket.write(`${JSON.stringify({ execute: command, arguments: args })}\n`);
    });
  }

  close(): void {
    this.#socket.destroy();
  }

  /** A greeting or an event answers nothing. */
  #read(line: string): void {
    const read = jsonValue(line);
    if (!('value' in read) || typeof read.value !== 'object' || read.value === null) return;
    const said = read.value as Readonly<Record<string, unknown>>;
    if ('return' in said || 'error' in said) this.#waiting.shift()?.(said['return']);
  }
}
