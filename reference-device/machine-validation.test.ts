import { describe, expect, it } from 'vitest';
import { tinySetup } from './machine/fixtures/tiny-machine.ts';
import { machineObjection } from './machine-validation.ts';
import type { EndpointSetup, IommuConfig, IommuSetup, MachineSetup } from './machine-setup.ts';

const PLAIN = tinySetup();
const [ENDPOINT] = PLAIN.endpoints;

const machine = (special: Partial<MachineSetup>): MachineSetup => ({ ...PLAIN, ...special });
const withIommu = (special: Partial<IommuSetup>): MachineSetup => machine({ iommu: { ...PLAIN.iommu, ...special } });
const withConfig = (special: Partial<IommuConfig>): MachineSetup =>
  withIommu({ config: { ...PLAIN.iommu.config, ...special } });
const withEndpoint = (special: Partial<EndpointSetup>): MachineSetup =>
  machine({ endpoints: [{ ...ENDPOINT!, ...special }] });

/** For what no type lets pass. */
const odd = (value: unknown): never => value as never;

const WRONG: readonly (readonly [says: string, setup: MachineSetup])[] = [
  ['There is no topology x.', machine({ topology: odd('x') })],
  ['There is no topology constructor.', machine({ topology: odd('constructor') })],
  ['The topology plain has no IOMMU called iommu2.', machine({ moreIommus: { iommu2: PLAIN.iommu } })],
  ['There is no oddity x of descriptions.', machine({ oddities: [odd('x')] })],
  ['The oddity viot-revision-1 is there twice.', machine({ oddities: ['viot-revision-1', 'viot-revision-1'] })],
  ['cannot be described in one form with', machine({ oddities: ['viot-revision-1', 'tree-disabled-iommu'] })],
  ['cannot be described in one form with', machine({ topology: 'masked', oddities: ['viot-revision-1'] })],
  ['There is no device fault x.', machine({ faults: [{ name: odd('x') }] })],
  ['The doorbell is at 0xfee00002', machine({ doorbell: 0xfee0_0002n })],
  ['The doorbell is at 0x1000', machine({ doorbell: 0x1000n })],
  ['iommu: there is no feature x.', withIommu({ features: [odd('x'), 'VIRTIO_F_VERSION_1'] })],
  ['iommu: a modern device offers VIRTIO_F_VERSION_1.', withIommu({ features: [] })],
  ['iommu: 64 is no feature bit', withIommu({ foreignFeatureBits: [64] })],
  ['iommu: 32 is no feature bit', withIommu({ foreignFeatureBits: [32] })],
  ['iommu: a queue has 12 entries; that of a split ring', withIommu({ queueSizes: [12, 16] })],
  ['iommu: a queue has 0 entries', withIommu({ queueSizes: [16, 0] })],
  ['iommu: a queue has 65536 entries', withIommu({ queueSizes: [65_536, 16] })],
  ['iommu: it has 1 queue; there are two.', withIommu({ queueSizes: odd([16]) })],
  ['iommu: configLength is 35; it is from 36', withIommu({ configLength: 35 })],
  [
    'iommu: configLength is 36; it is from 40',
    withIommu({ configLength: 36, features: ['VIRTIO_F_VERSION_1', 'VIRTIO_IOMMU_F_BYPASS_CONFIG'] }),
  ],
  ['iommu: vectors is 5; it is from 0 to 4 here.', withIommu({ vectors: 5 })],
  ['Endpoint rng: vectors is -1', withEndpoint({ vectors: -1 })],
  ['iommu: there is no capability x.', withIommu({ capabilities: [odd('x')] })],
  ['iommu: the capability MSIX is listed twice.', withIommu({ capabilities: ['MSIX', 'MSIX'] })],
  [
    'iommu: its capabilities take 196 bytes',
    withIommu({ capabilities: Array.from({ length: 12 }, () => 'power-management') }),
  ],
  ['iommu: page_size_mask is 0x0', withConfig({ page_size_mask: 0n })],
  ['iommu: page_size_mask is 0x10000000000000000', withConfig({ page_size_mask: 1n << 64n })],
  ['iommu: page_size_mask is 4096', withConfig({ page_size_mask: odd(4096) })],
  ['iommu: input_range is 0x2 to 0x1', withConfig({ input_range: { start: 2n, end: 1n } })],
  ['iommu: domain_range is 2 to 1', withConfig({ domain_range: { start: 2, end: 1 } })],
  ['iommu: domain_range is 0 to 4294967296', withConfig({ domain_range: { start: 0, end: 2 ** 32 } })],
  ['iommu: probe_size is 4294967295', withConfig({ probe_size: 0xffff_ffff })],
  ['iommu: bypass is 256', withConfig({ bypass: 256 })],
  ['Two endpoints are in slot rng.', machine({ endpoints: [ENDPOINT!, ENDPOINT!] })],
  ['Endpoint disk: the topology plain has no such slot.', withEndpoint({ slot: 'disk' })],
  ['Endpoint rng: a modern device offers', withEndpoint({ features: [] })],
  ['Endpoint rng: a region has subtype 256', withEndpoint({ resvMem: [{ subtype: 256, start: 0n, end: 0n }] })],
  ['Endpoint rng: a region is 0x1 to 0x0', withEndpoint({ resvMem: [{ subtype: 0, start: 1n, end: 0n }] })],
  [
    'Endpoint rng: a region has -1 bytes more',
    withEndpoint({ resvMem: [{ subtype: 0, start: 0n, end: 0n, surplus: -1 }] }),
  ],
  [
    'Endpoint rng: a property is behind 1 regions',
    withEndpoint({ otherProperties: [{ behind: 1, type: 2, length: 0 }] }),
  ],
  ['Endpoint rng: a property has type 1', withEndpoint({ otherProperties: [{ behind: 0, type: 1, length: 0 }] })],
  [
    'Endpoint rng: its properties take 65 bytes; probe_size is 64.',
    withEndpoint({ otherProperties: [{ behind: 0, type: 2, length: 61 }] }),
  ],
];

