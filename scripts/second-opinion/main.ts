/**
 * `npm run second-opinion`: compares QEMU's virtio-iommu with ours and prints what they differ in.
 * Exit codes: 0 as reviewed · 1 a difference that is not on the list, or a stale entry · 2 usage · 3 error · 4 no QEMU.
 */
import { parseArgs } from 'node:util';
import { HarnessError } from '../../harness/harness-error.ts';
import { anyQemu, versionOf } from './qemu-at-hand.ts';
import { isAsReviewed, reportText } from './report.ts';
import { compareDevices, type RunOptions } from './run.ts';
import { SCENARIOS } from './scenarios.ts';

const USAGE = `Usage: npm run second-opinion -- [--seed N] [--streams N] [--length N] [--only NAME] [--explain]
  --seed N      the first stream's seed (1)
  --streams N   number of streams, their seeds counted up (20)
  --length N    steps of each stream (250)
  --only NAME   one scenario, or one stream as stream/SEED
  --explain     tells of each difference what either device does and why who is right
`;

const EXIT_USAGE = 2;
const STREAM_NAME = /^stream\/(\d+)$/;
const COUNT_MAX = 1_000_000;

class UsageError extends Error {}

function count(text: string | undefined, standard: number, name: string): number {
  if (text === undefined) return standard;
  const value = /^\d+$/.test(text) ? Number(text) : Infinity;
  if (value > COUNT_MAX) throw new UsageError(`--${name} takes a number up to ${COUNT_MAX}.`);
  return value;
}

function readOptions(): RunOptions & { readonly explain: boolean } {
  const { values } = parseWords();
  const { only, explain } = values;
  const stream = STREAM_NAME.exec(only ?? '')?.[1];
  if (only !== undefined && stream === undefined && !SCENARIOS.some(({ name }) => name === only)) {
    throw new UsageError(`There is no scenario ${only}.`);
  }
  return {
    seed: count(stream ?? values.seed, 1, 'seed'),
    streamCount: stream === undefined ? count(values.streams, 20, 'streams') : 1,
    streamLength: count(values.length, 250, 'length'),
    only,
    explain,
  };
}

function parseWords() {
  try {
    return parseArgs({
      options: {
        seed: { type: 'string' },
        streams: { type: 'string' },
        length: { type: 'string' },
        only: { type: 'string' },
        explain: { type: 'boolean', default: false },
      },
    });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

async function main(): Promise<number> {
  const { explain, ...options } = readOptions();
  const program = await anyQemu((line) => process.stderr.write(`${line}\n`));
  const comparison = await compareDevices(program, options);
  process.stdout.write(reportText(comparison, options, { version: await versionOf(program), explain }));
  return isAsReviewed(comparison, options) ? 0 : 1;
}

try {
  process.exitCode = await main();
} catch (error) {
  if (error instanceof UsageError) {
    process.stderr.write(`${error.message}\n${USAGE}`);
    process.exitCode = EXIT_USAGE;
  } else if (error instanceof HarnessError) {
    process.stderr.write(`${error.message} ${error.hint ?? ''}\n`);
    process.exitCode = error.exitCode;
  } else {
    throw error;
  }
}
