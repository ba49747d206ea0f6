/** Scenarios about framing, sizes, unknown types, features and the configuration (5.13.3, 5.13.4, 5.13.6). */
import type { FeatureName } from '../../reference-device/wire/features.ts';
import type { Framing } from './iommu-driver.ts';
import { type Scenario, type Step, USUAL_FEATURES } from './steps.ts';
import {
  attach,
  BYPASS,
  BYPASS_AT,
  detach,
  map,
  MMIO,
  nameless,
  pages,
  probe,
  read,
  readConfig,
  restart,
  setBypass,
  targetPage,
  unmap,
  write,
  writeConfig,
} from './step-words.ts';

const without = (...names: readonly FeatureName[]): readonly FeatureName[] =>
  USUAL_FEATURES.filter((name) => !names.includes(name));
const withAlso = (...names: readonly FeatureName[]): readonly FeatureName[] => [...USUAL_FEATURES, ...names];

const FRAMINGS: readonly Framing[] = ['two', 'halves', 'bytes', 'indirect', 'indirect-bytes'];

/** Every type of request in one framing. */
const framed = (framing: Framing): Scenario => ({
  name: `framing/${framing}`,
  given: { accept: withAlso('VIRTIO_F_INDIRECT_DESC') },
  steps: [
    attach(1, 'a', 0, { framing }),
    map(1, pages(0), targetPage(0), undefined, { framing }),
    read('a', 0n),
    unmap(1, pages(0), { framing }),
    detach(1, 'a', { framing }),
    // One byte a descriptor would be more descriptors than the ring has.
    ...(framing.endsWith('bytes') ? [] : [probe('a', { framing })]),
  ],
});

/** Sizes around the right one, on a device that has not yet taken offence. */
const SHORT: readonly (readonly [string, Step])[] = [
  ['attach', attach(1, 'a', 0, { readableLength: 19 })],
  ['detach', detach(1, 'a', { readableLength: 19 })],
  ['map', map(1, pages(0), targetPage(0), undefined, { readableLength: 35 })],
  ['unmap', unmap(1, pages(0), { readableLength: 27 })],
];
const LONG: readonly Step[] = [
  attach(1, 'a', 0, { readableLength: 24 }),
  map(1, pages(0), targetPage(0), undefined, { readableLength: 64 }),
  unmap(1, pages(0), { readableLength: 36 }),
  detach(1, 'a', { readableLength: 21 }),
];

const SIZES: readonly Scenario[] = [
  ...SHORT.map(([name, step]): Scenario => ({ name: `size/short-${name}`, steps: [step] })),
  { name: 'size/head-only', steps: [attach(1, 'a', 0, { readableLength: 4 })] },
  ...[0, 1, 3].map(
    (readableLength): Scenario => ({
      name: `size/readable-${readableLength}`,
      steps: [attach(1, 'a', 0, { readableLength })],
    }),
  ),
  ...[0, 1, 3].map(
    (writableLength): Scenario => ({
      name: `size/writable-${writableLength}`,
      steps: [attach(1, 'a', 0, { writableLength })],
    }),
  ),
  { name: 'size/long-requests', steps: LONG },
  {
    name: 'size/long-tail',
    steps: [attach(1, 'a', 0, { writableLength: 64 }), map(1, pages(0), targetPage(0), 8, { writableLength: 5 })],
  },
];