describe('a machine that nobody can have', () => {
  it.each(WRONG)('%s', (says, setup) => {
    expect(machineObjection(setup)).toContain(says);
  });

  it('is one whose parts are not there', () => {
    const partless: readonly unknown[] = [
      undefined,
      null,
      [],
      'x',
      {},
      machine({ iommu: odd(undefined) }),
      withConfig({ input_range: odd(null) }),
      machine({ moreIommus: odd(1) }),
      machine({ endpoints: odd([1]) }),
      withEndpoint({ resvMem: odd([1]) }),
      withEndpoint({ otherProperties: odd(1) }),
    ];
    const says = partless.map((setup) => machineObjection(odd(setup)));
    expect(new Set(says)).toEqual(new Set(['A machine has an iommu, endpoints, a topology, and faults.']));
  });
});

describe('a machine that somebody can have', () => {
  it.each([
    ['an ordinary one', PLAIN],
    [
      'packed rings of any length',
      withIommu({ features: [...PLAIN.iommu.features, 'VIRTIO_F_RING_PACKED'], queueSizes: [1, 12] }),
    ],
    [
      'ranges of one id and one byte',
      withConfig({ input_range: { start: 0n, end: 0n }, domain_range: { start: 0, end: 0 } }),
    ],
    ['a list that fills its place', withEndpoint({ otherProperties: [{ behind: 0, type: 2, length: 60 }] })],
    [
      'lists beyond probe_size of endpoints that nobody describes',
      machine({ endpoints: [{ ...ENDPOINT!, slot: 'gap', otherProperties: [{ behind: 0, type: 2, length: 600 }] }] }),
    ],
    ['all kinds of capabilities', withIommu({ capabilities: ['reserved-0x11', 'PCI_CFG', 'vendor-data', 'MSIX'] })],
  ] as const)('%s', (_, setup) => {
    expect(machineObjection(setup)).toBeUndefined();
  });
});
