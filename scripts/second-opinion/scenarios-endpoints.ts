/** Scenarios about ATTACH, DETACH and PROBE (5.13.6.3, 5.13.6.4, 5.13.6.7). */
import { FIGURES, type Scenario } from './steps.ts';
import { attach, BYPASS, detach, map, pages, probe, read, targetPage, unmap, W, write } from './step-words.ts';

const PROBE_BYTES = FIGURES.probe_size + 4;

export const ENDPOINT_SCENARIOS: readonly Scenario[] = [
  { name: 'attach/one', steps: [attach(1, 'a'), map(1, pages(0), targetPage(1)), read('a', 8n), write('a', 8n)] },
  {
    name: 'attach/largest-domain',
    steps: [attach(0xffff_ffff, 'a'), map(0xffff_ffff, pages(0), targetPage(1)), read('a', 0n)],
  },
  { name: 'attach/domain-0', steps: [attach(0, 'a'), map(0, pages(0), targetPage(1)), read('a', 0n)] },
  { name: 'attach/unknown-endpoint', steps: [attach(1, 'nobody'), map(1, pages(0), targetPage(1))] },
  { name: 'attach/endpoint-past-16-bits', steps: [attach(1, 'past-16-bits')] },
  { name: 'attach/iommu-itself', steps: [attach(1, 'iommu')] },
  {
    name: 'attach/unknown-flags',
    steps: [attach(1, 'a', 2), attach(1, 'a', 0x8000_0000), map(1, pages(0), targetPage(0))],
  },
  { name: 'attach/head-reserved', steps: [attach(1, 'a', 0, { head: 0xff }), map(1, pages(0), targetPage(0))] },
  { name: 'attach/reserved', steps: [attach(1, 'a', 0, { reserved: 0x80 })] },
  { name: 'attach/reserved-and-unknown-endpoint', steps: [attach(1, 'nobody', 0, { reserved: 1 })] },
  {
    name: 'attach/shared-domain',
    steps: [
      attach(1, 'a'),
      map(1, pages(0), targetPage(1)),
      attach(1, 'b'),
      map(1, pages(1), targetPage(2)),
      read('a', 0x1000n),
      read('b', 0n),
      write('b', 0x1004n),
      detach(1, 'a'),
      read('b', 0n),
      unmap(1, pages(0)),
      read('b', 0n),
    ],
  },
  {
    name: 'attach/move-ends-the-old-domain',
    steps: [
      attach(1, 'a'),
      map(1, pages(0), targetPage(1)),
      attach(2, 'a'),
      read('a', 0n),
      unmap(1, pages(0)),
      map(2, pages(0), targetPage(2)),
      read('a', 0n),
      attach(1, 'a'),
      read('a', 0n),
    ],
  },
  {
    name: 'attach/move-leaves-others',
    steps: [
      attach(1, 'a'),
      attach(1, 'b'),
      map(1, pages(0), targetPage(1)),
      attach(2, 'a'),
      read('a', 0n),
      read('b', 0n),
      map(2, pages(0), targetPage(2)),
      read('a', 0n),
    ],
  },
  {
    name: 'attach/same-domain-again',
    steps: [attach(1, 'a'), map(1, pages(0), targetPage(1)), attach(1, 'a'), unmap(1, pages(0)), read('a', 0n)],
  },
  {
    name: 'attach/same-domain-again-keeps-mappings',
    steps: [attach(1, 'a'), map(1, pages(0), targetPage(1)), attach(1, 'a'), write('a', 0n)],
  },
  {
    name: 'attach/same-domain-again-beside-another',
    steps: [
      attach(1, 'a'),
      attach(1, 'b'),
      map(1, pages(0), targetPage(1)),
      attach(1, 'a'),
      write('a', 0n),
      write('b', 0n),
    ],
  },
  {
    name: 'attach/bypass-domain',
    steps: [attach(1, 'a', BYPASS), write('a', targetPage(3)), read('a', targetPage(3)), detach(1, 'a')],
  },
  {
    name: 'attach/bypass-domain-shared',
    steps: [
      attach(1, 'a', BYPASS),
      attach(1, 'b', BYPASS),
      write('b', targetPage(3)),
      attach(2, 'b'),
      write('a', targetPage(3)),
    ],
  },
  { name: 'attach/bypass-flag-mismatch', steps: [attach(1, 'a', BYPASS), attach(1, 'b'), attach(2, 'b')] },
  { name: 'attach/bypass-flag-mismatch-inverse', steps: [attach(1, 'a'), attach(1, 'b', BYPASS)] },
  {
    name: 'attach/bypass-flag-mismatch-keeps-old-attachment',
    steps: [attach(1, 'a', BYPASS), attach(2, 'b'), map(2, pages(0), targetPage(1)), attach(1, 'b'), write('b', 0n)],
  },
  { name: 'attach/same-domain-with-other-flag', steps: [attach(1, 'a'), attach(1, 'a', BYPASS)] },
  { name: 'detach/one', steps: [attach(1, 'a'), map(1, pages(0), targetPage(1)), detach(1, 'a'), unmap(1, pages(0))] },
  { name: 'detach/cuts-off', steps: [attach(1, 'a'), map(1, pages(0), targetPage(1)), detach(1, 'a'), write('a', 0n)] },
  { name: 'detach/unknown-endpoint', steps: [detach(1, 'nobody'), attach(1, 'a'), detach(1, 'nobody')] },
  { name: 'detach/never-attached', steps: [detach(1, 'a'), attach(1, 'b'), detach(1, 'a')] },
  { name: 'detach/twice', steps: [attach(1, 'a'), detach(1, 'a'), detach(1, 'a')] },
  {
    name: 'detach/other-domain',
    steps: [
      attach(1, 'a'),
      attach(2, 'b'),
      detach(2, 'a'),
      detach(3, 'a'),
      map(1, pages(0), targetPage(0)),
      write('a', 0n),
    ],
  },
  {
    name: 'detach/reserved',
    steps: [attach(1, 'a'), detach(1, 'a', { reserved: 0xff, head: 0xff }), map(1, pages(0), targetPage(0))],
  },
  { name: 'detach/from-bypass-domain', steps: [attach(1, 'a', BYPASS), detach(1, 'a'), write('a', targetPage(0))] },
  {
    name: 'probe/endpoint',
    steps: [probe('a'), attach(1, 'b'), probe('b'), probe('a', { reserved: 0xff, head: 0xff })],
  },
  { name: 'probe/unknown-endpoint', steps: [probe('nobody'), probe('nobody', { writableLength: PROBE_BYTES + 64 })] },
  { name: 'probe/endpoint-past-16-bits', steps: [probe('past-16-bits')] },
  { name: 'probe/iommu-itself', steps: [probe('iommu', { writableLength: PROBE_BYTES + 90 })] },
  {
    name: 'probe/long-buffer',
    steps: [PROBE_BYTES + 1, PROBE_BYTES + 4, 2 * PROBE_BYTES, 4096].map((writableLength) =>
      probe('a', { writableLength }),
    ),
  },
  {
    name: 'probe/short-buffer',
    steps: [4, 5, 8, 28, 32, PROBE_BYTES / 2, PROBE_BYTES - 1].map((writableLength) => probe('a', { writableLength })),
  },
  { name: 'probe/short-buffer-unknown-endpoint', steps: [probe('nobody', { writableLength: 28 })] },
  { name: 'probe/no-room-for-a-tail', steps: [probe('a', { writableLength: 3 })] },
  { name: 'probe/short-request', steps: [probe('a', { readableLength: 71 }), probe('a', { readableLength: 8 })] },
  { name: 'probe/long-request', steps: [probe('a', { readableLength: 80 })] },
  { name: 'map/needs-attach', steps: [map(1, pages(0), targetPage(0), W), unmap(1, pages(0))] },
];
