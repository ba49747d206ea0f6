/** The drivers of the project's own scoreboard, in the order of its rows. A line here is all that a new one takes. */
export interface ScoredDriver {
  /** Names the folder of its log. */
  readonly name: string;
  /** What builds it, run at the top of the checkout; nothing if nothing has to be built. */
  readonly build?: readonly string[];
  /** What `viommuspec run` is given. */
  readonly run: readonly string[];
}

export const SCORED_DRIVERS: readonly ScoredDriver[] = [
  { name: 'linux-trixie', run: ['--kernel', 'trixie'] },
  { name: 'linux-trixie-lazy', run: ['--kernel', 'trixie', '--configuration', 'lazy'] },
  { name: 'linux-trixie-arm64', run: ['--kernel', 'trixie:arm64'] },
  { name: 'linux-trixie-backports', run: ['--kernel', 'trixie-backports'] },
  {
    name: 'c-example',
    build: ['make', '--silent', '-C', 'harness/drivers/shim/c'],
    run: ['--driver', 'harness/drivers/shim/c/example/manifest.json'],
  },
  {
    name: 'rust-example',
    build: [
      'cargo',
      'build',
      '--quiet',
      '--release',
      '--offline',
      '--locked',
      '--manifest-path',
      'harness/drivers/shim/rust/Cargo.toml',
    ],
    run: ['--driver', 'harness/drivers/shim/rust/example/manifest.json'],
  },
  { name: 'sample', run: ['--driver', 'sample'] },
];
