/** A run that ends before its time leaves a log and reports that say so, and nothing that is left of an earlier one. */
import { CASES, MONITORS } from '../../cases/catalogue.ts';
import { machineTrouble, reasonOf } from '../../reports/words/system-reason.ts';
import { DEFAULT_FORMATS, type FormatName, renderReports } from '../../reports/index.ts';
import type { Footer, Header, RunRecord } from '../../reports/record/model.ts';
import { partOf } from '../../reports/record/shard.ts';
import { LogError } from '../../reports/record/log-error.ts';
import { EXIT, type ExitCode, HarnessError } from '../harness-error.ts';
import { catalogueDigest } from '../runner/catalogue-facts.ts';
import { allVariants, planRun } from '../runner/plan.ts';
import { footerOf } from '../scoring/footer.ts';
import { DEFAULT_REVISION, formatsOf, kcidbOf, profileOf, revisionOf, shardOf, wholeNumber } from './option-values.ts';
import type { Given } from './options.ts';
import type { OutputFolder } from './output-folder.ts';
import { TOOL } from './version.ts';

/** What is known of a run, whatever becomes of it. */
export interface KnownRun {
  readonly formats: readonly FormatName[];
  /** For a run that ends before it has met its driver, and so before its log has a header. */
  readonly header: Header;
  readonly signal: AbortSignal;
}

/**
 * Does `work`, which leaves a run in `folder`. If it fails, the log is ended by a footer that says why, and the reports are
 * drawn from it. Rejects with what `work` rejects with; of an interrupted run, with a `HarnessError` that says so.
 */
export async function recorded<T>(folder: OutputFolder, known: KnownRun, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const stop = known.signal.aborted ? INTERRUPTED : error;
    recordStop(folder, known, stop);
    throw stop;
  }
}

const INTERRUPTED = new HarnessError('The run was interrupted before its first case.', { exitCode: EXIT.interrupted });

function recordStop(folder: OutputFolder, { formats, header }: KnownRun, error: unknown): void {
  try {
    const { log } = folder;
    if (log.isEmpty) log.append(header);
    if (log.record().footer === undefined) log.append(footerOfStop(log.record(), error));
    folder.write(renderReports(log.record(), formats));
  } catch (another) {
    // What stopped the run may well be that nothing can be written, and is what the user hears of.
    if (!(another instanceof HarnessError || another instanceof LogError)) throw another;
  }
}

function footerOfStop({ header, cases }: RunRecord, error: unknown): Footer {
  const { requirements, plan = [], shard, startedAt } = header;
  const interrupted = error === INTERRUPTED;
  const footer = footerOf({
    rows: requirements,
    judged: cases.flatMap(({ judgement }) => judgement ?? []),
    complaints: [],
    planned: partOf(plan, shard),
    interrupted,
    isShard: shard !== undefined,
    durationMs: Math.max(0, Date.now() - Date.parse(startedAt)),
  });
  return { ...footer, ...(!interrupted && { stopped: sentenceOf(error) }), exitCode: exitCodeOf(error) };
}

/** How the program ends for `error`. */
export function exitCodeOf(error: unknown): ExitCode {
  if (error instanceof HarnessError) return error.exitCode;
  return error instanceof LogError ? EXIT.usage : EXIT.harnessError;
}

function sentenceOf(error: unknown): string {
  if (error instanceof HarnessError) return [error.message, error.hint ?? ''].join(' ').trim();
  if (error instanceof LogError) return error.message;
  const trouble = machineTrouble(error);
  return trouble === undefined ? `The harness itself failed: ${reasonOf(error)}.` : `The machine refuses: ${trouble}.`;
}

/** What the command line says of its run, as far as it can be read: it may be the reason why the run does not start. */
export function knownOf(given: Given, command: string, signal: AbortSignal, column?: string): KnownRun {
  // Which variants a quick run would have played, only the driver could have said.
  const plan = given.flag('quick')
    ? undefined
    : tried(() =>
        planRun(CASES, {
          globs: given.texts('case'),
          seed: wholeNumber(given, 'seed', { byDefault: 1 }),
          shuffle: given.flag('shuffle'),
        }).map(({ id }) => id),
      );
  const shard = plan && tried(() => shardOf(given, plan.length));
  const profile = tried(() => profileOf(given));
  return {
    formats: tried(() => formatsOf(given)) ?? DEFAULT_FORMATS,
    signal,
    header: {
      event: 'header',
      format: 1,
      tool: { ...TOOL },
      catalogue: {
        cases: CASES.length,
        variants: allVariants(CASES).length,
        digest: catalogueDigest(CASES, MONITORS),
      },
      requirementSet: tried(() => revisionOf(given)) ?? DEFAULT_REVISION,
      driver: {
        name: given.texts('driver')[0] ?? 'linux',
        version: 'of unknown version',
        configuration: '',
        faults: [...given.texts('fault')],
      },
      ...(profile !== undefined && profile !== 'spec' && { profile }),
      seed: tried(() => wholeNumber(given, 'seed', { byDefault: 1 })) ?? 1,
      command,
      startedAt: new Date().toISOString(),
      ...(plan && { plan }),
      ...(column !== undefined && { column }),
      ...(shard && { shard }),
      ...tried(() => kcidbOf(given)),
      requirements: [],
    },
  };
}

function tried<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof HarnessError) return undefined;
    throw error;
  }
}
