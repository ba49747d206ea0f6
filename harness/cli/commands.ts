/** The commands of the tool; help is made from this table. */
import { wrapped } from '../../reports/terminal/layout.ts';
import { BISECT, EXIT } from '../harness-error.ts';
import { BISECT_OPTIONS, bisectStepCommand } from './bisect-step-command.ts';
import { compareCommand } from './compare-command.ts';
import { coverageCommand } from './coverage-command.ts';
import { doctorCommand } from './doctor-command.ts';
import { DRIVER_OPTIONS } from './drivers.ts';
import { explainCommand } from './explain-command.ts';
import { EXPLORE_OPTIONS, exploreCommand } from './explore-command.ts';
import { judgeCommand } from './judge-command.ts';
import { listCommand } from './list-command.ts';
import { mergeCommand } from './merge-command.ts';
import { newCaseCommand } from './new-case-command.ts';
import { type Given, type OptionName, OPTIONS } from './options.ts';
import { REPLAY_OPTIONS, replayCommand } from './replay-command.ts';
import { reportCommand } from './report-command.ts';
import { RUN_OPTIONS, runCommand } from './run-command.ts';
import { scoreboardCommand } from './scoreboard-command.ts';
import { selftestCommand } from './selftest-command.ts';
import { showCommand } from './show-command.ts';
import type { Terminal } from './terminal.ts';
import { VERIFY_OPTIONS, verifyCommand } from './verify-command.ts';

export interface CommandText {
  readonly words: string;
  readonly says: string;
  readonly examples: readonly string[];
  readonly options: readonly OptionName[];
  /** What an option means to this command, where that is not what it means to `run`. */
  readonly optionWords?: Readonly<Partial<Record<OptionName, string>>>;
  /** How it ends where it cannot do its work; by what went wrong if left out. */
  readonly failsWith?: number;
  /** Gives the exit code. */
  run(given: Given, terminal: Terminal, typed: readonly string[]): Promise<number> | number;
}

