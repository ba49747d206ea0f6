/** Scenarios about MAP, UNMAP and what endpoints can reach (5.13.6.5, 5.13.6.6). */
import { FIGURES, type Scenario, type Step } from './steps.ts';
import {
  attach,
  BYPASS,
  detach,
  map,
  MMIO,
  PAGE,
  pages,
  R,
  read,
  readPages,
  restart,
  setBypass,
  targetPage,
  unmap,
  W,
  write,
} from './step-words.ts';

const LAST = (1n << 64n) - 1n;
const INPUT_END = FIGURES.input_range_end;

/** The table of 5.13.6.6, in pages: what is mapped, and what UNMAP is asked to remove. */
const UNMAP_EXAMPLES: readonly {
  readonly mapped: readonly (readonly [number, number])[];
  readonly unmap: readonly [number, number];
}[] = [
  { mapped: [], unmap: [0, 4] },
  { mapped: [[0, 9]], unmap: [0, 9] },
  {
    mapped: [
      [0, 4],
      [5, 9],
    ],
    unmap: [0, 9],
  },
  { mapped: [[0, 9]], unmap: [0, 4] },
  {
    mapped: [
      [0, 4],
      [5, 9],
    ],
    unmap: [0, 4],
  },
  { mapped: [[0, 4]], unmap: [0, 9] },
  {
    mapped: [
      [0, 4],
      [10, 14],
    ],
    unmap: [0, 14],
  },
];

const unmapExample = (number: number): Scenario => {
  const { mapped, unmap: asked } = UNMAP_EXAMPLES[number - 1]!;
  const maps = mapped.map(([first, last]) => map(1, pages(first, last), targetPage(first)));
  return {
    name: `unmap/example-${number}`,
    steps: [attach(1, 'a'), ...maps, unmap(1, pages(...asked)), ...readPages('a', 0, 14)],
  };
};

/** An attached endpoint `a`, and one step of interest in a scenario of its own. */
const alone = (name: string, ...steps: readonly Step[]): Scenario => ({ name, steps: [attach(1, 'a'), ...steps] });

const PERMISSIONS: readonly Scenario[] = [0, R, W, R | W, R | MMIO, W | MMIO, R | W | MMIO, MMIO].map((flags) =>
  alone(
    `map/flags-${flags}`,
    map(1, pages(0, 1), targetPage(2), flags),
    read('a', 0x10n),
    write('a', 0x20n),
    read('a', 0x1ffcn),
    write('a', 0x1ff0n),
  ),
);

