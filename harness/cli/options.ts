/** Options of every command, read by `parseArgs`; each command takes some of them. */
import { parseArgs } from 'node:util';
import { didYouMean } from '../../reports/words/nearest.ts';
import { reasonOf } from '../../reports/words/system-reason.ts';
import { EXIT, HarnessError } from '../harness-error.ts';

interface OptionText {
  readonly type: 'string' | 'boolean';
  readonly multiple?: boolean;
  /** What stands behind the option in the help. */
  readonly value?: string;
  readonly says: string;
}

export const OPTIONS = {
  driver: {
    type: 'string',
    multiple: true,
    value: 'linux|sample|FILE',
    says: 'the driver under test: a stock Linux guest (default), the sample driver, or the manifest of a shim; explore takes two',
  },
  case: {
    type: 'string',
    multiple: true,
    value: 'GLOB',
    says: 'run only cases that match, e.g. map/* or dma/after-unmap:two-pages; may be repeated',
  },
  cases: {
    type: 'string',
    value: 'FOLDER',
    says: 'take in the cases of a folder (*.case.ts, drafts.ts) as well, which are compiled on the fly; see cases/WRITING.md',
  },
  requirement: {
    type: 'string',
    multiple: true,
    value: 'GLOB',
    says: 'ask whether these requirements are violated, e.g. platform/free/unmapped-when-freed; may be repeated',
  },
  out: { type: 'string', value: 'FOLDER', says: 'where the log and the reports go (default viommuspec-report)' },
  format: {
    type: 'string',
    multiple: true,
    value: 'NAME',
    says: 'a report to write: html, junit, tap (the default three), ktap, kcidb, ctrf, markdown, mail, github, badge; may be repeated',
  },
  'kcidb-origin': {
    type: 'string',
    value: 'NAME',
    says: 'whose results these are in KCIDB, the database of KernelCI (default viommuspec)',
  },
  'kcidb-build': {
    type: 'string',
    value: 'ID',
    says: 'the build in KCIDB that was tested, e.g. maestro:67c1e9 (default: one that stands for the driver)',
  },
  baseline: {
    type: 'string',
    value: 'LOG',
    says: 'an older log; the reports say what changed since (default: the run before this one into the same folder)',
  },
  selftest: {
    type: 'string',
    value: 'FILE',
    says: 'the selftest.json of selftest --out; the HTML report says how far its verdicts are to be trusted',
  },
  'fail-on': {
    type: 'string',
    multiple: true,
    value: 'CHANGE',
    says: 'what makes compare exit 1: new-failure (default), new-warning, no-longer-exercised, fixed, newly-exercised, otherwise, nothing; may be repeated',
  },
  minutes: { type: 'string', value: 'N', says: 'how long to explore (default 5)' },
  runs: { type: 'string', value: 'N', says: 'how many command sequences to play, however long it takes' },
  focus: {
    type: 'string',
    multiple: true,
    value: 'GLOB',
    says: 'look for violations of these requirements only, or with these device faults, e.g. iommu/driver/map/*; may be repeated',
  },
  corpus: {
    type: 'string',
    value: 'FOLDER',
    says: 'where interesting command sequences are kept, which are played first next time (default viommuspec-corpus)',
  },
  from: { type: 'string', value: 'FILE', says: 'a replay that explore has left, whose story the case tells' },
  in: {
    type: 'string',
    value: 'FOLDER',
    says: 'a folder of your own for the case, outside a checkout (run it with --cases)',
  },
  new: {
    type: 'string',
    value: 'KEYWORD',
    says: "a requirement that stands in no table yet: MUST, 'MUST NOT', SHOULD or 'SHOULD NOT', with its section behind ID",
  },
  specification: {
    type: 'string',
    value: 'FOLDER',
    says: 'a checkout of oasis-tcs/virtio-spec at the tag v1.4-cs01, from which the sentence is quoted',
  },
  resume: { type: 'boolean', says: 'continue where the last exploration with this corpus stopped' },
  hostile: { type: 'boolean', says: 'also use a malicious device' },
  seed: { type: 'string', value: 'N', says: 'seed of everything that looks random (default 1)' },
  shuffle: { type: 'boolean', says: 'run the cases in an order made from the seed' },
  shard: { type: 'string', value: 'I/N', says: 'play part I of N only, e.g. 2/5; merge puts the logs together' },
  jobs: {
    type: 'string',
    value: 'N',
    says: 'how many guests or shims play at once, each in a process of its own (default: as many as the processors allow); what is found is the same',
  },
  quick: { type: 'boolean', says: 'play one variant of each case, the first that the driver can be taken through' },
  times: { type: 'string', value: 'N', says: 'how often to repeat every case, 2 to 1000 (default 3)' },
  spec: {
    type: 'string',
    value: '1.2|1.3|1.4|draft',
    says: 'version of the specification to score against (default 1.4); draft is 1.4 with what is proposed for a later one',
  },
  profile: {
    type: 'string',
    value: 'NAME',
    says: 'the device model, for all that a case does not specify (default spec)',
  },
  fault: {
    type: 'string',
    multiple: true,
    value: 'NAME',
    says: 'seed a named bug into the sample driver; may be repeated',
  },
  habit: {
    type: 'string',
    multiple: true,
    value: 'NAME',
    says: 'let the sample driver do something unusual but conforming; may be repeated',
  },
  experimental: {
    type: 'boolean',
    says: 'also enable extensions that never made it into the specification (sample driver only)',
  },
  expect: { type: 'string', value: 'FILE', says: "list of expected failures (default for linux: the project's own)" },
  'update-expectations': {
    type: 'string',
    value: 'FILE',
    says: 'list of expected failures to bring in line with this run: adds new ones, drops stale ones, keeps the rest',
  },
  qemu: { type: 'string', value: 'FILE', says: 'QEMU 10.1 or newer with vfio-user-pci (default: found or obtained)' },
  kernel: {
    type: 'string',
    multiple: true,
    value: 'FILE|FOLDER|URL|SUITE',
    says:
      'Linux kernel image for x86-64 or arm64, a tree in which one was built, or the Debian suite whose kernel is obtained: bookworm, bookworm-backports, ' +
      'trixie, trixie-backports, testing, unstable, each also with :arm64 (default: found or obtained); run takes several',
  },
  modules: {
    type: 'string',
    multiple: true,
    value: 'FOLDER|FILE|URL',
    says: "the kernel's modules, as in /lib/modules/VERSION, or a modules.tar.xz that holds them; one for each kernel image",
  },
  mirror: {
    type: 'string',
    value: 'URL',
    says:
      'Debian mirror from which QEMU and a kernel are obtained where there is none here (default: VIOMMUSPEC_MIRROR in the ' +
      'environment, else the one that apt is set to)',
  },
  module: {
    type: 'string',
    value: 'FILE',
    says: "a rebuilt virtio-iommu.ko or virtio_mmio.ko to run in place of the kernel's own",
  },
  append: { type: 'string', value: 'TEXT', says: "words added to the kernel's command line" },
  configuration: {
    type: 'string',
    value: 'NAME[,NAME…]',
    says:
      'how the Linux guest is set up: strict (default), lazy (collects unmappings), passthrough (its endpoints bypass the ' +
      'IOMMU), packed (strict, with packed virtqueues); run takes several',
  },
  'debug-wire': { type: 'boolean', says: 'print what went over the wire in every case that is played, event by event' },
  patient: {
    type: 'boolean',
    says: 'wait for a shim however long it takes, e.g. while a debugger has stopped it, and show its log at once',
  },
  text: { type: 'boolean', says: 'print text (default)' },
  html: { type: 'boolean', says: 'print a page by itself' },
  help: { type: 'boolean', says: 'say what the command does' },
} as const satisfies Record<string, OptionText>;

