/** `viommuspec replay FILE…`: plays stories that an exploration has left, with any driver. */
import { basename } from 'node:path';
import { readReplay, slugOf } from '../explore/corpus.ts';
import { storyOf } from '../explore/replay-file.ts';
import { EXIT, type ExitCode, HarnessError } from '../harness-error.ts';
import { chooseDriver, DRIVER_OPTIONS } from './drivers.ts';
import { expectationsFor } from './expectation-files.ts';
import { interruptible } from './interruption.ts';
import { formatsOf, revisionOf } from './option-values.ts';
import type { Given, OptionName } from './options.ts';
import { DEFAULT_FOLDER, inFolder } from './output-folder.ts';
import { soundCatalogue } from './sound-catalogue.ts';
import { type StoryInFile, storyRun } from './story-run.ts';
import type { Terminal } from './terminal.ts';

export const REPLAY_OPTIONS: readonly OptionName[] = [...DRIVER_OPTIONS, 'out', 'format', 'spec', 'expect'];

/** Resolves to the run's exit code (guides/exit-codes.md). */
export function replayCommand(given: Given, terminal: Terminal, typed: readonly string[]): Promise<ExitCode> {
  if (given.words.length === 0) {
    throw new HarnessError('replay needs the files of the stories that it is to play.', {
      exitCode: EXIT.usage,
      hint: 'viommuspec explore leaves them in viommuspec-corpus/finds.',
    });
  }
  soundCatalogue();
  const formats = formatsOf(given);
  const revision = revisionOf(given);
  const stories = given.words.map(storyIn);
  return interruptible((signal) =>
    inFolder(given.text('out') ?? DEFAULT_FOLDER, async (folder) => {
      const tell = Object.assign((line: string) => terminal.note(line), { signal });
      const chosen = await chooseDriver(given, tell, { command: 'replay' });
      folder.clear();
      const command = ['viommuspec', ...typed].join(' ');
      const expected = expectationsFor(given, chosen);
      const options = {
        chosen,
        stories,
        profile: 'spec',
        seed: 1,
        revision,
        formats,
        command,
        expected,
        signal,
      } as const;
      return storyRun(options, folder, terminal);
    }),
  );
}

function storyIn(path: string, index: number): StoryInFile {
  const replay = readReplay(path);
  return {
    name: `${slugOf(basename(path, '.json'))}${index === 0 ? '' : `-${index + 1}`}`,
    title: replay.shows?.says ?? 'A story that is worth keeping for the situations in it',
    story: storyOf(replay),
    profile: replay.profile ?? 'spec',
    path,
  };
}