const FEATURES: readonly Scenario[] = [
  {
    name: 'features/none-of-its-own',
    given: { accept: ['VIRTIO_F_VERSION_1'] },
    steps: [attach(1, 'a'), detach(1, 'a')],
  },
  {
    name: 'features/event-index',
    given: { accept: withAlso('VIRTIO_F_EVENT_IDX') },
    steps: [attach(1, 'a'), map(1, pages(0), targetPage(0)), read('a', 0n), read('a', 0x1000n)],
  },
  { name: 'features/unoffered', steps: [restart({ accept: withAlso('VIRTIO_IOMMU_F_BYPASS') })] },
  {
    name: 'features/without-map-unmap-map',
    given: { accept: without('VIRTIO_IOMMU_F_MAP_UNMAP') },
    steps: [attach(1, 'a'), map(1, pages(0), targetPage(0))],
  },
  {
    name: 'features/without-map-unmap-unmap',
    given: { accept: without('VIRTIO_IOMMU_F_MAP_UNMAP') },
    steps: [attach(1, 'a'), unmap(1, pages(0))],
  },
  {
    name: 'features/without-mmio',
    given: { accept: without('VIRTIO_IOMMU_F_MMIO') },
    steps: [attach(1, 'a'), map(1, pages(0), targetPage(0), MMIO)],
  },
  {
    name: 'features/without-bypass-config-flag',
    given: { accept: without('VIRTIO_IOMMU_F_BYPASS_CONFIG') },
    steps: [attach(1, 'a', BYPASS)],
  },
  {
    name: 'features/without-bypass-config-write',
    given: { accept: without('VIRTIO_IOMMU_F_BYPASS_CONFIG') },
    steps: [setBypass(1)],
  },
  {
    name: 'features/without-bypass-config-same-value',
    given: { accept: without('VIRTIO_IOMMU_F_BYPASS_CONFIG') },
    steps: [setBypass(0)],
  },
  {
    name: 'features/without-bypass-config-dma',
    bypass: 1,
    given: { accept: without('VIRTIO_IOMMU_F_BYPASS_CONFIG') },
    steps: [write('a', targetPage(0))],
  },
  { name: 'features/without-probe', given: { accept: without('VIRTIO_IOMMU_F_PROBE') }, steps: [probe('a')] },
  {
    name: 'features/without-input-range',
    given: { accept: without('VIRTIO_IOMMU_F_INPUT_RANGE') },
    steps: [attach(1, 'a'), map(1, pages(1 << 28), targetPage(0))],
  },
];

/** Every field in its own width, then in others. */
const CONFIG_READS: readonly Step[] = [
  ...[0, 8, 16].flatMap((offset) => [readConfig(offset, 4), readConfig(offset + 4, 4)]),
  ...[24, 28, 32].map((offset) => readConfig(offset, 4)),
  ...[0, 8, 16, 32].map((offset) => readConfig(offset, 2)),
  ...[36, 37, 38, 39].map((offset) => readConfig(offset, 1)),
];

const CONFIGURATION: readonly Scenario[] = [
  { name: 'config/look', steps: [{ do: 'look' }] },
  { name: 'config/reads', steps: CONFIG_READS },
  { name: 'config/reads-of-8', steps: [readConfig(0, 8), readConfig(8, 8), readConfig(16, 8)] },
  { name: 'config/bypass-on-and-off', steps: [setBypass(1), setBypass(1), setBypass(0), setBypass(1), setBypass(0)] },
  { name: 'config/bypass-2', steps: [setBypass(2)] },
  { name: 'config/bypass-255', bypass: 1, steps: [setBypass(255)] },
  {
    name: 'config/bypass-survives-reset',
    steps: [
      setBypass(1),
      restart(),
      readConfig(BYPASS_AT, 1),
      write('a', targetPage(0)),
      setBypass(0),
      restart(),
      readConfig(BYPASS_AT, 1),
    ],
  },
  {
    name: 'config/bypass-as-word',
    steps: [
      writeConfig(BYPASS_AT, 4, 1),
      readConfig(BYPASS_AT, 4),
      writeConfig(BYPASS_AT, 4, 0xffff_ff00),
      readConfig(BYPASS_AT, 4),
    ],
  },
  {
    name: 'config/read-only-fields',
    steps: [0, 4, 8, 16, 24, 28, 32].map((offset) => writeConfig(offset, 4, 0x1234_5678)),
  },
  {
    name: 'config/reserved-bytes',
    steps: [writeConfig(37, 1, 0xff), writeConfig(38, 2, 0xffff), readConfig(BYPASS_AT, 4)],
  },
];

export const DEVICE_SCENARIOS: readonly Scenario[] = [
  ...FRAMINGS.map(framed),
  ...SIZES,
  ...[0, 6, 0x42, 0x80, 0xff].map(
    (type): Scenario => ({
      name: `type/${type}`,
      steps: [
        nameless(type),
        nameless(type, { readableLength: 4 }),
        nameless(type, { writableLength: 64 }),
        attach(1, 'a'),
      ],
    }),
  ),
  ...FEATURES,
  ...CONFIGURATION,
];
