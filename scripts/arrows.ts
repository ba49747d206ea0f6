/**
 * Who may import whom: one row a folder, the first that fits counts, and what a row does not name is forbidden. A file
 * always reaches its own folder. `npm run tidy` holds the whole tree against it.
 */
import { posix } from 'node:path';

interface Arrows {
  /** A folder, a file, or a beginning of either. */
  readonly from: string;
  /** Folders or files of ours, packages, or `node:` for all of Node's modules. */
  readonly to: readonly string[];
  /** What the tests and fixtures of the folder may import besides. */
  readonly tests: readonly string[];
}

/** Every test says by `needs` which tools it runs. */
const TESTING = ['vitest', 'fast-check', 'node:', 'scripts/test-tools/needs.ts', 'scripts/test-tools/tool-names.ts'];

/** What everybody in the harness builds on. */
const HARNESS_BASE = [
  'node:',
  'harness/folder.ts',
  'harness/folder-lock.ts',
  'harness/given-file.ts',
  'harness/harness-error.ts',
  'harness/machine.ts',
  'harness/package-files.ts',
  'harness/patience.ts',
  'harness/temporary-folder.ts',
];
const HARNESS_TESTS = [...TESTING, 'harness/', 'cases/', 'reference-device/'];

/** Plain words for people: everybody writes some, and they know nothing of the rest. */
const COUNTED = 'reference-device/counted.ts';
const WORDS = 'reports/words/';

export const ARROWS: readonly Arrows[] = [
  { from: WORDS, to: [COUNTED, 'node:', 'zod'], tests: TESTING },
  { from: 'reference-device/', to: ['reference-device/'], tests: TESTING },
  { from: 'cases/requirements/', to: ['reference-device/wire/features.ts'], tests: [...TESTING, 'cases/'] },
  {
    from: 'cases/world/',
    to: [
      'reference-device/wire/',
      'reference-device/topology/',
      'reference-device/machine-setup.ts',
      'reference-device/trace-events.ts',
      'reference-device/device-faults.ts',
    ],
    tests: TESTING,
  },
  {
    from: 'cases/api/',
    to: [
      'cases/requirements/',
      'cases/world/',
      'reference-device/wire/',
      'reference-device/topology/',
      'reference-device/machine-setup.ts',
      'reference-device/trace-events.ts',
      'reference-device/profiles.ts',
      'reference-device/device-faults.ts',
    ],
    tests: TESTING,
  },
  { from: 'cases/catalogue.ts', to: ['cases/'], tests: [] },
  { from: 'cases/every-', to: ['cases/'], tests: [] },
  { from: 'cases/', to: ['cases/api/index.ts'], tests: ['vitest'] },
  { from: 'reports/record/', to: ['zod', 'node:'], tests: TESTING },
  // In a checkout the script that draws in the page is made from the sources on the spot.
  { from: 'reports/html/drawing/', to: ['reports/', 'node:', 'esbuild'], tests: TESTING },
  {
    from: 'reports/',
    to: ['reports/', 'cases/world/', 'reference-device/wire/value-names.ts', 'node:'],
    tests: [...TESTING, 'ctrf', 'fast-xml-parser', 'tap-parser', 'test-results-parser', 'zod'],
  },
  { from: 'harness/drivers/sample-driver/', to: [], tests: ['vitest'] },
  {
    from: 'harness/drivers/',
    to: [
      ...HARNESS_BASE,
      'harness/drivers/sample-driver/',
      'harness/driver-contract/',
      'harness/scripted-transport/',
      'reference-device/',
      'cases/api/',
      'execa',
      'zod',
    ],
    tests: HARNESS_TESTS,
  },
  {
    from: 'harness/scripted-transport/',
    to: [...HARNESS_BASE, 'reference-device/', 'koffi'],
    tests: HARNESS_TESTS,
  },
  {
    from: 'harness/driver-contract/',
    to: [...HARNESS_BASE, 'harness/scripted-transport/', 'cases/api/', 'reference-device/', 'execa', 'zod'],
    tests: [...HARNESS_TESTS, 'yaml'],
  },
  {
    from: 'harness/scoring/',
    to: [
      ...HARNESS_BASE,
      'harness/driver-contract/',
      'cases/api/',
      'cases/requirements/',
      'cases/world/',
      'reference-device/',
      'reports/record/',
    ],
    tests: [...HARNESS_TESTS, 'reports/record/'],
  },
  {
    from: 'harness/runner/',
    to: [
      ...HARNESS_BASE,
      'harness/scoring/',
      'harness/driver-contract/',
      'cases/api/',
      'cases/requirements/',
      'reference-device/',
      'reports/record/',
    ],
    tests: [...HARNESS_TESTS, 'reports/record/'],
  },
  {
    from: 'harness/explore/',
    to: [
      ...HARNESS_BASE,
      'harness/runner/',
      'harness/scoring/',
      'harness/driver-contract/',
      'cases/api/',
      'cases/world/',
      'reference-device/',
      'reports/record/',
      'zod',
    ],
    tests: [...HARNESS_TESTS, 'reports/record/'],
  },
  {
    from: 'harness/cli/',
    to: ['harness/', 'reports/', 'cases/', 'reference-device/', 'node:', 'zod', 'esbuild'],
    tests: TESTING,
  },
  {
    from: 'harness/',
    to: ['reference-device/machine/', 'reference-device/machine-setup.ts', 'node:', 'koffi'],
    tests: TESTING,
  },
];

const IMPORT = /^(?:import|export)\s[^'"`;]*?from '([^']+)'|^import '([^']+)'|\bimport\('([^']+)'\)/gm;

/**
 * @param path a TypeScript file, from the top of the repository
 * @returns a sentence for each import that no row allows
 */
export function forbiddenImports(path: string, text: string): string[] {
  const arrows = ARROWS.find(({ from }) => path.startsWith(from));
  if (arrows === undefined) return [];
  const isTest = /\.test\.ts$|\/fixtures\//.test(path);
  const own = arrows.from.endsWith('/') && arrows.from !== 'cases/' ? [arrows.from] : [`${posix.dirname(path)}/`];
  const words =
    arrows.from === 'reference-device/' || arrows.from === 'harness/drivers/sample-driver/' ? [] : [COUNTED, WORDS];
  const allowed = [...own, ...words, ...arrows.to, ...(isTest ? arrows.tests : [])];
  return [...text.matchAll(IMPORT)]
    .map((match) => match[1] ?? match[2] ?? match[3] ?? '')
    .map((name) => (name.startsWith('.') ? posix.join(posix.dirname(path), name) : name))
    .filter((target) => !allowed.some((one) => target === one || (/[/:]$/.test(one) && target.startsWith(one))))
    .map((target) => `${path} imports ${target}, which ${arrows.from} may not: scripts/arrows.ts`);
}
