/** One QEMU that does what the qtest protocol says: a line out, a line back, nothing else happens in it. */
import { access } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LogRing } from '../../harness/driver-contract/log-ring.ts';
import { type ShimProcess, startShimProcess } from '../../harness/driver-contract/shim-process.ts';
import type { Program } from '../../harness/drivers/linux-guest/debian-programs.ts';
import { SubjectDied } from './bus.ts';

/** QEMU answers in microseconds; the first answer waits for its start. */
const ANSWER_MS = 30_000;
const LAST_WORDS = 4096;

interface Waiting {
  readonly command: string;
  readonly resolve: (answer: string) => void;
  readonly reject: (error: Error) => void;
}

export class QtestConnection {
  readonly #process: ShimProcess;
  readonly #log = new LogRing(LAST_WORDS);
  readonly #waiting: Waiting[] = [];
  #rest = '';
  #end: string | undefined;

  private constructor(process: ShimProcess) {
    this.#process = process;
    process.stdout.on('data', (bytes: Buffer) => this.#take(bytes.toString('latin1')));
    process.stderr.on('data', (bytes: Buffer) => this.#log.append(bytes));
    // A write to a process that has just ended is told of by its end.
    process.stdin.on('error', () => {});
    void process.ended.then(({ code, signal, startError }) => {
      const how = startError ?? (signal === undefined ? `exit code ${code}` : signal);
      this.#fail(`QEMU ended (${how}): ${this.#log.lastLine()}`);
    });
  }

  /** Starts `qemu` with `words`. Whether it came up, the first answer tells. It ends with us, however we end. */
  static async open(qemu: Program, words: readonly string[]): Promise<QtestConnection> {
    const fixed = ['-nodefaults', '-no-user-config', '-display', 'none', '-run-with', 'exit-with-parent=on'];
    const qtest = ['-qtest', 'stdio', '-qtest-log', 'none'];
    const modules = await moduleFolder(qemu);
    const process = startShimProcess({
      command: qemu.command,
      args: [...qemu.args, ...fixed, ...qtest, ...words],
      env: modules === undefined ? {} : { QEMU_MODULE_DIR: modules },
      cwd: tmpdir(),
    });
    return new QtestConnection(process);
  }

  /** Sends one command; what follows OK. Rejects with `SubjectDied` if QEMU ends or falls silent. */
  say(command: string): Promise<string> {
    if (this.#end !== undefined) return Promise.reject(new SubjectDied(this.#end));
    return new Promise((resolve, reject) => {
      const silence = setTimeout(() => this.#fail(`QEMU has not answered ${command.slice(0, 60)}`), ANSWER_MS);
      const settle = <A extends unknown[]>(by: (...value: A) => void) => {
        return (...value: A): void => {
          clearTimeout(silence);
          by(...value);
        };
      };
      this.#waiting.push({ command, resolve: settle(resolve), reject: settle(reject) });
      this.#process.stdin.write(`${command}\n`);
    });
  }

  #take(text: string): void {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) {
      // Lines that begin otherwise tell of interrupts, which nobody asked for.
      const [, verdict, answer = ''] = /^(OK|FAIL|ERR)\b ?(.*)$/.exec(line) ?? [];
      if (verdict === undefined) continue;
      const waiting = this.#waiting.shift();
      if (verdict === 'OK') waiting?.resolve(answer);
      else waiting?.reject(new Error(`qtest refused ${waiting.command}: ${line}`));
    }
  }

  #fail(why: string): void {
    this.#end ??= why;
    this.#process.signalGroup('SIGKILL');
    for (const { reject } of this.#waiting.splice(0)) reject(new SubjectDied(this.#end));
  }

  /** Ends QEMU and waits until it is gone. */
  async close(): Promise<void> {
    this.#fail('the connection was closed');
    await this.#process.ended;
  }
}

/** Debian's qtest accelerator is a module; a QEMU that runs through another loader does not find its modules. */
async function moduleFolder(qemu: Program): Promise<string | undefined> {
  const libraries = qemu.args[qemu.args.indexOf('--library-path') + 1]?.split(':') ?? [];
  for (const folder of libraries.map((library) => join(library, 'qemu'))) {
    if (await isThere(folder)) return folder;
  }
  return undefined;
}

const isThere = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );
