/**
 * Random sequences of requests against a model that knows nothing of trees: every domain is a plain list of byte ranges.
 * VIOMMUSPEC_COMMANDS says how many commands are run in all.
 */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { VIRTIO_IOMMU_S_INVAL, VIRTIO_IOMMU_S_NOENT, VIRTIO_IOMMU_S_OK, VIRTIO_IOMMU_S_RANGE } from '../wire/iommu.ts';
import { TestBench } from './test-bench.ts';

const COMMAND_COUNT = Number(process.env['VIOMMUSPEC_COMMANDS'] ?? 5_000);
const COMMANDS_A_RUN = 250;

const ENDPOINTS = [1, 2, 3];
const DOMAINS = [1, 2, 3];
/** Addresses 0..SPACE are enough to meet every way in which ranges can touch; the granule is one byte. */
const SPACE = 63;
const ADDRESSES = Array.from({ length: SPACE + 1 }, (_, address) => address);
const RESERVED = { start: 40n, end: 43n };

interface Range {
  readonly start: number;
  readonly end: number;
  readonly phys: number;
}

class Model {
  readonly domainOf = new Map<number, number>();
  readonly ranges = new Map<number, Range[]>();

  leave(endpoint: number): void {
    const domain = this.domainOf.get(endpoint);
    this.domainOf.delete(endpoint);
    if (domain !== undefined && ![...this.domainOf.values()].includes(domain)) this.ranges.delete(domain);
  }

  physOf(endpoint: number, address: number): bigint | string {
    const domain = this.domainOf.get(endpoint);
    if (domain === undefined) return 'DOMAIN';
    const range = this.ranges.get(domain)?.find(({ start, end }) => start <= address && address <= end);
    return range ? BigInt(range.phys + address - range.start) : 'MAPPING';
  }
}

interface Command {
  run(model: Model, bench: TestBench): void;
  /** What a failing sequence shows. */
  toString(): string;
}

const command = (says: string, run: (model: Model, bench: TestBench) => void): Command => ({
  run,
  toString: () => says,
});

/** Endpoint 3 alone has a reserved region. */
const isReservedFor = (endpoint: number, { start, end }: Range): boolean =>
  endpoint === 3 && start <= Number(RESERVED.end) && end >= Number(RESERVED.start);

const attach = (endpoint: number, domain: number): Command =>
  command(`attach(endpoint = ${endpoint}, domain = ${domain})`, (model, bench) => {
    const status = bench.attach({ endpoint, domain });
    const isHere = model.domainOf.get(endpoint) === domain;
    if (!isHere && model.ranges.get(domain)?.some((range) => isReservedFor(endpoint, range))) {
      expect(status).toBe(2);
      return;
    }
    expect(status).toBe(VIRTIO_IOMMU_S_OK);
    if (isHere) return;
    model.leave(endpoint);
    model.domainOf.set(endpoint, domain);
    if (!model.ranges.has(domain)) model.ranges.set(domain, []);
  });

const detach = (endpoint: number, domain: number): Command =>
  command(`detach(endpoint = ${endpoint}, domain = ${domain})`, (model, bench) => {
    const isHere = model.domainOf.get(endpoint) === domain;
    expect(bench.detach({ endpoint, domain })).toBe(isHere ? VIRTIO_IOMMU_S_OK : VIRTIO_IOMMU_S_INVAL);
    if (isHere) model.leave(endpoint);
  });

const map = (domain: number, start: number, end: number, phys: number): Command =>
  command(`map(domain = ${domain}, ${start}, ${end}) -> ${phys}`, (model, bench) => {
    const status = bench.map({
      domain,
      virt_start: BigInt(start),
      virt_end: BigInt(end),
      phys_start: BigInt(phys),
    });
    const ranges = model.ranges.get(domain);
    const range = { start, end, phys };
    if (!ranges) expect(status).toBe(VIRTIO_IOMMU_S_NOENT);
    else if (end < start) expect(status).toBe(VIRTIO_IOMMU_S_RANGE);
    else if (
      ranges.some((other) => start <= other.end && other.start <= end) ||
      (model.domainOf.get(3) === domain && isReservedFor(3, range))
    ) {
      expect(status).toBe(VIRTIO_IOMMU_S_INVAL);
    } else {
      expect(status).toBe(VIRTIO_IOMMU_S_OK);
      ranges.push(range);
    }
  });

