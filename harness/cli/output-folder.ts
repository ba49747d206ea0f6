/** The folder that `--out` names: one command at a time writes into it, and what it finds there of earlier runs goes. */
import { lstatSync, readdirSync, renameSync, rmdirSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { REPORT_FILES } from '../../reports/index.ts';
import { EventLogWriter } from '../../reports/record/event-log.ts';
import { reasonOf } from '../../reports/words/system-reason.ts';
import { type FolderLock, lockFolder } from '../folder-lock.ts';
import { makeFolder } from '../folder.ts';
import { EXIT, HarnessError } from '../harness-error.ts';
import { columnOfLog, LOG_NAME } from './given-log.ts';
import { keepPrevious } from './previous-run.ts';

/** Pages of other commands than `run` about runs: they speak of a run that is there no more once another one begins. */
const PAGES_ON_RUNS = ['matrix.md', 'scoreboard.html', 'scoreboard.md', 'comparison.html', 'comparison.md'];
/** What commands leave that is about no run. */
const OTHER_PAGES = ['coverage.html', 'selftest.html', 'selftest.json'];

const ON_RUNS: readonly string[] = [LOG_NAME, ...REPORT_FILES, ...PAGES_ON_RUNS];

/** A file has this name until all of it is written. */
const unfinished = (name: string): string => `${name}.tmp`;

/** Every method throws a `HarnessError` where the file system refuses. */
export class OutputFolder {
  readonly path: string;
  readonly #lock: FolderLock;
  #log: EventLogWriter | undefined;

  /** Makes the folder, and locks it. Throws a `HarnessError` if another command is writing into it. */
  constructor(path: string) {
    if (path === '') throw refusal('--out is empty; it has to name a folder.');
    this.path = resolve(path);
    const lock = this.#tried(() => {
      makeFolder(this.path);
      return lockFolder(this.path);
    });
    if (!lock)
      throw refusal(`Another run is writing into ${this.path}.`, 'Wait for it, or name another folder with --out.');
    this.#lock = lock;
  }

  /**
   * Removes what earlier runs have left here but the last log without its traces, and in the folders of their columns; those that
   * hold one of `needed` stay.
   */
  clear(needed: readonly string[] = []): void {
    this.#tried(() => {
      for (const { name } of readdirSync(this.path, { withFileTypes: true }).filter((it) => it.isDirectory())) {
        const folder = join(this.path, name);
        const isNeeded = needed.some((path) => dirname(path) === folder);
        if (!isNeeded && columnOfLog(join(folder, LOG_NAME)) === name) removeFiles(folder, true);
      }
      keepPrevious(this.path);
      removeFiles(this.path, false);
    });
  }

  /** The log of the run, which is begun with the first call. */
  get log(): EventLogWriter {
    this.#log ??= this.#tried(() => new EventLogWriter(join(this.path, LOG_NAME)));
    return this.#log;
  }

  /** Writes each text under its name; gives the paths. */
  write(texts: Readonly<Record<string, string>>): string[] {
    return Object.entries(texts).map(([name, text]) => {
      if (![...ON_RUNS, ...OTHER_PAGES].includes(name)) throw new Error(`assertion: no run would remove ${name}`);
      const path = join(this.path, name);
      this.#tried(() => writeWhole(path, text));
      return path;
    });
  }

  /** Ends the log, and lets others write here. A second call does nothing. */
  close(): void {
    this.#log?.close();
    this.#lock.release();
  }

  #tried<T>(action: () => T): T {
    try {
      return action();
    } catch (error) {
      throw refusal(
        `The folder ${this.path} cannot be written: ${reasonOf(error)}.`,
        '--out names another folder.',
        error,
      );
    }
  }
}

/** Where a run leaves its files if nobody says otherwise. */
export const DEFAULT_FOLDER = 'viommuspec-report';

/** Does `work` with the folder at `path`, and lets it go. */
export async function inFolder<T>(path: string, work: (folder: OutputFolder) => T | Promise<T>): Promise<T> {
  const folder = new OutputFolder(path);
  try {
    return await work(folder);
  } finally {
    folder.close();
  }
}

/** Beside the target, so that the rename stays within one file system, and a reader never meets half a file. */
function writeWhole(path: string, text: string): void {
  try {
    writeFileSync(unfinished(path), text);
    renameSync(unfinished(path), path);
  } catch (error) {
    rmSync(unfinished(path), { force: true });
    throw error;
  }
}

function removeFiles(folder: string, andFolder: boolean): void {
  for (const name of ON_RUNS.flatMap((it) => [it, unfinished(it)])) {
    const path = join(folder, name);
    if (lstatSync(path, { throwIfNoEntry: false })) unlinkSync(path);
  }
  if (andFolder && readdirSync(folder).length === 0) rmdirSync(folder);
}

const refusal = (sentence: string, hint?: string, cause?: unknown): HarnessError =>
  new HarnessError(sentence, { exitCode: EXIT.usage, ...(hint !== undefined && { hint }), cause });