export const COMMANDS: Readonly<Record<string, CommandText>> = {
  run: {
    words: '',
    says: 'Scores a driver: runs the test cases against it and leaves the log and the reports in a folder.',
    examples: [
      'viommuspec run',
      'viommuspec run --driver sample',
      "viommuspec run --driver sample --case 'dma/*' --out report --format markdown",
      'viommuspec run --driver sample --shard 1/2 --out shard-1',
      'viommuspec run --driver path/to/manifest.json --expect known.txt',
    ],
    options: RUN_OPTIONS,
    run: runCommand,
  },
  explore: {
    words: '',
    says: 'Looks for bugs that no case covers: generates random machines and command sequences, checks every trace, and minimizes what it finds.',
    examples: [
      'viommuspec explore --driver sample --runs 50 --out explored',
      'viommuspec explore --driver path/to/manifest.json --minutes 480 --resume',
      "viommuspec explore --driver sample --focus 'platform/free/*' --focus reorder-completions --runs 20 --out explored",
    ],
    options: EXPLORE_OPTIONS,
    optionWords: {
      driver: 'the driver to explore: a stock Linux guest (default), the sample driver, or the manifest of a shim',
    },
    run: exploreCommand,
  },
  replay: {
    words: 'FILE…',
    says: 'Replays what explore has found, with any driver.',
    examples: ['viommuspec replay viommuspec-corpus/stories/00001.json --driver sample --out replayed'],
    options: REPLAY_OPTIONS,
    run: replayCommand,
  },
  'bisect-step': {
    words: '',
    says:
      'One step of git bisect run: exits 0 if the cases or requirements hold, 1 if they do not, 125 if the commit cannot be ' +
      'tested, 128 for a usage error.',
    examples: [
      'viommuspec bisect-step --driver sample --case dma/after-unmap',
      "viommuspec bisect-step --driver sample --requirement 'iommu/driver/map/*' --out bisect",
    ],
    options: BISECT_OPTIONS,
    optionWords: { case: 'ask these cases only, e.g. dma/after-unmap:two-pages; may be repeated' },
    failsWith: BISECT.stop,
    run: bisectStepCommand,
  },
  list: {
    words: '[WHAT]',
    says: 'Lists cases (default), requirements, regressions, variants, monitors, faults, habits, device-faults or profiles.',
    examples: ['viommuspec list', 'viommuspec list faults', "viommuspec list --case 'dma/*'"],
    options: ['case', 'cases'],
    optionWords: { case: 'list the variants that match, e.g. map/*; may be repeated' },
    run: listCommand,
  },
  explain: {
    words: 'WORD',
    says:
      'Explains a case, a monitor, a requirement, a fault or a device profile, or lists the requirements of a section, ' +
      'those about a field, or what matches a glob.',
    examples: [
      'viommuspec explain dma/after-unmap',
      'viommuspec explain 5.13.6.5.1',
      'viommuspec explain virt_end',
      "viommuspec explain 'iommu/driver/map/*'",
    ],
    options: ['cases', 'specification'],
    run: explainCommand,
  },
  coverage: {
    words: '',
    says: 'Shows requirement coverage by section: what is judged, what cannot be and why, and what is missing.',
    examples: ['viommuspec coverage', 'viommuspec coverage --spec 1.2 --out coverage'],
    options: ['spec', 'out'],
    optionWords: { out: 'a folder in which to leave coverage.html as well' },
    run: coverageCommand,
  },
  'new-case': {
    words: 'ID [SECTION]',
    says: 'Begins a case: writes ID.case.ts with given, when and then in place, and with --new the row of its requirement.',
    examples: [
      'viommuspec new-case map/read-only',
      'viommuspec new-case map/read-only --in my-cases --requirement iommu/driver/map/read-flag-when-reads-intended',
      "viommuspec new-case map/no-low-addresses --in my-cases --new 'MUST NOT' 5.13.6.5.1",
      'viommuspec new-case free/found --from viommuspec-corpus/finds/platform-free-unmapped-when-freed.json',
    ],
    options: ['from', 'in', 'requirement', 'new'],
    optionWords: { requirement: 'the requirement that the case is about' },
    run: newCaseCommand,
  },
  doctor: {
    words: '',
    says: 'Checks step by step whether a driver honours the shim contract.',
    examples: ['viommuspec doctor --driver sample'],
    options: DRIVER_OPTIONS,
    run: doctorCommand,
  },
  report: {
    words: 'LOG…',
    says: 'Renders the reports of a log again, or one HTML report of several runs side by side.',
    examples: [
      'viommuspec report viommuspec-report/results.ndjson',
      'viommuspec report viommuspec-report/results.ndjson --baseline before/results.ndjson',
      'viommuspec report viommuspec-report/results.ndjson --selftest selftest/selftest.json',
      'viommuspec report before/results.ndjson after/results.ndjson --out both',
      'viommuspec report viommuspec-report/results.ndjson --format markdown --format badge',
      'viommuspec report viommuspec-report/results.ndjson --format kcidb --kcidb-origin mylab --kcidb-build maestro:67c1e9',
    ],
    options: ['out', 'format', 'kcidb-origin', 'kcidb-build', 'baseline', 'selftest'],
    optionWords: { out: 'where the reports go (default: beside the log; of several logs, viommuspec-report)' },
    run: reportCommand,
  },
  show: {
    words: 'LOG CASE',
    says: 'Prints everything that happened in a variant: what was found, every message with its bytes, the log of the driver.',
    examples: [
      'viommuspec show viommuspec-report/results.ndjson dma/after-unmap:two-pages',
      'viommuspec show viommuspec-report dma/after-unmap:two-pages --html',
    ],
    options: ['text', 'html'],
    run: showCommand,
  },
  compare: {
    words: 'LOG LOG',
    says: 'Shows what changed from the first run to the second: two versions of a driver, two drivers, two catalogues.',
    examples: [
      'viommuspec compare before/results.ndjson after/results.ndjson',
      'viommuspec compare before/results.ndjson after/results.ndjson --out comparison --fail-on nothing',
    ],
    options: ['out', 'fail-on'],
    optionWords: { out: 'a folder in which to leave comparison.html and comparison.md as well' },
    run: compareCommand,
  },
  judge: {
    words: 'LOG',
    says: 'Re-evaluates an old log with the current checks, and reports any verdict that differs.',
    examples: ['viommuspec judge viommuspec-report/results.ndjson'],
    options: [],
    run: judgeCommand,
  },
  merge: {
    words: 'LOG LOG…',
    says: 'Merges the logs of all shards of a run into one log, with the reports of the whole run.',
    examples: ['viommuspec merge shard-1/results.ndjson shard-2/results.ndjson --out viommuspec-report'],
    options: ['out', 'format'],
    run: mergeCommand,
  },
  scoreboard: {
    words: 'LOG LOG…',
    says: 'Makes one page of many runs: drivers, versions and configurations side by side.',
    examples: ['viommuspec scoreboard before/results.ndjson after/results.ndjson --out scoreboard'],
    options: ['out'],
    optionWords: { out: 'where scoreboard.html and scoreboard.md go (default viommuspec-report)' },
    run: scoreboardCommand,
  },
  selftest: {
    words: '',
    says: 'Shows that every case catches the seeded driver bugs it is made for, and that a conforming driver passes.',
    examples: ['viommuspec selftest', 'viommuspec selftest --out selftest'],
    options: ['out', 'jobs'],
    optionWords: { out: 'a folder in which to leave selftest.json and selftest.html as well' },
    run: selftestCommand,
  },
  verify: {
    words: '',
    says: 'Repeats every case in shuffled order, and fails if a verdict changes.',
    examples: ['viommuspec verify --driver sample', "viommuspec verify --times 10 --case 'dma/*'"],
    options: VERIFY_OPTIONS,
    optionWords: { case: 'repeat only cases that match, e.g. map/* or dma/after-unmap:two-pages; may be repeated' },
    run: verifyCommand,
  },
};

