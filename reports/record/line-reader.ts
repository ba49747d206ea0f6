/** Reads a file line by line within limits, so that a hostile file cannot fill the memory before anyone looks at it. */
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { reasonOf } from '../words/system-reason.ts';
import { errorAt, LogError } from './log-error.ts';

/** Sizes in bytes. */
export interface LineLimits {
  readonly fileSize: number;
  readonly lineSize: number;
  readonly lineCount: number;
}

export interface Line {
  /** Without its line feed; undefined if the bytes are no UTF-8. */
  readonly text: string | undefined;
  /** Whether a line feed ended it; false for a last line that was cut off. */
  readonly ended: boolean;
}

const CHUNK_SIZE = 1024 * 1024;
const LINE_FEED = 0x0a;

/** The lines of the file at `path`, lazily. Throws `LogError` for a file that cannot be read or exceeds a limit. */
export function* readLines(path: string, limits: LineLimits): Generator<Line> {
  const fd = open(path, limits);
  try {
    const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
    let pieces: Buffer[] = [];
    let size = 0;
    let total = 0;
    let count = 0;
    for (;;) {
      const chunk = Buffer.alloc(CHUNK_SIZE);
      const length = readSync(fd, chunk);
      if (length === 0) break;
      total += length;
      if (total > limits.fileSize) throw tooLarge(path, limits);
      let from = 0;
      while (from < length) {
        const feed = chunk.subarray(0, length).indexOf(LINE_FEED, from);
        const until = feed < 0 ? length : feed;
        pieces.push(chunk.subarray(from, until));
        size += until - from;
        const place = { file: path, line: count + 1 };
        if (size > limits.lineSize) throw errorAt(place, `longer than ${limits.lineSize} bytes`);
        if (feed >= 0) {
          if (++count > limits.lineCount) throw errorAt(place, `more than ${limits.lineCount} lines`);
          yield { text: decoded(decoder, pieces), ended: true };
          pieces = [];
          size = 0;
        }
        from = until + 1;
      }
    }
    if (size > 0) yield { text: decoded(decoder, pieces), ended: false };
  } finally {
    closeSync(fd);
  }
}

function open(path: string, limits: LineLimits): number {
  let fd: number;
  try {
    // A pipe without a writer would else be waited for until somebody opens it.
    fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    throw new LogError(`${path} cannot be opened: ${reasonOf(error)}.`);
  }
  const stat = fstatSync(fd);
  if (stat.isFile() && stat.size <= limits.fileSize) return fd;
  closeSync(fd);
  throw stat.isFile() ? tooLarge(path, limits) : new LogError(`${path} is not a file.`);
}

const tooLarge = (path: string, limits: LineLimits): LogError =>
  new LogError(`${path} is larger than ${limits.fileSize} bytes, which no event log should be.`);

function decoded(decoder: InstanceType<typeof TextDecoder>, pieces: readonly Buffer[]): string | undefined {
  try {
    return decoder.decode(pieces.length === 1 ? pieces[0] : Buffer.concat(pieces));
  } catch {
    return undefined;
  }
}
