/** `viommuspec explore`: plays stories that are drawn by lot, and leaves what they show as replays, a log and reports. */
import type { Case } from '../../cases/api/define-case.ts';
import type { Monitor } from '../../cases/api/define-monitor.ts';
import { counted } from '../../reference-device/counted.ts';
import { DEVICE_FAULTS, type DeviceFaultName, type Legality } from '../../reference-device/device-faults.ts';
import type { TopologyName } from '../../reference-device/machine-setup.ts';
import { didYouMean } from '../../reports/words/nearest.ts';
import type { Finding } from '../../reports/record/model.ts';
import { Corpus, slugOf } from '../explore/corpus.ts';
import { type Bounds, deviationsOf, SCORED_TOPOLOGIES } from '../explore/drawn-machine.ts';
import { Comparison } from '../explore/differences.ts';
import { type Explored, explore } from '../explore/explorer.ts';
import { Lots } from '../explore/lots.ts';
import { storyMonitors } from '../explore/story-monitors.ts';
import { storyOf } from '../explore/replay-file.ts';
import { EXIT, type ExitCode, HarnessError } from '../harness-error.ts';
import { judgedRequirements } from '../runner/catalogue-facts.ts';
import { type Expectation, matchesGlob, meantFor } from '../scoring/expectations.ts';
import { type ChosenDriver, chooseDriver, DRIVER_OPTIONS } from './drivers.ts';
import { ExploreObserver } from './explore-observer.ts';
import { expectationsFor } from './expectation-files.ts';
import { interruptible } from './interruption.ts';
import { storyPlayersFor } from './jobs.ts';
import { formatsOf, profileOf, revisionOf, runsOf, wholeNumber } from './option-values.ts';
import { type Given, type OptionName, withText } from './options.ts';
import { DEFAULT_FOLDER, inFolder, type OutputFolder } from './output-folder.ts';
import { soundCatalogue } from './sound-catalogue.ts';
import { knownOf, recorded } from './stopped-run.ts';
import { type StoryInFile, storyRun } from './story-run.ts';
import type { Terminal } from './terminal.ts';

export const EXPLORE_OPTIONS: readonly OptionName[] = [
  ...DRIVER_OPTIONS,
  'minutes',
  'runs',
  'jobs',
  'focus',
  'hostile',
  'corpus',
  'resume',
  'seed',
  'profile',
  'out',
  'format',
  'spec',
  'expect',
];

const DEFAULT_CORPUS = 'viommuspec-corpus';
const MINUTE_MS = 60_000;

/** Resolves to the exit code (guides/exit-codes.md). An interrupted exploration reports what it has found by then. */
export function exploreCommand(given: Given, terminal: Terminal, typed: readonly string[]): Promise<ExitCode> {
  const command = ['viommuspec', ...typed].join(' ');
  return interruptible((signal) =>
    inFolder(given.text('out') ?? DEFAULT_FOLDER, (folder) => {
      folder.clear();
      const { header, ...known } = knownOf(given, command, signal);
      const { plan: _, ...unplanned } = header;
      return recorded(folder, { ...known, header: unplanned }, () =>
        exploreInto(folder, { given, terminal, command, signal }),
      );
    }),
  );
}

interface Invocation {
  readonly given: Given;
  readonly terminal: Terminal;
  readonly command: string;
  readonly signal: AbortSignal;
}

async function exploreInto(folder: OutputFolder, { given, terminal, command, signal }: Invocation): Promise<ExitCode> {
  const formats = formatsOf(given);
  const revision = revisionOf(given);
  const { cases, monitors } = soundCatalogue();
  const focus = focusOf(given.texts('focus'), cases, monitors);
  const corpus = new Corpus(given.text('corpus') ?? DEFAULT_CORPUS);
  const { lots, seed } = lotsOf(given, corpus);
  const goesOn = untilStopped(given, signal);
  const tell = Object.assign((line: string) => terminal.note(line), { signal });
  const { chosen, other } = await explored(given, tell);
  const expected = expectationsFor(given, chosen);
  const profile = given.text('profile') === undefined ? chosen.profile : profileOf(given);
  const comparison = other && new Comparison([chosen.driver, other.driver], profile);
  const observer = new ExploreObserver(terminal, corpus, {
    chosen,
    profile,
    signal,
    ...(comparison && { comparison }),
  });
  let outcome: Explored;
  try {
    const judging = storyMonitors(monitors);
    outcome = await explore({
      driver: chosen.driver,
      players: storyPlayersFor(given, chosen, { profile, monitors: judging, tell }),
      monitors: judging,
      profile,
      bounds: boundsOf(focus.deviations, given.flag('hostile')),
      topologies: topologiesFor(chosen),
      lots,
      corpus: corpus.replays().map(storyOf),
      isWanted: focus.isWanted,
      isExpected: (finding, { version }) => isListed(finding, meantFor({ profile, version }, expected)),
      goesOn,
      signal,
      observer,
    });
  } finally {
    observer.end();
    await comparison?.close();
  }
  corpus.state = { seed, lots: lots.state };
  terminal.note(
    `${counted(outcome.played, 'story', 'stories')} played. For the report, those that show most once more:`,
  );
  const stories = worthReporting(outcome, observer).map((it) => ({ ...it, profile }));
  // Who ends an exploration wants to see what it has found.
  const options = {
    chosen,
    stories,
    profile,
    seed,
    revision,
    formats,
    command,
    expected,
    signal: new AbortController().signal,
  };
  return storyRun(options, folder, terminal);
}

