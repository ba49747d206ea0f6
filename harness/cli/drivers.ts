/** Which driver is meant by `--driver`, and what a repeat command has to say of it. */
import { existsSync } from 'node:fs';
import type { DriverUnderTest } from '../driver-contract/driver-session.ts';
import { EXIT, HarnessError } from '../harness-error.ts';
import { sampleDriver } from '../in-process/sample-driver.ts';
import type { linuxGuest } from '../linux-guest/linux-guest.ts';
import type { Given, OptionName } from './options.ts';

/** Options that choose and shape a driver. */
export const DRIVER_OPTIONS = [
  'driver',
  'fault',
  'habit',
  'experimental',
  'qemu',
  'kernel',
  'modules',
  'module',
  'append',
  'configuration',
] as const satisfies readonly OptionName[];

export interface ChosenDriver {
  readonly driver: DriverUnderTest;
  readonly kind: 'linux' | 'sample' | 'shim';
  readonly faults: readonly string[];
  /** The words of a command line that choose this driver again. */
  readonly words: readonly string[];
}

/** Reads the driver from the command line. `tell` hears of long work, such as downloads. */
export async function chooseDriver(given: Given, tell: (line: string) => void): Promise<ChosenDriver> {
  const name = given.text('driver') ?? 'linux';
  const faults = given.texts('fault');
  const kind = name === 'linux' || name === 'sample' ? name : 'shim';
  if (faults.length + given.texts('habit').length > 0 && kind !== 'sample') {
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
  const words = DRIVER_OPTIONS.flatMap((option) => wordsOf(given, option));
  return { driver: await open(name, kind, given, tell), kind, faults, words };
}

function wordsOf(given: Given, option: OptionName): string[] {
  if (given.flag(option)) return [`--${option}`];
  const text = given.text(option);
  const texts = text === undefined ? given.texts(option) : [text];
  return texts.flatMap((value) => [`--${option}`, quoted(value)]);
}

/** The word as a shell takes it. */
export function quoted(word: string): string {
  return /^[\w./:=@%+,-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/** Makes the driver. What only one kind needs is loaded for that kind alone: processes and TAP take a while. */
async function open(
  name: string,
  kind: ChosenDriver['kind'],
  given: Given,
  tell: (line: string) => void,
): Promise<DriverUnderTest> {
  switch (kind) {
    case 'sample':
      return sampleDriver({
        faults: given.texts('fault'),
        habits: given.texts('habit'),
        experimental: given.flag('experimental'),
      });
    case 'linux': {
      const { linuxGuest } = await import('../linux-guest/linux-guest.ts');
      return linuxGuest(linuxOptions(given, tell));
    }
    case 'shim': {
      if (!existsSync(name)) {
        throw new HarnessError(
          `There is no driver '${name}': it is neither linux nor sample nor the manifest of a shim.`,
          {
            exitCode: EXIT.usage,
            hint: 'harness/driver-contract/VERBS.md says how a manifest looks.',
          },
        );
      }
      const { readManifest } = await import('../driver-contract/manifest.ts');
      const { shimDriver } = await import('../driver-contract/shim.ts');
      return shimDriver(await readManifest(name), {});
    }
  }
}

function linuxOptions(given: Given, tell: (line: string) => void): Parameters<typeof linuxGuest>[0] {
  const configuration = given.text('configuration') ?? 'strict';
  if (configuration !== 'strict' && configuration !== 'lazy' && configuration !== 'passthrough') {
    throw new HarnessError(`--configuration is '${configuration}'; it can be strict, lazy or passthrough.`, {
      exitCode: EXIT.usage,
    });
  }
  const [qemu, kernel, modules, module, append] = (['qemu', 'kernel', 'modules', 'module', 'append'] as const).map(
    (it) => given.text(it),
  );
  return {
    configuration,
    progress: tell,
    ...(qemu === undefined ? {} : { qemu }),
    ...(kernel === undefined ? {} : { kernel }),
    ...(modules === undefined ? {} : { modules }),
    ...(module === undefined ? {} : { module }),
    ...(append === undefined ? {} : { append }),
  };
}