const unmap = (domain: number, start: number, end: number): Command =>
  command(`unmap(domain = ${domain}, ${start}, ${end})`, (model, bench) => {
    const status = bench.unmap({ domain, virt_start: BigInt(start), virt_end: BigInt(end) });
    const ranges = model.ranges.get(domain);
    const touched = ranges?.filter((range) => start <= range.end && range.start <= end) ?? [];
    if (!ranges) expect(status).toBe(VIRTIO_IOMMU_S_NOENT);
    else if (end < start || touched.some((range) => range.start < start || range.end > end)) {
      expect(status).toBe(VIRTIO_IOMMU_S_RANGE);
    } else {
      expect(status).toBe(VIRTIO_IOMMU_S_OK);
      model.ranges.set(
        domain,
        ranges.filter((range) => !touched.includes(range)),
      );
    }
  });

const resetDevice = (): Command =>
  command('device reset', (model, bench) => {
    const { accepted } = bench.iommu;
    bench.iommu.resetDevice();
    bench.iommu.accepted = accepted;
    model.domainOf.clear();
    model.ranges.clear();
  });

const look = (): Command =>
  command('look at every byte', (model, bench) => {
    for (const endpoint of ENDPOINTS) {
      expect(ADDRESSES.map((address) => bench.byteAt(endpoint, BigInt(address)))).toEqual(
        ADDRESSES.map((address) => model.physOf(endpoint, address)),
      );
    }
  });

const endpoint = fc.constantFrom(...ENDPOINTS);
const domain = fc.constantFrom(...DOMAINS);
const address = fc.nat(SPACE);
/** Mostly short ranges, as long ones leave no room for others. */
const range = fc.tuple(address, fc.integer({ min: -1, max: 9 })).map(([start, more]) => [start, start + more] as const);
const rangeOrLong = fc.oneof({ weight: 4, arbitrary: range }, { weight: 1, arbitrary: fc.tuple(address, address) });

const ALL_COMMANDS = [
  fc.tuple(endpoint, domain).map(([e, d]) => attach(e, d)),
  fc.tuple(endpoint, domain).map(([e, d]) => detach(e, d)),
  // Three times as likely as the others, so that domains fill up.
  ...Array.from({ length: 3 }, () =>
    fc
      .tuple(domain, range, fc.nat(1000))
      .filter(([, [, end]]) => end >= 0)
      .map(([d, [start, end], phys]) => map(d, start, end, phys)),
  ),
  fc
    .tuple(domain, rangeOrLong)
    .filter(([, [, end]]) => end >= 0)
    .map(([d, [start, end]]) => unmap(d, start, end)),
  fc.constant(look()),
  fc.integer({ min: 0, max: 19 }).map((chance) => (chance === 0 ? resetDevice() : look())),
];

describe('the device', () => {
  test(`agrees with the model over ${COMMAND_COUNT} commands`, () => {
    const runCount = Math.ceil(COMMAND_COUNT / COMMANDS_A_RUN);
    let executedCount = 0;
    fc.assert(
      fc.property(
        fc.array(fc.oneof(...ALL_COMMANDS), { minLength: COMMANDS_A_RUN, maxLength: COMMANDS_A_RUN, size: 'max' }),
        (commands) => {
          const model = new Model();
          const bench = new TestBench({
            config: { page_size_mask: 1n },
            endpoints: ENDPOINTS.map((id) => ({ id, resvMem: id === 3 ? [{ subtype: 0, ...RESERVED }] : [] })),
          });
          for (const each of commands) each.run(model, bench);
          look().run(model, bench);
          executedCount += commands.length;
        },
      ),
      { numRuns: runCount, seed: 5_13 },
    );
    expect(executedCount).toBeGreaterThanOrEqual(COMMAND_COUNT);
  }, 600_000);
});
