import { StringDecoder } from 'node:string_decoder';
import { oneLine, withoutControls } from './printable-text.ts';

/** Keeps the end of what a driver writes to its log: at most `capacity` characters, control characters replaced. */
export class LogRing {
  readonly #capacity: number;
  readonly #decoder = new StringDecoder('utf8');
  #text = '';
  /** Characters that were not kept since the last `take`. */
  #dropped = 0;
  #lastLine = '';

  constructor(capacity = 65_536) {
    this.#capacity = capacity;
  }

  /** Adds bytes or text, and gives back what was added in printable form. */
  append(piece: Uint8Array | string): string {
    const text = withoutControls(typeof piece === 'string' ? piece : this.#decoder.write(Buffer.from(piece)));
    this.#text += text;
    // Cutting at twice the capacity keeps the cost of a byte constant.
    if (this.#text.length > 2 * this.#capacity) this.#cut();
    return text;
  }

  /** The log since the last call; says how much is missing at its beginning. */
  take(): string {
    this.#cut();
    const lost = this.#dropped > 0 ? `(${this.#dropped} earlier characters were not kept)\n` : '';
    this.#lastLine = this.lastLine();
    const text = lost + this.#text;
    this.#text = '';
    this.#dropped = 0;
    return text;
  }

  /** The last line that has anything on it, shortened; '' if there was none. Survives `take`. */
  lastLine(): string {
    const line = this.#text.slice(-4096).trimEnd().split('\n').at(-1) ?? '';
    return line === '' ? this.#lastLine : oneLine(line);
  }

  #cut(): void {
    const surplus = this.#text.length - this.#capacity;
    if (surplus <= 0) return;
    this.#text = this.#text.slice(surplus);
    this.#dropped += surplus;
  }
}
