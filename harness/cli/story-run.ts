/** A run over stories: judged, logged and reported like one over the catalogue. */
import { CASES, MONITORS } from '../../cases/catalogue.ts';
import type { ProfileName } from '../../reference-device/profiles.ts';
import type { FormatName } from '../../reports/index.ts';
import { storyMonitors } from '../explore/story-monitors.ts';
import { plannedStory, type Story } from '../explore/story.ts';
import type { ExitCode } from '../harness-error.ts';
import { Player } from '../runner/player.ts';
import { run } from '../runner/run.ts';
import { type Expectation, ExpectationBook, inCatalogue, meantFor } from '../scoring/expectations.ts';
import type { Revision } from '../scoring/requirement-set.ts';
import { type ChosenDriver, quoted } from './drivers.ts';
import type { OutputFolder } from './output-folder.ts';
import { ProgressObserver } from './progress-observer.ts';
import { showRun } from './show-run.ts';
import type { Terminal } from './terminal.ts';
import { TOOL } from './version.ts';

/** A story of the run, and the file in which it stands. */
export interface StoryInFile {
  /** The last part of its id: a name like those of cases. */
  readonly name: string;
  readonly title: string;
  readonly story: Story;
  /** Where the file does not say. */
  readonly profile: ProfileName;
  readonly path: string;
}

export interface StoryRunOptions {
  readonly chosen: ChosenDriver;
  readonly stories: readonly StoryInFile[];
  readonly profile: ProfileName;
  readonly seed: number;
  readonly revision: Revision;
  readonly formats: readonly FormatName[];
  readonly command: string;
  /** Those of the list that name requirements count, in whatever story. */
  readonly expected: readonly Expectation[];
  readonly signal: AbortSignal;
}

/** Plays all of them, and leaves log and reports in `folder`. Answers with the run's exit code. */
export async function storyRun(options: StoryRunOptions, folder: OutputFolder, terminal: Terminal): Promise<ExitCode> {
  const { chosen, stories, profile, seed, revision, formats, command, expected, signal } = options;
  const files = new Map(stories.map((it) => [`explore/${it.name}`, it.path]));
  const progress = new ProgressObserver(terminal);
  try {
    await run({
      driver: chosen.driver,
      jobs: [new Player(chosen.driver, storyMonitors(MONITORS))],
      driverFaults: chosen.faults,
      catalogue: CASES,
      monitors: storyMonitors(MONITORS),
      plan: stories.map(({ name, title, story, profile: own }) =>
        plannedStory(story, { id: `explore/${name}`, title }, own),
      ),
      profile,
      revision,
      seed,
      expectations: ({ version }) => new StoryExpectations(meantFor({ profile, version }, expected)),
      command,
      repeat: (id) => replayCommand(files.get(id) ?? '', chosen.words),
      tool: TOOL,
      log: (event) => folder.log.append(event),
      observer: progress,
      signal,
    });
  } finally {
    progress.end();
  }
  return showRun(folder.log.record(), { folder, formats }, terminal);
}

/** Stories are of no catalogue: an entry means any of them, and none is stale because they do not show it. */
class StoryExpectations extends ExpectationBook {
  constructor(entries: readonly Expectation[]) {
    const specific = entries.filter(({ requirements }) => requirements !== '*');
    super(
      inCatalogue(
        specific.map((entry) => ({ ...entry, cases: 'explore/*' })),
        [],
      ),
    );
  }

  override outdated(): [] {
    return [];
  }
}

/** What plays the file again in front of the driver that `words` choose. */
export const replayCommand = (path: string, words: readonly string[]): string =>
  ['npx viommuspec replay', quoted(path), ...words].join(' ');
