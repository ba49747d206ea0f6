/** Puts the shards of a run together again, to what one run would have recorded. */
import { isDeepStrictEqual } from 'node:util';
import { EXIT, HarnessError } from '../harness-error.ts';
import type { CaseRecord, Header, RunRecord, Shard } from '../../reports/record/model.ts';
import { partOf } from '../../reports/record/shard.ts';
import { ExpectationBook } from './expectations.ts';
import { footerOf } from './footer.ts';
import { counted } from '../../reference-device/counted.ts';

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
  'profile',
  'seed',
  'plan',
] as const satisfies readonly (keyof Header)[];
/** Those that are known only once the driver has been met. */
const COMMON_OF_MET = [
  ...COMMON,
  'driver',
  'expectations',
  'requirements',
] as const satisfies readonly (keyof Header)[];

/**
 * The run that the shards make up. A missing shard, one that was cut off or did not start, and the logs named in `empty`,
 * in which nothing stands, leave the run incomplete, and the footer says so. Throws `HarnessError` for logs that are not
 * shards of one run, and for a shard that is there twice.
 */
export function mergeShards(logs: readonly NamedRun[], empty: readonly string[] = []): RunRecord {
  const shards = logs.map(shardLogOf);
  const first = shards.find(hasMetDriver) ?? shards[0];
  if (!first) throw new HarnessError('Nothing stands in any of these logs.', { exitCode: EXIT.incomplete });
  for (const other of shards) refuseStrangers(first, other);
  const byIndex = new Map<number, ShardLog>();
  for (const log of shards) {
    const twin = byIndex.get(log.shard.index);
    if (twin) throw usage(`Shard ${nameOf(log.shard)} is there twice: ${twin.name} and ${log.name}.`);
    byIndex.set(log.shard.index, log);
  }
  return merged(
    first,
    byIndex,
    empty.map((name) => `Nothing stands in ${name}: its run was killed before it began.`),
  );
}

function shardLogOf({ name, run }: NamedRun): ShardLog {
  const { shard, plan } = run.header;
  if (!shard || !plan) throw usage(`${name} is not the log of a shard.`, 'Shards are made by run --shard 1/3.');
  if (shard.count > plan.length) {
    throw usage(`${name} is one of ${shard.count} shards of ${counted(plan.length, 'variant')}, which cannot be.`);
  }
  const part = new Set(partOf(plan, shard));
  const stranger = run.cases.find(({ started: { id } }) => !part.has(id));
  if (stranger) {
    throw usage(`${name}: case ${JSON.stringify(stranger.started.id)} does not belong to shard ${nameOf(shard)}.`);
  }
  return { name, run, shard, plan };
}

/** A run that did not start knows neither its driver nor what that is bound by. */
const hasMetDriver = ({ run }: ShardLog): boolean => run.header.requirements.length > 0;

const nameOf = ({ index, count }: Shard): string => `${index} of ${count}`;

const usage = (sentence: string, hint?: string): HarnessError =>
  new HarnessError(sentence, { exitCode: EXIT.usage, ...(hint !== undefined && { hint }) });

function refuseStrangers(first: ShardLog, other: ShardLog): void {
  const fields = hasMetDriver(first) && hasMetDriver(other) ? COMMON_OF_MET : COMMON;
  const field = fields.find((name) => !isDeepStrictEqual(first.run.header[name], other.run.header[name]));
  if (field !== undefined) {
    throw usage(`${first.name} and ${other.name} are not shards of one run: they differ in ${field}.`);
  }
  if (first.shard.count === other.shard.count) return;
  throw usage(
    `${first.name} is one of ${counted(first.shard.count, 'shard')}, ${other.name} one of ${other.shard.count}.`,
  );
}

function merged(
  { run: { header }, plan, shard: { count } }: ShardLog,
  byIndex: ReadonlyMap<number, ShardLog>,
  complaints: readonly string[],
): RunRecord {
  const logs = [...byIndex.values()];
  const records = new Map(logs.flatMap(({ run }) => run.cases.map((record) => [record.started.id, record] as const)));
  const cases = plan.flatMap((id): CaseRecord[] => {
    const record = records.get(id);
    return record ? [record] : [];
  });
  const judged = cases.flatMap(({ judgement }) => judgement ?? []);
  const book = new ExpectationBook(header.expectations ?? []);
  for (const it of judged) book.cover(it);
  return {
    header: {
      ...wholeHeader(header),
      startedAt: logs.map(({ run }) => run.header.startedAt).toSorted()[0] ?? header.startedAt,
    },
    cases,
    footer: footerOf({
      rows: header.requirements,
      judged,
      complaints: [...book.complaints(), ...gaps(count, byIndex), ...complaints],
      planned: plan,
      interrupted: false,
      isShard: false,
      durationMs: logs.reduce((sum, { run }) => sum + (run.footer?.durationMs ?? 0), 0),
    }),
  };
}

/** A shard's header as that of the whole run. */
export function wholeHeader(header: Header): Header {
  const { shard: _, ...whole } = header;
  return { ...whole, command: header.command.replace(/ --shard[ =]\S+/, '') };
}

/** Shards that are not there, and those that did not come to their end. */
function gaps(count: number, byIndex: ReadonlyMap<number, ShardLog>): string[] {
  return Array.from({ length: count }, (_, before) => {
    const log = byIndex.get(before + 1);
    const gap = log ? gapOf(log) : 'is missing';
    return gap === undefined ? [] : [`Shard ${nameOf({ index: before + 1, count })} ${gap}.`];
  }).flat();
}

function gapOf({ run: { footer, cases }, name }: ShardLog): string | undefined {
  if (!footer) return `was cut off (${name})`;
  if (footer.interrupted) return `was interrupted (${name})`;
  if (footer.stopped === undefined) return undefined;
  return `${cases.length === 0 ? 'did not start' : 'broke off'} (${name}): ${footer.stopped.replace(/\.$/, '')}`;
}
