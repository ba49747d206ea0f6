/**
 * Plants mistakes in Linux's virtio-iommu driver and its virtio-mmio transport, one at a time, and says which of them the catalogue catches. README.md
 * beside this file says how. Exits 1 if a mutant survives without a reason.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { HarnessError } from '../../harness/harness-error.ts';
import { BACKPORTS, SUITE } from '../../harness/drivers/linux-guest/apt-configuration.ts';
import { cachePath } from '../../harness/drivers/linux-guest/cache-folder.ts';
import { debianKernel, type KernelSuite } from '../../harness/drivers/linux-guest/debian-kernel.ts';
import type { RunRecord } from '../../reports/record/model.ts';
import { buildTree, type BuildTree } from './build-tree.ts';
import type { DriverName } from './driver-files.ts';
import { type DriverSource, driverSource } from './driver-source.ts';
import { withEdits } from './edits.ts';
import { recordOf } from './guest-run.ts';
import { killTable, type Outcome, surprisesIn } from './kill-table.ts';
import { killersOf } from './killing.ts';
import { buildModule } from './module-build.ts';
import type { Mutant } from './mutant.ts';
import { REQUEST_MUTANTS } from './request-mutants.ts';
import { SETUP_MUTANTS } from './setup-mutants.ts';
import { WINDOW_MUTANTS } from './window-mutants.ts';

/** Of which modules can be built. */
const SUITES = [SUITE, BACKPORTS] as const;

const MUTANTS = [...REQUEST_MUTANTS, ...SETUP_MUTANTS, ...WINDOW_MUTANTS];

/** Mutants that are compared with one run of the unchanged driver. */
interface Group {
  readonly driver: DriverName;
  readonly configuration: string;
}

const groupOf = ({ driver = 'virtio-iommu', configuration = 'strict' }: Mutant): Group => ({ driver, configuration });

const keyOf = (mutant: Mutant): string => Object.values(groupOf(mutant)).join(', ');

/** What every mutant meets beside the cases that are about it. */
const SAMPLE = ['initialization/plain-start', 'dma/after-unmap', 'operations/works-again:MAP-longer'];

const say = (line: string): void => void process.stdout.write(`${line}\n`);

interface Round {
  readonly kernel: KernelSuite;
  readonly tree: BuildTree;
  readonly sources: Readonly<Record<DriverName, DriverSource>>;
  readonly out: string;
  readonly isWhole: boolean;
}

const casesFor = (mutants: readonly Mutant[], { isWhole }: Round): string[] =>
  isWhole ? [] : [...new Set([...SAMPLE, ...mutants.flatMap(({ cases }) => cases)])];

/** The unchanged driver, rebuilt in the same way, in front of all that the mutants meet. */
async function unchangedRun(
  round: Round,
  mutants: readonly Mutant[],
  { driver, configuration }: Group,
): Promise<RunRecord> {
  const folder = join(round.out, `unchanged-${driver}-${configuration}`);
  const module = await buildModule(round.tree, join(folder, 'build'), round.sources[driver], driver);
  return recordOf({ kernel: round.kernel, module, cases: casesFor(mutants, round), folder, configuration });
}

async function outcomeOf(round: Round, mutant: Mutant, unchanged: RunRecord): Promise<Outcome> {
  const startedAtMs = performance.now();
  const folder = join(round.out, mutant.name);
  const { driver, configuration } = groupOf(mutant);
  const { text, path } = round.sources[driver];
  const source = { path, text: withEdits(text, mutant.edits, mutant.name) };
  const module = await buildModule(round.tree, join(folder, 'build'), source, driver);
  const run = { kernel: round.kernel, module, cases: casesFor([mutant], round), folder, configuration };
  const killers = killersOf(await recordOf(run), unchanged);
  return { mutant, killers, seconds: (performance.now() - startedAtMs) / 1000 };
}

async function play(round: Round, mutants: readonly Mutant[]): Promise<Outcome[]> {
  // A mutant that does not apply is told before an hour of runs, and not after it.
  for (const mutant of mutants) withEdits(round.sources[groupOf(mutant).driver].text, mutant.edits, mutant.name);
  const outcomes: Outcome[] = [];
  for (const key of new Set(mutants.map(keyOf))) {
    const group = mutants.filter((mutant) => keyOf(mutant) === key);
    say(`The unchanged ${key}.`);
    const unchanged = await unchangedRun(round, group, groupOf(group[0]!));
    for (const mutant of group) {
      const outcome = await outcomeOf(round, mutant, unchanged);
      outcomes.push(outcome);
      const fate = outcome.killers[0] ? `caught by ${outcome.killers[0].variant}` : 'survives';
      say(`${mutant.name}: ${fate}, in ${outcome.seconds.toFixed(1)} s`);
    }
  }
  return outcomes;
}

function chosenMutants(names: readonly string[]): readonly Mutant[] {
  const stranger = names.find((name) => !MUTANTS.some((mutant) => mutant.name === name));
  if (stranger !== undefined) {
    throw new HarnessError(`There is no mutant ${stranger}; there are ${MUTANTS.map(({ name }) => name).join(', ')}.`);
  }
  return names.length === 0 ? MUTANTS : MUTANTS.filter(({ name }) => names.includes(name));
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      source: { type: 'string' },
      kernel: { type: 'string', default: SUITE },
      mutant: { type: 'string', multiple: true, default: [] },
      out: { type: 'string', default: 'viommuspec-mutants' },
      whole: { type: 'boolean', default: false },
    },
  });
  const kernel = SUITES.find((suite) => suite === values.kernel);
  if (!kernel) throw new HarnessError(`--kernel is '${values.kernel}'; it can be ${SUITES.join(', ')}.`);
  const mutants = chosenMutants(values.mutant);
  const { release } = await debianKernel(kernel, cachePath(), say);
  const tree = await buildTree(release, cachePath(), say);
  const sources = {
    'virtio-iommu': await driverSource(values.source, tree, 'virtio-iommu'),
    virtio_mmio: await driverSource(values.source, tree, 'virtio_mmio'),
  };
  const out = resolve(values.out);
  await mkdir(out, { recursive: true });
  const outcomes = await play({ kernel, tree, sources, out, isWhole: values.whole }, mutants);
  const table = killTable(`drivers of Linux ${release}`, outcomes);
  await writeFile(join(out, 'kill-table.md'), table);
  say(`\n${table}`);
  const surprises = surprisesIn(outcomes);
  for (const sentence of surprises) say(sentence);
  return surprises.length > 0 ? 1 : 0;
}

process.exitCode = await main().catch((error: unknown) => {
  if (!(error instanceof HarnessError)) throw error;
  process.stderr.write(`${error.message}\n${error.hint ?? ''}\n`);
  return error.exitCode;
});
