/** The run before this one into the same folder, kept without its traces, so that a report can say what changed. */
import { readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { RunAssembler } from '../../reports/record/assemble.ts';
import { LOG_LIMITS } from '../../reports/record/event-log.ts';
import { checkEvent } from '../../reports/record/event-schema.ts';
import { readLines } from '../../reports/record/line-reader.ts';
import { LogError } from '../../reports/record/log-error.ts';
import type { Header, RunRecord } from '../../reports/record/model.ts';
import { incompleteness } from '../../reports/run-view.ts';
import { jsonValue } from '../../reports/words/json-value.ts';
import { LOG_NAME } from './given-log.ts';

const NAME = 'previous.ndjson.gz';
const TRACE = '{"event":"trace"';

/**
 * Keeps the log that lies in `folder` as that of the previous run, unless it has no end, or is none. Throws what the file system
 * throws.
 */
export function keepPrevious(folder: string): void {
  const log = join(folder, LOG_NAME);
  if (!statSync(log, { throwIfNoEntry: false })?.isFile()) return;
  const lines = withoutTraces(log);
  const record = lines && recordOf(lines, log);
  if (record === undefined || incompleteness(record) !== undefined) return;
  const path = join(folder, NAME);
  writeFileSync(`${path}.tmp`, gzipSync(lines?.join('\n') ?? ''));
  renameSync(`${path}.tmp`, path);
}

/**
 * The run before `header`'s into `folder`, if it was one of the same driver and the same variants against the same requirements: only
 * what changed in the driver, or in the catalogue, is then told.
 */
export function previousRun(folder: string, header: Header): RunRecord | undefined {
  const path = join(folder, NAME);
  if (!statSync(path, { throwIfNoEntry: false })?.isFile()) return undefined;
  const record = recordOf(unpacked(path), path);
  return record && isComparable(record.header, header) ? record : undefined;
}

function unpacked(path: string): string[] {
  try {
    return gunzipSync(readFileSync(path), { maxOutputLength: LOG_LIMITS.fileSize }).toString('utf8').split('\n');
  } catch {
    // A file that somebody else has put here, or half of one: there is no previous run.
    return [];
  }
}

/** Undefined for a log that cannot be read. */
function withoutTraces(log: string): string[] | undefined {
  try {
    return [...readLines(log, LOG_LIMITS)].flatMap(({ text = '' }) =>
      text === '' || text.startsWith(TRACE) ? [] : [text],
    );
  } catch (error) {
    if (error instanceof LogError) return undefined;
    throw error;
  }
}

function recordOf(lines: readonly string[], file: string): RunRecord | undefined {
  try {
    const assembler = new RunAssembler(file);
    for (const [index, line] of lines.entries()) {
      const read = jsonValue(line);
      if ('value' in read) assembler.add(checkEvent(read.value, { file, line: index + 1 }));
    }
    return assembler.finish();
  } catch (error) {
    if (error instanceof LogError) return undefined;
    throw error;
  }
}

/** What two runs have to share. */
const factsOf = ({ driver, requirementSet, profile, shard, plan }: Header): string =>
  JSON.stringify([driver.name, requirementSet, profile, shard, plan]);

const isComparable = (before: Header, now: Header): boolean =>
  now.plan !== undefined && factsOf(before) === factsOf(now);