export const MAPPING_SCENARIOS: readonly Scenario[] = [
  ...UNMAP_EXAMPLES.map((_, index) => unmapExample(index + 1)),
  ...PERMISSIONS,
  alone(
    'map/unknown-flags',
    map(1, pages(0), targetPage(0), 8),
    map(1, pages(0), targetPage(0), 0x8000_0001),
    read('a', 0n),
  ),
  alone('map/unknown-domain', map(2, pages(0), targetPage(0)), map(0, pages(0), targetPage(0))),
  alone('map/head-reserved', map(1, pages(0), targetPage(0), R, { head: 0xff }), read('a', 0n)),
  alone(
    'map/overlap',
    map(1, pages(2, 5), targetPage(0)),
    ...[
      [0, 2],
      [2, 5],
      [3, 4],
      [5, 9],
      [0, 9],
      [2, 2],
      [5, 5],
    ].map(([first = 0, last = 0]) => map(1, pages(first, last), targetPage(0))),
    map(1, pages(0, 1), targetPage(4)),
    map(1, pages(6, 9), targetPage(6)),
    ...readPages('a', 0, 10),
  ),
  alone('map/misaligned-virt-start', map(1, [0x800n, 0xfffn], targetPage(0))),
  alone('map/misaligned-virt-end', map(1, [0n, 0xffen], targetPage(0))),
  alone('map/misaligned-phys-start', map(1, pages(0), targetPage(0) + 1n)),
  alone('map/misaligned-and-overlapping', map(1, pages(0), targetPage(0)), map(1, [0x800n, 0xfffn], targetPage(0))),
  alone('map/one-byte', map(1, [0n, 0n], targetPage(0))),
  alone('map/end-below-start', map(1, [2n * PAGE, PAGE - 1n], targetPage(0))),
  alone('map/end-right-below-start', map(1, [PAGE, PAGE - 1n], targetPage(0))),
  alone(
    'map/last-of-input-range',
    map(1, [INPUT_END - PAGE + 1n, INPUT_END], targetPage(0)),
    read('a', INPUT_END - 3n),
    write('a', INPUT_END - 3n),
  ),
  alone(
    'map/whole-input-range',
    map(1, [0n, INPUT_END], 0n),
    write('a', targetPage(2)),
    read('a', targetPage(2)),
    unmap(1, [0n, INPUT_END]),
    read('a', targetPage(2)),
  ),
  alone('map/past-input-range', map(1, [INPUT_END + 1n, INPUT_END + PAGE], targetPage(0))),
  alone('map/across-input-end', map(1, [INPUT_END - PAGE + 1n, INPUT_END + PAGE], targetPage(0))),
  alone('map/up-to-the-last-address', map(1, [0n, LAST], 0n)),
  alone('map/phys-past-64-bits', map(1, pages(0, 1), LAST - PAGE + 1n)),
  alone('map/phys-up-to-the-last-address', map(1, pages(0), LAST - PAGE + 1n)),
  alone('map/phys-without-memory', map(1, pages(0), 0x8000_0000n), unmap(1, pages(0))),
  alone('map/over-msi-region', map(1, [FIGURES.msi.start, FIGURES.msi.end], targetPage(0))),
  alone('map/across-msi-region', map(1, [FIGURES.msi.start - PAGE, FIGURES.msi.start + PAGE - 1n], targetPage(0))),
  alone(
    'map/beside-msi-region',
    map(1, [FIGURES.msi.start - PAGE, FIGURES.msi.start - 1n], targetPage(0)),
    map(1, [FIGURES.msi.end + 1n, FIGURES.msi.end + PAGE], targetPage(1)),
    write('a', FIGURES.msi.start - 4n),
    write('a', FIGURES.msi.end + 1n),
  ),
  {
    name: 'map/bypass-domain',
    steps: [attach(1, 'a', BYPASS), map(1, pages(0), targetPage(0)), unmap(1, pages(0)), write('a', targetPage(0))],
  },
  alone(
    'map/many-to-one',
    map(1, pages(0), targetPage(3)),
    map(1, pages(1), targetPage(3)),
    write('a', 0n),
    write('a', PAGE),
    read('a', 0n),
  ),
  alone('unmap/unknown-domain', unmap(2, pages(0))),
  alone('unmap/reserved', map(1, pages(0), targetPage(0)), unmap(1, pages(0), { reserved: 1 })),
  alone('unmap/head-reserved', map(1, pages(0), targetPage(0)), unmap(1, pages(0), { head: 0xff }), read('a', 0n)),
  alone(
    'unmap/everything',
    map(1, pages(0), targetPage(0)),
    map(1, pages(5, 9), targetPage(1)),
    unmap(1, [0n, LAST]),
    ...readPages('a', 0, 9),
  ),
  alone('unmap/past-input-range', unmap(1, [INPUT_END + 1n, INPUT_END + PAGE])),
  alone('unmap/misaligned-hole', unmap(1, [1n, 2n]), unmap(1, [0x123n, 0x123n])),
  alone('unmap/misaligned-around', map(1, pages(1), targetPage(0)), unmap(1, [0x801n, 0x27ffn]), read('a', PAGE)),
  alone('unmap/middle', map(1, pages(0, 9), targetPage(0)), unmap(1, pages(3, 5)), read('a', 0x4000n)),
  alone('unmap/left-edge-inside', map(1, pages(0, 9), targetPage(0)), unmap(1, pages(5, 20)), read('a', 0x4000n)),
  alone('unmap/one-byte-inside', map(1, pages(0), targetPage(0)), unmap(1, [0x7ffn, 0x7ffn]), read('a', 0n)),
  alone('unmap/end-below-start', unmap(1, [2n * PAGE, PAGE - 1n])),
  alone(
    'unmap/end-below-start-over-mappings',
    map(1, pages(0, 3), targetPage(0)),
    unmap(1, [2n * PAGE, PAGE - 1n]),
    read('a', 0n),
  ),
  alone(
    'unmap/split-removes-nothing',
    map(1, pages(0), targetPage(0)),
    map(1, pages(2, 5), targetPage(2)),
    unmap(1, pages(0, 3)),
    ...readPages('a', 0, 5),
  ),
  alone(
    'unmap/and-map-elsewhere',
    map(1, pages(0), targetPage(0)),
    read('a', 0n),
    unmap(1, pages(0)),
    map(1, pages(0), targetPage(7)),
    read('a', 0n),
    write('a', 8n),
  ),
  alone(
    'dma/last-bytes',
    map(1, pages(0), targetPage(0)),
    read('a', 0xffcn),
    write('a', 0xffcn),
    write('a', 0x1000n),
    read('a', 0x1000n),
  ),
  alone(
    'dma/one-byte',
    map(1, pages(0), targetPage(0)),
    write('a', 0xfffn, 1),
    read('a', 0n, 1),
    write('a', 1n, 2),
    write('a', 5n, 7),
  ),
  alone(
    'dma/across-two-mappings',
    map(1, pages(0), targetPage(5)),
    map(1, pages(1), targetPage(3)),
    write('a', 0xff8n, 16),
    read('a', 0xff8n, 16),
  ),
  alone('dma/into-a-hole', map(1, pages(0), targetPage(5)), write('a', 0xff8n, 16)),
  alone('dma/out-of-a-hole', map(1, pages(1), targetPage(5)), read('a', 0xff8n, 16)),
  alone('dma/byte-before-a-mapping', map(1, pages(1), targetPage(5)), write('a', 0xfffn, 1)),
  alone('dma/wide-and-unmapped', write('a', 0n, 16)),
  alone('dma/high-address', write('a', LAST - 3n), read('a', 1n << 40n)),
  alone('dma/msi-region', write('a', FIGURES.msi.start)),
  alone(
    'dma/two-endpoints-two-domains',
    attach(2, 'b'),
    map(1, pages(0), targetPage(1)),
    map(2, pages(0), targetPage(2)),
    write('a', 0n),
    write('b', 0n),
    detach(1, 'a'),
    write('b', 0n),
  ),
  { name: 'dma/unattached', steps: [write('a', targetPage(0)), read('b', targetPage(0))] },
  {
    name: 'dma/unattached-bypassed',
    bypass: 1,
    steps: [write('a', targetPage(0)), read('b', targetPage(0)), setBypass(0), write('a', targetPage(0))],
  },
  {
    name: 'dma/attached-while-bypass-is-1',
    bypass: 1,
    steps: [
      attach(1, 'a'),
      write('a', targetPage(0)),
      write('b', targetPage(0)),
      detach(1, 'a'),
      write('a', targetPage(0)),
    ],
  },
  {
    name: 'dma/bypass-domain-while-bypass-is-0',
    steps: [attach(1, 'a', BYPASS), write('a', targetPage(0)), setBypass(1), setBypass(0), write('a', targetPage(0))],
  },
  {
    name: 'dma/after-reset',
    steps: [
      attach(1, 'a'),
      map(1, pages(0), targetPage(0)),
      restart(),
      write('a', 0n),
      attach(1, 'a'),
      write('a', 0n),
      unmap(1, pages(0)),
    ],
  },
  {
    name: 'fault/no-event-buffer',
    given: { events: { count: 0, length: 24 } },
    steps: [attach(1, 'a'), write('a', 0n), write('a', 0n)],
  },
  {
    name: 'fault/buffers-run-out',
    given: { events: { count: 2, length: 24 } },
    steps: [attach(1, 'a'), ...readPages('a', 0, 5)],
  },
  {
    name: 'fault/long-buffer',
    given: { events: { count: 4, length: 64 } },
    steps: [attach(1, 'a'), read('a', 0n), write('a', 0x12_3450n)],
  },
  { name: 'fault/short-buffer', given: { events: { count: 4, length: 23 } }, steps: [attach(1, 'a'), read('a', 0n)] },
  { name: 'fault/short-buffer-8', given: { events: { count: 4, length: 8 } }, steps: [attach(1, 'a'), read('a', 0n)] },
];
