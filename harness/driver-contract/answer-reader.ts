/** Reads what a shim writes to its stdout: a TAP 14 stream, one test point with a YAML block per command. */
import { StringDecoder } from 'node:string_decoder';
import type { Answer } from './driver-session.ts';
import { oneLine } from './printable-text.ts';
import { tapLine, type TestPoint } from './tap-line.ts';
import { blockValues } from './yaml-block.ts';
import { counted } from '../../reference-device/counted.ts';

/** Bytes that a shim may write from one answer to the end of the next, comments included. */
export const MAX_ANSWER_BYTES = 262_144;
/** Characters in one line. */
export const MAX_LINE_LENGTH = 131_072;

export type ReadEvent =
  | { readonly kind: 'announced' }
  | { readonly kind: 'answer'; readonly answer: Answer }
  /** A TAP comment, without its `#`: as good as a line of the log. */
  | { readonly kind: 'comment'; readonly text: string }
  | { readonly kind: 'bail-out'; readonly reason: string }
  /** The contract is broken, in a half sentence that begins with a verb; nothing is read after it. */
  | { readonly kind: 'broken'; readonly says: string };

/**
 * What the next line may be. `block` has the indentation of its `---` line.
 * `planned` is after the plan, when only comments may follow.
 */
type Place =
  | { readonly at: 'version' | 'between' | 'before-block' | 'planned' | 'broken' }
  | { readonly at: 'block'; readonly indent: string };

const broken = (says: string): ReadEvent[] => [{ kind: 'broken', says }];
const quoted = (line: string): string => JSON.stringify(oneLine(line, 80));

/** Turns bytes into events, in time that grows with their number and no faster. */
export class AnswerReader {
  readonly #decoder = new StringDecoder('utf8');
  #partial = '';
  #bytesSinceAnswer = 0;
  #place: Place = { at: 'version' };
  #asked: string | undefined;
  #answered = 0;
  /** The answer that is being read, and the lines of its block. */
  #point: TestPoint | undefined;
  #block: string[] = [];

  /** Announces that the answer to `verb` comes next. */
  expect(verb: string): void {
    this.#asked = verb;
    this.#bytesSinceAnswer = 0;
  }

