/**
 * `npm run plants`: whether explore finds, by itself, mistakes that drivers have shipped and the catalogue had missed. Each is a
 * fault of the sample driver; guides/plants.md has the table. Words choose faults: `npm run plants -- unmap-top`.
 */
import { writeFileSync } from 'node:fs';
import { MONITORS } from '../cases/catalogue.ts';
import type { Legality } from '../reference-device/device-faults.ts';
import { sampleDriver } from '../harness/drivers/in-process/sample-driver.ts';
import { deviationsOf, SCORED_TOPOLOGIES } from '../harness/explore/drawn-machine.ts';
import { explore, type Find } from '../harness/explore/explorer.ts';
import { storyMonitors } from '../harness/explore/story-monitors.ts';
import { Lots } from '../harness/explore/lots.ts';
import { stepCount, unrolled } from '../harness/explore/step.ts';

interface Plant {
  readonly fault: string;
  /** Who shipped it, and where that is told. */
  readonly source: string;
  /** It shows only in front of a device that means harm. */
  readonly isHostile?: true;
}

const PLANTS: readonly Plant[] = [
  { fault: 'unmap-top', source: 'Linux VFIO type1, ef270ec44637' },
  { fault: 'top-overflow', source: 'piemmm/tairix' },
  { fault: 'first-regions-only', source: 'deepin-community/kernel#280' },
  { fault: 'no-bus-master', source: 'openbios/openbios#6' },
  { fault: 'no-memory-enable', source: 'microsoft/openvmm#675' },
  { fault: 'endpoint-no-bus-master', source: 'openbios/openbios#6' },
  { fault: 'endpoint-no-memory-enable', source: 'microsoft/openvmm#675' },
  { fault: 'segment-ignored', source: 'rust-vmm/acpi_tables#34' },
  { fault: 'table-cap-16', source: 'DPDK, EAL_VFIO_MAX_USER_MEM_MAPS' },
  { fault: 'table-cap-64', source: 'DPDK, EAL_VFIO_MAX_USER_MEM_MAPS' },
  { fault: 'table-cap-256', source: 'DPDK, EAL_VFIO_MAX_USER_MEM_MAPS' },
  { fault: 'packed-mask', source: 'zephyr#117542, deltaos#193' },
  { fault: 'tree-status-ignored', source: 'drm/rockchip, 2021' },
  { fault: 'iommus-first-entry-only', source: 'Linux ccb2fd725d41' },
  { fault: 'iommu-cells-ignored', source: 'Linux ccb2fd725d41' },
  { fault: 'second-bridge-ignored', source: 'the same reader, of iommu-map' },
  { fault: 'doorbell-no-offset', source: 'derived from arm-smmu MSI, 2025' },
  { fault: 'error-path-keeps-mapping', source: 'tianocore/edk2#9771' },
  { fault: 'descriptor-readback', source: 'Linux 72b5e8958738', isHostile: true },
  { fault: 'shutdown-does-nothing', source: 'Linux 8bd2fa086a04' },
  { fault: 'shutdown-iommu-first', source: 'Linux 8bd2fa086a04' },
  { fault: 'shutdown-leaves-endpoints', source: 'Linux 8bd2fa086a04' },
  { fault: 'shutdown-leaves-iommu', source: 'Linux 8bd2fa086a04' },
  { fault: 'config-below-40-refused', source: 'piemmm/tairix' },
  { fault: 'event-early', source: 'derived from Linux stable 71d8bdb75f48' },
  { fault: 'domain-leak', source: 'derived' },
];

const LIMIT_MS = 300_000;
const [first = 'plain', ...others] = SCORED_TOPOLOGIES;

interface Row extends Plant {
  readonly find: Find | undefined;
  readonly seconds: number;
}

/** Explores until something is found. What is found first is the row's. */
async function row(plant: Plant): Promise<Row> {
  const startedAtMs = performance.now();
  const kinds: Legality[] = [
    'legal-variation',
    'violation',
    ...(plant.isHostile === true ? (['hostile'] as const) : []),
  ];
  let find: Find | undefined;
  let foundAtMs = 0;
  await explore({
    driver: sampleDriver({ faults: [plant.fault] }),
    monitors: storyMonitors(MONITORS),
    profile: 'spec',
    bounds: { deviations: deviationsOf(kinds), isAlwaysDeviant: false },
    topologies: [first, ...others],
    lots: new Lots(1),
    corpus: [],
    isWanted: () => find === undefined,
    isExpected: () => false,
    goesOn: () => find === undefined && performance.now() - startedAtMs < LIMIT_MS,
    signal: new AbortController().signal,
    observer: {
      met() {},
      async played() {},
      lost() {},
      kept() {},
      shrinking: () => (foundAtMs = performance.now()),
      found: (it) => (find ??= it),
      unrepeated() {},
    },
  });
  return { ...plant, find, seconds: Math.ceil(((foundAtMs || performance.now()) - startedAtMs) / 1000) };
}

function line({ fault, source, find, seconds }: Row): string {
  if (find === undefined) return `| ${fault} | ${source} | nothing within ${seconds} s | | | |`;
  const { finding, story, foundIn } = find;
  const commands = [...unrolled(story.steps)].length;
  return `| ${fault} | ${source} | ${finding.requirement} | ${foundIn} | ${seconds} | ${stepCount(story.steps)} (${commands}) |`;
}

const words = process.argv.slice(2);
const chosen = PLANTS.filter(({ fault }) => words.length === 0 || words.some((word) => fault.includes(word)));
const lines: string[] = [];
let missedCount = 0;
for (const plant of chosen) {
  const done = await row(plant);
  if (done.find === undefined) missedCount++;
  lines.push(line(done));
  console.log(lines.at(-1));
}
if (words.length === 0) {
  writeFileSync(
    'guides/plants.md',
    `# Mistakes that explore finds by itself

Each was shipped by somebody, or is derived from what was, and passed the catalogue before it was written down; the sample driver
makes it on command (\`--fault\`). \`npm run plants\` explores that driver with seed 1 until something is found, and writes this page. The
story that shows it is made small then: steps, and in brackets the commands and accesses that they come to.

| fault | source | found as a breach of | in story | after s | steps |
|---|---|---|---|---|---|
${lines.join('\n')}
`,
  );
}
process.exitCode = missedCount === 0 ? 0 : 1;
