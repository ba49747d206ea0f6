/** Puts the shards of a run together again, to what one run would have recorded. */
import { isDeepStrictEqual } from 'node:util';
import { EXIT, HarnessError } from '../harness-error.ts';
import type { CaseRecord, Header, RunRecord, Shard } from '../../reports/record/model.ts';
import { partOf } from '../../reports/record/shard.ts';
import { ExpectationBook } from './expectations.ts';
import { footerOf } from './footer.ts';
import { counted } from '../../words/counted.ts';

/** A log as it was read; `name` is for messages. */
export interface NamedRun {
  readonly name: string;
  readonly run: RunRecord;
}

/** A log that says which part of which plan it is of. */
interface ShardLog extends NamedRun {
  readonly shard: Shard;
  readonly plan: readonly string[];
}

/** Parts of a header that make runs comparable; shards that differ in one are not of one run. */
const COMMON = [
  'tool',
  'catalogue',
  'requirementSet',
  'driver',
  'profile',
  'seed',
  'plan',
  'expectations',
  'requirements',
] as const satisfies readonly (keyof Header)[];

/**
 * The run that the shards make up. A missing shard, or one that was cut off, leaves the run incomplete, and the footer
 * says so. Throws `HarnessError` for logs that are not shards of one run, and for a shard that is there twice.
 */
export function mergeShards(logs: readonly NamedRun[]): RunRecord {
  const shards = logs.map(shardLogOf);
  const [first] = shards;
  if (!first) throw usage('There is nothing to merge.');
  for (const other of shards.slice(1)) refuseStrangers(first, other);
  const byIndex = new Map<number, ShardLog>();
  for (const log of shards) {
    const twin = byIndex.get(log.shard.index);
    if (twin) throw usage(`Shard ${nameOf(log.shard)} is there twice: ${twin.name} and ${log.name}.`);
    byIndex.set(log.shard.index, log);
  }
  return merged(first, [...byIndex.values()]);
}

function shardLogOf({ name, run }: NamedRun): ShardLog {
  const { shard, plan } = run.header;
  if (!shard || !plan) throw usage(`${name} is not the log of a shard.`, 'Shards are made by run --shard 1/3.');
  const part = new Set(partOf(plan, shard));
  const stranger = run.cases.find(({ started: { id } }) => !part.has(id));
  if (stranger) {
    throw usage(`${name}: case ${JSON.stringify(stranger.started.id)} does not belong to shard ${nameOf(shard)}.`);
  }
  return { name, run, shard, plan };
}

const nameOf = ({ index, count }: Shard): string => `${index} of ${count}`;

const usage = (sentence: string, hint?: string): HarnessError =>
  new HarnessError(sentence, { exitCode: EXIT.usage, ...(hint !== undefined && { hint }) });

function refuseStrangers(first: ShardLog, other: ShardLog): void {
  const field = COMMON.find((name) => !isDeepStrictEqual(first.run.header[name], other.run.header[name]));
  if (field !== undefined) {
    throw usage(`${first.name} and ${other.name} are not shards of one run: they differ in ${field}.`);
  }
  if (first.shard.count === other.shard.count) return;
  throw usage(
    `${first.name} is one of ${counted(first.shard.count, 'shard')}, ${other.name} one of ${other.shard.count}.`,
  );
}

function merged({ run: { header }, plan, shard: { count } }: ShardLog, logs: readonly ShardLog[]): RunRecord {
  const records = new Map(logs.flatMap(({ run }) => run.cases.map((record) => [record.started.id, record] as const)));
  const cases = plan.flatMap((id): CaseRecord[] => {
    const record = records.get(id);
    return record ? [record] : [];
  });
  const judged = cases.flatMap(({ judgement }) => judgement ?? []);
  const book = new ExpectationBook(header.expectations ?? []);
  for (const it of judged) book.cover(it);
  const { shard: _, ...whole } = header;
  return {
    header: {
      ...whole,
      command: header.command.replace(/ --shard[ =]\S+/, ''),
      startedAt: logs.map(({ run }) => run.header.startedAt).toSorted()[0] ?? header.startedAt,
    },
    cases,
    footer: footerOf({
      rows: header.requirements,
      judged,
      complaints: [...book.complaints(), ...gaps(count, logs)],
      planned: plan,
      interrupted: false,
      isShard: false,
      durationMs: logs.reduce((sum, { run }) => sum + (run.footer?.durationMs ?? 0), 0),
    }),
  };
}

/** Shards that are not there, and those that did not come to their end. */
function gaps(count: number, logs: readonly ShardLog[]): string[] {
  const sentences: string[] = [];
  for (let index = 1; index <= count; index++) {
    const name = nameOf({ index, count });
    const log = logs.find(({ shard }) => shard.index === index);
    if (!log) sentences.push(`Shard ${name} is missing.`);
    else if (!log.run.footer) sentences.push(`Shard ${name} was cut off (${log.name}).`);
    else if (log.run.footer.interrupted) sentences.push(`Shard ${name} was interrupted (${log.name}).`);
  }
  return sentences;
}
