/**
 * Scores a virtio-iommu.c: builds the module for one of Debian's kernels and runs the cases in front of it.
 *
 *     npm run linux-module -- --source path/to/virtio-iommu.c --quick
 *
 * `--quick` plays one variant of each case; `--case` chooses cases; without both the whole catalogue is played. With `--bisect`
 * it is one step of `git bisect run` (guides/bisect.md), and `--requirement` says what that is about.
 */
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { CASES } from '../cases/catalogue.ts';
import { BISECT, EXIT, HarnessError } from '../harness/harness-error.ts';
import { BACKPORTS, SUITE } from '../harness/drivers/linux-guest/apt-configuration.ts';
import { cachePath } from '../harness/drivers/linux-guest/cache-folder.ts';
import { debianKernel } from '../harness/drivers/linux-guest/debian-kernel.ts';
import { allVariants } from '../harness/runner/plan.ts';
import { buildTree } from './linux-mutants/build-tree.ts';
import { driverSource } from './linux-mutants/driver-source.ts';
import { showRun } from './linux-mutants/guest-run.ts';
import { buildModule } from './linux-mutants/module-build.ts';

/** Of which modules can be built. */
const SUITES = [SUITE, BACKPORTS] as const;

/** Folders of cases that take a boot or a time-out each. */
const SLOW = /^(topology|order|sweeps)\//;

/** The first variant of every case that is played in the first boot. */
function quickCases(): string[] {
  const firsts = new Map(
    allVariants(CASES)
      .toReversed()
      .map(({ id, case: { id: name } }) => [name, id]),
  );
  return [...firsts].filter(([name]) => !SLOW.test(name)).map(([, id]) => id);
}

const say = (line: string): void => void process.stderr.write(`${line}\n`);

function commandLine() {
  const { values } = parseArgs({
    options: {
      source: { type: 'string' },
      kernel: { type: 'string', default: SUITE },
      case: { type: 'string', multiple: true, default: [] },
      quick: { type: 'boolean', default: false },
      bisect: { type: 'boolean', default: false },
      requirement: { type: 'string', multiple: true, default: [] },
      configuration: { type: 'string', default: 'strict' },
      out: { type: 'string', default: 'viommuspec-report' },
    },
  });
  return values;
}

async function main(values: ReturnType<typeof commandLine>): Promise<number> {
  const kernel = SUITES.find((suite) => suite === values.kernel);
  if (!kernel) {
    throw new HarnessError(`--kernel is '${values.kernel}'; it can be ${SUITES.join(', ')}.`, {
      exitCode: EXIT.usage,
    });
  }
  const startedAtMs = performance.now();
  const { release } = await debianKernel(kernel, cachePath(), say);
  const tree = await buildTree(release, cachePath(), say);
  const source = await driverSource(values.source, tree);
  const folder = resolve(values.out);
  const module = await buildModule(tree, join(folder, 'build'), source);
  const cases = values.quick ? [...quickCases(), ...values.case] : values.case;
  const { configuration, requirement: requirements } = values;
  const bisect = values.bisect ? { bisect: { requirements } } : {};
  const exitCode = await showRun({ kernel, module, cases, folder, configuration, ...bisect });
  say(`From ${source.path} to the verdict: ${((performance.now() - startedAtMs) / 1000).toFixed(1)} s.`);
  return exitCode;
}

const values = commandLine();
process.exitCode = await main(values).catch((error: unknown) => {
  if (!(error instanceof HarnessError)) throw error;
  say(`${error.message}\n${error.hint ?? ''}`);
  // A source that cannot be built says nothing of what is looked for.
  return values.bisect ? BISECT.skip : error.exitCode;
});
