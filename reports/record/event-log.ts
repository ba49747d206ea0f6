/** Writes and reads the event log: one JSON object a line, in UTF-8. */
import { closeSync, openSync, writeSync } from 'node:fs';
import { reasonOf } from '../words/system-reason.ts';
import { RunAssembler } from './assemble.ts';
import { checkEvent } from './event-schema.ts';
import { readLines } from './line-reader.ts';
import { errorAt, LogError, type LogPlace } from './log-error.ts';
import type { LogEvent, RunRecord } from './model.ts';

/** What a log may cost its reader. Sizes in bytes; once the traces in it have reached theirs, verdicts are written without. */
export const LOG_LIMITS = {
  fileSize: 512 * 1024 * 1024,
  tracesSize: 384 * 1024 * 1024,
  lineSize: 64 * 1024 * 1024,
  lineCount: 1_000_000,
} as const;

type WriterLimits = Readonly<Record<'fileSize' | 'tracesSize' | 'lineSize', number>>;

/**
 * Appends events to a log as they happen. Each call returns when its line is with the operating system,
 * so that a killed process leaves a log that can be read up to its last whole line.
 */
export class EventLogWriter {
  readonly #path: string;
  readonly #assembler: RunAssembler;
  #fd: number | undefined;
  #lines = 0;
  #size = 0;
  readonly #limits: WriterLimits;

  /** Makes the file, or empties it if it is there. */
  constructor(path: string, limits: WriterLimits = LOG_LIMITS) {
    this.#path = path;
    this.#limits = limits;
    this.#assembler = new RunAssembler(path);
    this.#fd = openSync(path, 'w');
  }

  /**
   * Writes one line: keys in the order of the schema, `bigint` as `0x…`. A trace for which there is no room is left out, which is
   * said in its place: no result is lost for its sake. Throws `LogError` for an event that the reader would refuse, and writes
   * nothing then; and where the file system refuses.
   */
  append(event: LogEvent): void {
    if (this.#fd === undefined) throw new LogError(`${this.#path}: nothing can be written after the log was closed.`);
    const place = { file: this.#path, line: this.#lines + 1 };
    const { logged, line } = this.#fitting(event, place);
    writeWhole(this.#fd, line, this.#path);
    this.#lines++;
    this.#size += line.byteLength;
    this.#assembler.add(logged);
  }

  #fitting(event: LogEvent, place: LogPlace): Written {
    const whole = written(event, place);
    const { byteLength } = whole.line;
    const { fileSize, tracesSize, lineSize } = this.#limits;
    if (event.event === 'trace' && (byteLength > lineSize || this.#size + byteLength > tracesSize)) {
      return written({ ...event, events: [leftOut(event.events, byteLength)] }, place);
    }
    if (byteLength > lineSize) throw errorAt(place, `longer than ${lineSize} bytes`);
    if (this.#size + byteLength > fileSize) throw errorAt(place, `the log would grow beyond ${fileSize} bytes`);
    return whole;
  }

  /** Whether nothing was written until now, so that there is no record either. */
  get isEmpty(): boolean {
    return this.#lines === 0;
  }

  /** The record of everything written until now: what `readEventLog` would make of the file, without reading it. */
  record(): RunRecord {
    return this.#assembler.finish();
  }

  /** Ends the log. A second call does nothing. */
  close(): void {
    if (this.#fd === undefined) return;
    closeSync(this.#fd);
    this.#fd = undefined;
  }
}

function writeWhole(fd: number, line: Buffer, path: string): void {
  try {
    for (let done = 0; done < line.byteLength; ) done += writeSync(fd, line, done);
  } catch (error) {
    throw new LogError(`${path} cannot be written: ${reasonOf(error)}.`);
  }
}

type Traced = Extract<LogEvent, { event: 'trace' }>['events'][number];

/** What stands for a trace that is not in the log. */
const leftOut = (events: readonly Traced[], byteLength: number): Traced => ({
  kind: 'cut',
  seq: events.at(-1)?.seq ?? 0,
  says: `${events.length} events of ${byteLength} bytes were judged, and there is no room in the log for them`,
});

/** The event as it will be read again, and its line. */
interface Written {
  readonly logged: LogEvent;
  readonly line: Buffer;
}

function written(event: LogEvent, place: LogPlace): Written {
  try {
    const logged = asLogged(checkEvent(event, place));
    return { logged, line: Buffer.from(`${JSON.stringify(logged)}\n`) };
  } catch (error) {
    // An event of another log, which is merged into this one, can be nested deeper than the stack reaches.
    if (error instanceof RangeError) throw errorAt(place, 'nested too deeply');
    throw error;
  }
}

/** The value as JSON gives it back: a `bigint` is a string, and what is undefined is not there. */
function asLogged<Value>(value: Value): Value;
function asLogged(value: unknown): unknown {
  if (typeof value === 'bigint') return value < 0n ? `-0x${(-value).toString(16)}` : `0x${value.toString(16)}`;
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(asLogged);
  const copy: Record<string, unknown> = {};
  const fields = value as Record<string, unknown>;
  for (const key of Object.keys(fields)) {
    if (fields[key] !== undefined) copy[key] = asLogged(fields[key]);
  }
  return copy;
}

/**
 * The record of the run whose log lies at `path`. A last line that was cut off is dropped, and the run is then
 * incomplete, as it is without a footer. Throws `LogError` for any other line that is not as it should be.
 */
export function readEventLog(path: string): RunRecord {
  const assembler = new RunAssembler(path);
  let number = 0;
  for (const line of readLines(path, LOG_LIMITS)) {
    const place = { file: path, line: ++number };
    const value = line.text === undefined ? undefined : parsed(line.text);
    if (value !== undefined) assembler.add(checkEvent(value, place));
    else if (line.ended) throw errorAt(place, 'expected one JSON object in UTF-8');
  }
  return assembler.finish();
}

/** The value, or undefined if `text` is no JSON; JSON itself has no undefined. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
