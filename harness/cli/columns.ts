/** Several runs from one command line: each kernel with each configuration. */
import { statSync } from 'node:fs';
import { basename } from 'node:path';
import type { ProfileName } from '../../reference-device/profiles.ts';
import { EXIT, HarnessError } from '../harness-error.ts';
import type { GuestConfiguration } from '../drivers/linux-guest/guest-command.ts';
import { profileOf } from './option-values.ts';
import { notOneOf } from './closed-list.ts';
import type { Given } from './options.ts';

/** Named set-ups of the Linux guest and of the device in front of it. */
const CONFIGURATIONS = {
  strict: { guest: 'strict' },
  lazy: { guest: 'lazy' },
  passthrough: { guest: 'passthrough' },
  packed: { guest: 'strict', profile: 'packed' },
} as const satisfies Record<string, { readonly guest: GuestConfiguration; readonly profile?: ProfileName }>;

type ConfigurationName = keyof typeof CONFIGURATIONS;

/** What one run has that the others of the same command line do not. */
export interface Column {
  /** What tells it from the others; empty if there are none. */
  readonly name: string;
  readonly kernel?: string;
  readonly modules?: string;
  readonly guest: GuestConfiguration;
  readonly profile: ProfileName;
  /** The words of a command line that choose it. */
  readonly words: readonly (readonly [option: string, value: string])[];
}

interface Kernel {
  readonly name: string;
  readonly kernel?: string;
  readonly modules?: string;
}

/** Every column that the command line names; at least one. Throws a `HarnessError` if two would have the same name. */
export function columnsOf(given: Given): Column[] {
  const kernels = kernelsOf(given);
  const names = configurationsOf(given);
  const columns = kernels.flatMap((kernel) =>
    (names.length === 0 ? [undefined] : names).map((name) =>
      columnOf(kernel, name, given, [
        ...(kernels.length > 1 ? [kernel.name] : []),
        ...(names.length > 1 && name !== undefined ? [name] : []),
      ]),
    ),
  );
  const twice = columns.find((column, index) => columns.findIndex(({ name }) => name === column.name) !== index);
  if (!twice) return columns;
  throw usage(`Two runs would be called '${twice.name}'.`, 'Name each kernel and each configuration once.');
}

/** The one column of a command that plays one driver. */
export function onlyColumn(given: Given, command: string): Column {
  const [column, ...others] = columnsOf(given);
  if (column && others.length === 0) return column;
  throw usage(`${command} takes one kernel and one configuration.`, `run takes several: '${column?.name}' and so on.`);
}

function columnOf(kernel: Kernel, name: ConfigurationName | undefined, given: Given, label: readonly string[]): Column {
  const configuration: { readonly guest: GuestConfiguration; readonly profile?: ProfileName } =
    CONFIGURATIONS[name ?? 'strict'];
  if (configuration.profile && given.text('profile') !== undefined) {
    throw usage(`--configuration ${name} says what the device is like, so --profile cannot.`);
  }
  const { kernel: image, modules } = kernel;
  return {
    name: label.join(' '),
    ...(image === undefined ? {} : { kernel: image }),
    ...(modules === undefined ? {} : { modules }),
    guest: configuration.guest,
    profile: configuration.profile ?? profileOf(given),
    words: [
      ...(image === undefined ? [] : [['kernel', image] as const]),
      ...(modules === undefined ? [] : [['modules', modules] as const]),
      ...(name === undefined ? [] : [['configuration', name] as const]),
    ],
  };
}

/** A suite, which has no slash, and a built tree come with their modules; the others take the folders of --modules in their order. */
function kernelsOf(given: Given): Kernel[] {
  const kernels = given.texts('kernel');
  const folders = [...given.texts('modules')];
  if (kernels.length <= 1) {
    const [kernel] = kernels;
    const [modules, ...others] = folders;
    if (others.length > 0) throw usage('--modules is given more often than --kernel.');
    return [{ name: '', ...(kernel === undefined ? {} : { kernel }), ...(modules === undefined ? {} : { modules }) }];
  }
  const columns = kernels.map((kernel) => {
    const modules = kernel.includes('/') && !isFolder(kernel) ? folders.shift() : undefined;
    return { name: basename(modules ?? kernel), kernel, ...(modules === undefined ? {} : { modules }) };
  });
  if (folders.length === 0) return columns;
  throw usage(
    '--modules is given more often than there are kernels that need it.',
    'A suite and a built tree come with their modules.',
  );
}

const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;

function configurationsOf(given: Given): ConfigurationName[] {
  return (given.text('configuration')?.split(',') ?? []).map((name) => {
    if (Object.hasOwn(CONFIGURATIONS, name)) return name as ConfigurationName;
    throw notOneOf('configuration', name, Object.keys(CONFIGURATIONS));
  });
}

const usage = (sentence: string, hint?: string): HarnessError =>
  new HarnessError(sentence, { exitCode: EXIT.usage, ...(hint !== undefined && { hint }) });
