import { counted, defineMonitor, type RequestName, allZero, bytesOf, TAIL_SIZE } from '../api/index.ts';
import { READABLE_SIZE, RESERVED_BYTES } from './request-bytes.ts';
import { stagedAs } from './sessions.ts';

const RESERVED_ZERO = {
  ATTACH: 'iommu/driver/attach/reserved-zero',
  DETACH: 'iommu/driver/detach/reserved-zero',
  UNMAP: 'iommu/driver/unmap/reserved-zero',
  PROBE: 'iommu/driver/probe/reserved-zero',
} as const satisfies Partial<Record<RequestName, string>>;

export default defineMonitor({
  id: 'request-layout',
  title: 'Requests have the parts and sizes of 5.13.6, and zeros where bytes are reserved',
  requirements: [
    'iommu/driver/ops/head-reserved-zero',
    ...Object.values(RESERVED_ZERO),
    'iommu/driver/probe/properties-size',
    'iommu/prose/request-two-parts',
    'iommu/prose/request-types',
  ],
  judge(seen) {
    const changing = new Set(seen.of('config-change').map(({ device }) => device));
    for (const request of seen.requests) {
      const { name, bytes, writableLength, device } = request;
      if (bytes.length >= 8) {
        const head = bytesOf(bytes, 1, 4);
        seen.check(
          'iommu/driver/ops/head-reserved-zero',
          allZero(head),
          request,
          `Bytes 1 to 3 of the head of ${name ?? `type ${request.type}`} are ${head}; they should be zero.`,
        );
      }
      seen.check(
        'iommu/prose/request-types',
        name !== undefined,
        request,
        `A request has type ${request.type}, which the specification does not define.`,
      );
      if (name === undefined) continue;
      const size = bytes.length / 2;
      seen.check(
        'iommu/prose/request-two-parts',
        size === READABLE_SIZE[name],
        request,
        `The device-readable part of ${name} has ${counted(size, 'byte')}; it has to have ${READABLE_SIZE[name]}.`,
      );
      if (name === 'PROBE') {
        const probeSize = stagedAs(seen, device).config.probe_size;
        // A device that changes probe_size at run time leaves open which value the driver had read.
        if (!changing.has(device) && seen.has(device, 'VIRTIO_IOMMU_F_PROBE')) {
          seen.check(
            'iommu/driver/probe/properties-size',
            writableLength === probeSize + TAIL_SIZE,
            request,
            `The device-writable part of PROBE has ${counted(writableLength, 'byte')}; it has to have ${probeSize} (probe_size) and ${TAIL_SIZE} for the tail.`,
          );
        }
      } else {
        seen.check(
          'iommu/prose/request-two-parts',
          writableLength === TAIL_SIZE,
          request,
          `The device-writable part of ${name} has ${counted(writableLength, 'byte')}; the tail has ${TAIL_SIZE}.`,
        );
      }
      const reserved = RESERVED_BYTES[name];
      if (reserved === undefined || name === 'MAP' || size < reserved[1]) continue;
      const found = bytesOf(bytes, ...reserved);
      seen.check(
        RESERVED_ZERO[name],
        allZero(found),
        request,
        `Bytes ${reserved[0]} to ${reserved[1] - 1} of ${name} are ${found}; they should be zero.`,
      );
    }
  },
  mustCatch: {
    'head-reserved-left': 'iommu/driver/ops/head-reserved-zero',
    'reserved-bytes-left': 'iommu/driver/attach/reserved-zero',
    'detach-reserved-left': 'iommu/driver/detach/reserved-zero',
    'unmap-reserved-left': 'iommu/driver/unmap/reserved-zero',
    'probe-reserved-left': 'iommu/driver/probe/reserved-zero',
    'probe-buffer-without-tail': 'iommu/driver/probe/properties-size',
    'probe-buffer-short': 'iommu/driver/probe/properties-size',
    'probe-without-reserved': 'iommu/prose/request-two-parts',
    'request-types-off-by-one': 'iommu/prose/request-two-parts',
    'request-too-short': 'iommu/prose/request-two-parts',
    'request-too-long': 'iommu/prose/request-two-parts',
    'request-padded': 'iommu/prose/request-two-parts',
    'tail-one-byte': 'iommu/prose/request-two-parts',
    'tail-missing': 'iommu/prose/request-two-parts',
    'tail-readable': 'iommu/prose/request-two-parts',
    'detach-16-bytes': 'iommu/prose/request-two-parts',
    'reserved-request-type': 'iommu/prose/request-types',
  },
});