const EXIT_WORDS: readonly (readonly [number, string])[] = [
  [EXIT.asExpected, 'as expected'],
  [EXIT.unexpected, 'an unexpected failure, or a stale expectation'],
  [EXIT.usage, 'usage error, or an invalid input file'],
  [EXIT.harnessError, 'an error in the harness itself'],
  [EXIT.driverDidNotStart, 'the driver did not start'],
  [EXIT.nothingExercised, 'nothing was exercised'],
  [EXIT.incomplete, 'the run is incomplete'],
  [EXIT.interrupted, 'interrupted'],
];

/** Columns of help, which is read in narrow windows too, and quoted in messages. */
const WIDTH = 80;

/** The help of the whole tool. */
export function overview(): string {
  return [
    'viommuspec scores guest drivers for virtio-iommu against the specification.\n',
    ...Object.entries(COMMANDS).flatMap(([name, { says }]) => entry(name, says)),
    '\nExit codes:',
    ...EXIT_WORDS.flatMap(([code, says]) => entry(String(code), says)),
    '\nBegin with:',
    '  npx viommuspec run --driver sample',
    '\nviommuspec COMMAND --help says more, with examples. guides/ has a guide for',
    'driver authors, for spec editors and for readers of results.\n',
  ].join('\n');
}

function entry(name: string, says: string): string[] {
  const [first = '', ...rest] = wrapped(says, WIDTH, 14);
  return [`  ${name.padEnd(12)}${first.trimStart()}`, ...rest];
}

/** The help of one command. */
export function helpFor(name: string, command: CommandText): string {
  const options = command.options.flatMap((option) => {
    const text: { readonly value?: string; readonly says: string } = OPTIONS[option];
    const says = command.optionWords?.[option] ?? text.says;
    return [`  --${option}${text.value === undefined ? '' : ` ${text.value}`}`, ...wrapped(says, WIDTH, 8)];
  });
  return [
    `viommuspec ${name}${command.words === '' ? '' : ` ${command.words}`}`,
    ...wrapped(command.says, WIDTH),
    ...(options.length > 0 ? ['\nOptions:', ...options] : []),
    '\nExamples:',
    ...command.examples.map((example) => `  npx ${example}`),
    '',
  ].join('\n');
}