  /** What has not come yet, as the end of a sentence that begins with "it". */
  get missing(): string {
    if (this.#place.at === 'version') return 'did not begin its stdout with "TAP version 14"';
    if (this.#place.at === 'before-block') return 'answered without the YAML block that has to end every answer';
    if (this.#place.at === 'block') return 'did not end the YAML block of its answer with "..."';
    return this.#partial === '' ? 'did not answer' : `left the line ${quoted(this.#partial)} without an end`;
  }

  /** True if an answer, but not its end, has been seen. */
  get amidAnswer(): boolean {
    return this.#place.at === 'before-block' || this.#place.at === 'block';
  }

  push(chunk: Uint8Array): ReadEvent[] {
    const events: ReadEvent[] = [];
    this.#bytesSinceAnswer += chunk.byteLength;
    const lines = (this.#partial + this.#decoder.write(Buffer.from(chunk))).split('\n');
    this.#partial = lines.pop() ?? '';
    for (const line of lines) {
      if (this.#place.at === 'broken') break;
      events.push(...this.#line(line.endsWith('\r') ? line.slice(0, -1) : line));
      if (events.at(-1)?.kind === 'broken') this.#place = { at: 'broken' };
    }
    if (this.#place.at !== 'broken') events.push(...this.#flooded());
    return events;
  }

  #flooded(): ReadEvent[] {
    const says =
      this.#partial.length > MAX_LINE_LENGTH
        ? `wrote a line of more than ${MAX_LINE_LENGTH} characters to stdout`
        : this.#bytesSinceAnswer > MAX_ANSWER_BYTES
          ? `wrote more than ${MAX_ANSWER_BYTES} bytes to stdout for one answer`
          : undefined;
    if (says === undefined) return [];
    this.#place = { at: 'broken' };
    this.#partial = '';
    return broken(says);
  }

  #line(line: string): ReadEvent[] {
    switch (this.#place.at) {
      case 'version':
        return this.#firstLine(line);
      case 'between':
        return this.#lineBetween(line);
      case 'before-block':
        return this.#lineBeforeBlock(line);
      case 'block':
        return this.#lineOfBlock(line, this.#place.indent);
      case 'planned':
        return line.trim() === '' || line.startsWith('#')
          ? []
          : broken(`wrote ${quoted(line)} after the plan, which comes last`);
      default:
        return [];
    }
  }

  #firstLine(line: string): ReadEvent[] {
    if (line !== 'TAP version 14') return broken(`began its stdout with ${quoted(line)} instead of "TAP version 14"`);
    this.#place = { at: 'between' };
    return [{ kind: 'announced' }];
  }

  #lineBetween(line: string): ReadEvent[] {
    if (line.trim() === '') return [];
    const read = tapLine(line);
    switch (read?.type) {
      case 'comment':
        return [{ kind: 'comment', text: oneLine(read.text) }];
      case 'bail-out':
        return [{ kind: 'bail-out', reason: oneLine(read.reason) }];
      case 'plan':
        return this.#plan(read.first, read.last);
      case 'point':
        if (this.#asked === undefined) return broken(`wrote ${quoted(line)} without having been asked`);
        this.#point = read.point;
        this.#place = { at: 'before-block' };
        return [];
      default:
        return broken(`wrote ${quoted(line)} to stdout, which is no line of TAP; a log belongs on stderr`);
    }
  }

  #plan(first: number, last: number): ReadEvent[] {
    if (this.#asked !== undefined) return broken(`wrote the plan although "${this.#asked}" was still to be answered`);
    if (first !== 1 || last !== this.#answered) {
      return broken(`wrote the plan ${first}..${last} after ${counted(this.#answered, 'answer')}`);
    }
    this.#place = { at: 'planned' };
    return [];
  }

  #lineBeforeBlock(line: string): ReadEvent[] {
    const indent = /^([ \t]+)---$/.exec(line)?.[1];
    if (indent === undefined) {
      return broken(`wrote ${quoted(line)} where the YAML block of its answer had to begin with "  ---"`);
    }
    this.#block = [];
    this.#place = { at: 'block', indent };
    return [];
  }

  #lineOfBlock(line: string, indent: string): ReadEvent[] {
    if (line.trim() !== '' && !line.startsWith(indent)) {
      return broken(`wrote ${quoted(line)} before the YAML block of its answer had ended with "..."`);
    }
    if (line !== `${indent}...`) {
      this.#block.push(line.slice(indent.length));
      return [];
    }
    this.#place = { at: 'between' };
    return this.#answer();
  }

  #answer(): ReadEvent[] {
    const asked = this.#asked;
    this.#asked = undefined;
    this.#answered++;
    this.#bytesSinceAnswer = 0;
    const point = this.#point;
    const values = blockValues(this.#block);
    this.#block = [];
    if (point === undefined) throw new Error('assertion: a block comes after its test point');
    if (point.number !== this.#answered) {
      return broken(`numbered its answer ${point.number} (0: not at all) where ${this.#answered} was next`);
    }
    if (point.description !== asked) {
      return broken(`answered ${quoted(point.description)} when "${asked}" was asked`);
    }
    if (point.directive?.name === 'todo') {
      return broken(`marked its answer to "${asked}" with TODO, which means nothing here`);
    }
    if (typeof values === 'string') return broken(`answered "${asked}", but ${values}`);
    return [{ kind: 'answer', answer: answerOf(point, values) }];
  }
}

function answerOf({ ok, directive }: TestPoint, values: Answer['values']): Answer {
  if (directive !== undefined) {
    return { outcome: 'skip', values, ...(directive.reason !== '' && { reason: oneLine(directive.reason) }) };
  }
  const error = values['error'];
  return {
    outcome: ok ? 'ok' : 'not-ok',
    values,
    ...(typeof error === 'string' ? { reason: oneLine(error, 500) } : {}),
  };
}
