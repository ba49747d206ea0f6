/** The folder in which stories are kept from one exploration to the next: what was found, and what was worth keeping. */
import { existsSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { reasonOf } from '../../reports/words/system-reason.ts';
import { makeFolder } from '../folder.ts';
import { givenText } from '../given-file.ts';
import { EXIT, HarnessError } from '../harness-error.ts';
import { type NewReplay, parseReplay, type Replay, REPLAY_SIZE_MAX, replayText } from './replay-file.ts';

const STORIES = 'stories';
/**
 * Folders of named files: what was found, by its cause; what did not come again; where two drivers do different things; and a
 * small story for each requirement that was judged.
 */
const NAMED = ['finds', 'unrepeated', 'differences', 'examples'] as const;

const STATE = 'state.json';

/** More than this are seldom worth the time that they take. */
const STORIES_MAX = 3000;

const State = z.strictObject({ seed: z.int().min(0).max(0xffff_ffff), lots: z.int().min(0).max(0xffff_ffff) });
/** Where the drawing stands. */
export type State = z.infer<typeof State>;

/** Every method throws a `HarnessError` where the file system refuses, or a file is not what it should be. */
export class Corpus {
  readonly path: string;
  #storyCount: number;

  /** Makes the folders where they are missing. */
  constructor(path: string) {
    if (path === '') throw new HarnessError('--corpus is empty; it has to name a folder.', { exitCode: EXIT.usage });
    this.path = resolve(path);
    this.#tried(() => {
      for (const folder of [STORIES, ...NAMED]) makeFolder(join(this.path, folder));
    });
    this.#storyCount = this.#filesIn(STORIES).length;
  }

  /** Everything that was kept: finds come first. */
  replays(): Replay[] {
    return ['finds', STORIES].flatMap((folder) => this.#filesIn(folder).map((path) => readReplay(path)));
  }

  /** Where the last exploration stopped to draw; undefined if none has come to its end here. */
  get state(): State | undefined {
    const path = join(this.path, STATE);
    if (!existsSync(path)) return undefined;
    const read = State.safeParse(this.#tried(() => jsonIn(path)));
    if (read.success) return read.data;
    throw new HarnessError(`${path} is not what an exploration leaves.`, {
      exitCode: EXIT.usage,
      hint: 'Remove it to begin anew; the stories stay.',
    });
  }

  set state(state: State) {
    this.#write(join(this.path, STATE), `${JSON.stringify(state)}\n`);
  }

  keepStory(replay: NewReplay): void {
    if (this.#storyCount >= STORIES_MAX) return;
    this.#storyCount++;
    this.#write(join(this.path, STORIES, `${String(this.#storyCount).padStart(5, '0')}.json`), replayText(replay));
  }

  /** Gives the path of the file. */
  keep(folder: (typeof NAMED)[number], name: string, replay: NewReplay): string {
    const path = join(this.path, folder, `${slugOf(name)}.json`);
    this.#write(path, replayText(replay));
    return path;
  }

  #filesIn(folder: string): string[] {
    const names = this.#tried(() => readdirSync(join(this.path, folder)));
    return names
      .filter((name) => name.endsWith('.json'))
      .toSorted()
      .map((name) => join(this.path, folder, name));
  }

  /** Beside the target, so that a reader never meets half a file. */
  #write(path: string, text: string): void {
    this.#tried(() => {
      writeFileSync(`${path}.tmp`, text);
      renameSync(`${path}.tmp`, path);
    });
  }

  #tried<T>(action: () => T): T {
    try {
      return action();
    } catch (error) {
      if (error instanceof HarnessError) throw error;
      throw new HarnessError(`The corpus ${this.path} cannot be used: ${reasonOf(error)}.`, {
        exitCode: EXIT.usage,
        hint: '--corpus names another folder.',
        cause: error,
      });
    }
  }
}

/** A name that is a file's, and the last part of a story's id. */
export const slugOf = (name: string): string =>
  name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '')
    .slice(0, 100);

/** Reads one file. Throws a `HarnessError` that names it. */
export function readReplay(path: string): Replay {
  return parseReplay(givenText(path, 'The replay', REPLAY_SIZE_MAX), path);
}

function jsonIn(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