/** The driver that is explored, and another one that may play beside it. Faults and habits are the sample driver's. */
async function explored(
  given: Given,
  tell: (line: string) => void,
): Promise<{ readonly chosen: ChosenDriver; readonly other: ChosenDriver | undefined }> {
  const [first = 'linux', second, ...more] = given.texts('driver');
  if (more.length > 0) {
    throw new HarnessError('explore compares two drivers, and no more.', { exitCode: EXIT.usage });
  }
  const choose = (name: string): Promise<ChosenDriver> =>
    chooseDriver(withText(name === 'sample' ? given : withoutTraits(given), 'driver', name), tell, {
      command: 'explore',
    });
  return { chosen: await choose(first), other: second === undefined ? undefined : await choose(second) };
}

const withoutTraits = (given: Given): Given => ({
  ...given,
  texts: (name) => (name === 'fault' || name === 'habit' ? [] : given.texts(name)),
});

/** What was found, and a story for each requirement that was judged. */
function worthReporting({ finds, examples }: Explored, observer: ExploreObserver): Omit<StoryInFile, 'profile'>[] {
  const found = finds.map((find) => ({
    name: slugOf(find.cause),
    title: `Found in story ${find.foundIn}: ${find.finding.says}`,
    story: find.story,
    path: observer.fileOf(find),
  }));
  const told = new Set(finds.map(({ story }) => story));
  const others = [...examples].filter(([, story]) => !told.has(story) && told.add(story));
  return [
    ...found,
    ...others.map(([requirement, story]) => ({
      name: `judges-${slugOf(requirement)}`,
      title: `A story in which ${requirement} was judged`,
      story,
      path: observer.example(requirement, story),
    })),
  ];
}

interface Focus {
  readonly isWanted: (requirement: string) => boolean;
  /** None: whatever there is. */
  readonly deviations: readonly DeviceFaultName[];
}

/** What `--focus` names: requirements, or deviations of the device. */
function focusOf(globs: readonly string[], cases: readonly Case[], monitors: readonly Monitor[]): Focus {
  const requirements = [...judgedRequirements(cases, monitors)];
  const names = Object.keys(DEVICE_FAULTS) as DeviceFaultName[];
  const wanted = globs.filter((glob) => requirements.some((id) => matchesGlob(glob, id)));
  const stranger = globs.find((glob) => !wanted.includes(glob) && !names.some((name) => matchesGlob(glob, name)));
  if (stranger !== undefined) {
    throw new HarnessError(`--focus ${stranger} matches no requirement that is judged, and no device fault.`, {
      exitCode: EXIT.usage,
      hint: didYouMean(stranger, [...requirements, ...names]) ?? 'viommuspec coverage shows the requirements.',
    });
  }
  return {
    isWanted: (requirement) => wanted.length === 0 || wanted.some((glob) => matchesGlob(glob, requirement)),
    deviations: names.filter((name) => globs.some((glob) => matchesGlob(glob, name))),
  };
}

function boundsOf(wanted: readonly DeviceFaultName[], isHostile: boolean): Bounds {
  const kinds: Legality[] = ['legal-variation', 'violation', ...(isHostile ? (['hostile'] as const) : [])];
  const deviations = wanted.length > 0 ? wanted : deviationsOf(kinds);
  return { deviations, isAlwaysDeviant: wanted.length > 0 };
}

/** A driver that takes a while to start stays in front of one description. */
function topologiesFor({ driver }: ChosenDriver): readonly [TopologyName, ...TopologyName[]] {
  const home = driver.homeTopology ?? 'plain';
  return driver.startsSlowly === true ? [home] : [home, ...SCORED_TOPOLOGIES.filter((name) => name !== home)];
}

function lotsOf(given: Given, corpus: Corpus): { readonly lots: Lots; readonly seed: number } {
  const seed = wholeNumber(given, 'seed', { byDefault: 1 });
  const state = given.flag('resume') ? corpus.state : undefined;
  return state === undefined ? { lots: new Lots(seed), seed } : { lots: new Lots(state.lots), seed: state.seed };
}

/** With `--runs` alone an exploration takes as long as it takes. */
function untilStopped(given: Given, signal: AbortSignal): (played: number) => boolean {
  const runs = runsOf(given);
  const minutes = wholeNumber(given, 'minutes', { byDefault: 5, least: 1, most: 10_000 });
  const endsAtMs =
    runs !== undefined && given.text('minutes') === undefined ? Infinity : performance.now() + minutes * MINUTE_MS;
  return (played) => !signal.aborted && played < (runs ?? Infinity) && performance.now() < endsAtMs;
}

/** Entries that name no requirement speak of cases of the catalogue, and of nothing that is found here. */
const isListed = ({ requirement }: Finding, entries: readonly Expectation[]): boolean =>
  entries.some(({ requirements }) => requirements !== '*' && matchesGlob(requirements, requirement));
