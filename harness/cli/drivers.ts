/** Which driver is meant by `--driver`, and what a repeat command has to say of it. */
import { existsSync } from 'node:fs';
import { didYouMean } from '../../reports/words/nearest.ts';
import type { ProfileName } from '../../reference-device/profiles.ts';
import type { DriverUnderTest } from '../driver-contract/driver-session.ts';
import { EXIT, HarnessError } from '../harness-error.ts';
import { sampleDriver } from '../drivers/in-process/sample-driver.ts';
import type { linuxGuest } from '../drivers/linux-guest/linux-guest.ts';
import { type Column, onlyColumn } from './columns.ts';
import type { Given, OptionName } from './options.ts';

/** Options that choose and shape a driver, and what can be played in front of it. */
export const DRIVER_OPTIONS = [
  'driver',
  'fault',
  'habit',
  'experimental',
  'qemu',
  'mirror',
  'kernel',
  'modules',
  'module',
  'append',
  'configuration',
  'patient',
  'cases',
] as const satisfies readonly OptionName[];

export interface ChosenDriver {
  readonly driver: DriverUnderTest;
  readonly kind: 'linux' | 'sample' | 'shim';
  readonly faults: readonly string[];
  /** How the device is in front of it. */
  readonly profile: ProfileName;
  /** The words of a command line that choose this driver again. */
  readonly words: readonly string[];
  /** The same for another process on this machine: words as they are without a shell. */
  readonly arguments: readonly string[];
}

/** Columns have some of their own; a mirror is an affair of this machine. */
const NOT_REPEATED: readonly OptionName[] = ['kernel', 'modules', 'configuration', 'mirror'];

/**
 * Reads the driver of one column from the command line, for a `command` that plays one if left out. `tell` hears of long
 * work, such as downloads.
 */
export async function chooseDriver(
  given: Given,
  tell: (line: string) => void,
  which: { readonly column: Column } | { readonly command: string },
): Promise<ChosenDriver> {
  const column = 'column' in which ? which.column : onlyColumn(given, which.command);
  const name = given.text('driver') ?? 'linux';
  const faults = given.texts('fault');
  const kind = name === 'linux' || name === 'sample' ? name : 'shim';
  refuseForeignOptions(name, kind, given, column);
  const words = [
    ...DRIVER_OPTIONS.filter((option) => !NOT_REPEATED.includes(option)).flatMap((option) => wordsOf(given, option)),
    ...column.words.flatMap(([option, value]) => [`--${option}`, value]),
  ];
  return {
    driver: await open(name, kind, { given, column, tell }),
    kind,
    faults,
    profile: column.profile,
    words: words.map(quoted),
    arguments: [...words, ...wordsOf(given, 'mirror')],
  };
}

/** Throws a `HarnessError` for an option that means nothing to this kind of driver. */
function refuseForeignOptions(name: string, kind: ChosenDriver['kind'], given: Given, column: Column): void {
  if (given.texts('fault').length + given.texts('habit').length > 0 && kind !== 'sample') {
    throw new HarnessError(`--fault and --habit are for the sample driver; '${name}' has no named faults or habits.`, {
      exitCode: EXIT.usage,
    });
  }
  if (given.flag('experimental') && kind !== 'sample') {
    throw new HarnessError(
      `--experimental is for the sample driver; '${name}' says in its own way what it understands.`,
      {
        exitCode: EXIT.usage,
        hint: "A shim's manifest names built-in-2019 among its topologies.",
      },
    );
  }
  const [chosen] = column.words;
  if (chosen && kind !== 'linux') {
    throw new HarnessError(`--${chosen[0]} is for the Linux guest; '${name}' has none.`, { exitCode: EXIT.usage });
  }
}

function wordsOf(given: Given, option: OptionName): string[] {
  if (given.flag(option)) return [`--${option}`];
  return given.texts(option).flatMap((value) => [`--${option}`, value]);
}

/** The word as a shell takes it. */
export function quoted(word: string): string {
  return /^[\w./:=@%+,-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

interface Choice {
  readonly given: Given;
  readonly column: Column;
  readonly tell: (line: string) => void;
}

/** A working day. */
const PATIENT = { startMs: 36_000_000, answerMs: 36_000_000 } as const;

/** Makes the driver. What only one kind needs is loaded for that kind alone: processes and TAP take a while. */
async function open(
  name: string,
  kind: ChosenDriver['kind'],
  { given, column, tell }: Choice,
): Promise<DriverUnderTest> {
  switch (kind) {
    case 'sample':
      return sampleDriver({
        faults: given.texts('fault'),
        habits: given.texts('habit'),
        experimental: given.flag('experimental'),
      });
    case 'linux': {
      const { linuxGuest } = await import('../drivers/linux-guest/linux-guest.ts');
      return linuxGuest(linuxOptions({ given, column, tell }));
    }
    case 'shim': {
      if (!existsSync(name)) {
        throw new HarnessError(
          `There is no driver '${name}': it is neither linux nor sample nor the manifest of a shim.`,
          {
            exitCode: EXIT.usage,
            hint:
              didYouMean(name, ['linux', 'sample']) ?? 'harness/driver-contract/VERBS.md says how a manifest looks.',
          },
        );
      }
      const { readManifest } = await import('../driver-contract/manifest.ts');
      const { shimDriver } = await import('../driver-contract/shim.ts');
      const manifest = await readManifest(name);
      if (!given.flag('patient')) return shimDriver(manifest);
      return shimDriver({ ...manifest, deadlines: PATIENT }, { onLog: (text) => tell(text.trimEnd()) });
    }
  }
}

function linuxOptions({ given, column, tell }: Choice): Parameters<typeof linuxGuest>[0] {
  return {
    configuration: column.guest,
    progress: tell,
    kernel: column.kernel,
    modules: column.modules,
    qemu: given.text('qemu'),
    mirror: given.text('mirror'),
    module: given.text('module'),
    append: given.text('append'),
  };
}