export type OptionName = keyof typeof OPTIONS;

/** What was given on the command line. */
export interface Given {
  readonly words: readonly string[];
  /** Throws a `HarnessError` if the option was given several times. */
  text(name: OptionName): string | undefined;
  texts(name: OptionName): readonly string[];
  flag(name: OptionName): boolean;
}

/** `given` as if the option had been given once, with `value`. */
export const withText = (given: Given, name: OptionName, value: string): Given => ({
  words: given.words,
  text: (other) => (other === name ? value : given.text(other)),
  texts: (other) => (other === name ? [value] : given.texts(other)),
  flag: (other) => given.flag(other),
});

function allTexts(read: string | boolean | readonly string[] | undefined): readonly string[] {
  if (typeof read === 'string') return [read];
  return typeof read === 'object' ? read : [];
}

function onlyText(name: OptionName, read: Parameters<typeof allTexts>[0]): string | undefined {
  const [text, ...more] = allTexts(read);
  if (more.length === 0) return text;
  throw new HarnessError(`--${name} is given ${more.length + 1} times, and is taken once here.`, {
    exitCode: EXIT.usage,
  });
}

/** Reads `args`; an option that `allowed` does not list is refused by name. */
export function readOptions(args: readonly string[], allowed: readonly OptionName[], command: string): Given {
  const names = [...allowed, 'help' as const];
  const options = Object.fromEntries(
    names.map((name) => {
      const option: OptionText = OPTIONS[name];
      return [name, { type: option.type, multiple: option.multiple ?? false, ...(name === 'help' && { short: 'h' }) }];
    }),
  );
  try {
    const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true, strict: true });
    const read = values as Readonly<Record<string, string | boolean | readonly string[] | undefined>>;
    return {
      words: positionals,
      text: (name) => onlyText(name, read[name]),
      texts: (name) => allTexts(read[name]),
      flag: (name) => read[name] === true,
    };
  } catch (error) {
    const [sentence = ''] = reasonOf(error).split('. ');
    const unknown = /^Unknown option '--([^']*)'/.exec(sentence)?.[1] ?? '';
    throw new HarnessError(`${sentence}.`, {
      exitCode: EXIT.usage,
      hint:
        didYouMean(
          `--${unknown}`,
          names.map((name) => `--${name}`),
        ) ?? `viommuspec ${command} --help shows its options.`,
    });
  }
}
