/** Mistakes in requests and in what is made of their answers. The words between quotes are found in Linux 6.12. */
import type { Mutant } from './mutant.ts';

const MAP: readonly Mutant[] = [
  {
    name: 'map-end-exclusive',
    edits: [{ in: 'viommu_map_pages', find: 'iova + size - 1', replace: 'iova + size' }],
    cases: ['map/*', 'dma/exact-range'],
  },
  {
    name: 'map-end-one-short',
    edits: [{ in: 'viommu_map_pages', find: 'iova + size - 1', replace: 'iova + size - 2' }],
    cases: ['map/*', 'dma/exact-range'],
  },
  {
    name: 'map-always-writable',
    edits: [{ in: 'viommu_map_pages', find: '(prot & IOMMU_WRITE ?', replace: '(prot ?' }],
    cases: ['dma/access-rights', 'map/*'],
  },
  {
    name: 'map-read-forgotten',
    edits: [{ in: 'viommu_map_pages', find: '(prot & IOMMU_READ ?', replace: '(0 ?' }],
    cases: ['dma/access-rights', 'dma/right-memory'],
  },
  {
    name: 'map-mmio-unasked',
    edits: [{ in: 'viommu_map_pages', find: '(prot & IOMMU_MMIO ?', replace: '(1 ?' }],
    cases: ['map/*', 'feature-bits/optional'],
  },
  {
    name: 'map-flags-without-feature',
    edits: [
      { in: 'viommu_map_pages', find: '(prot & IOMMU_MMIO ?', replace: '(1 ?' },
      { in: 'viommu_map_pages', find: 'flags & ~vdomain->map_flags', replace: '0' },
    ],
    cases: ['map/*', 'feature-bits/optional'],
  },
  {
    name: 'map-wrong-memory',
    edits: [{ in: 'viommu_map_pages', find: 'cpu_to_le64(paddr)', replace: 'cpu_to_le64(paddr ^ 0x1000)' }],
    cases: ['dma/right-memory', 'dma/across-mappings'],
  },
  {
    name: 'map-other-domain',
    edits: [{ in: 'viommu_map_pages', find: 'cpu_to_le32(vdomain->id)', replace: 'cpu_to_le32(vdomain->id + 1)' }],
    cases: ['map/*', 'dma/shared-domain'],
  },
  {
    name: 'map-not-waited-for',
    edits: [{ in: 'viommu_iotlb_sync_map', find: 'viommu_sync_req(vdomain->viommu)', replace: '0' }],
    cases: ['dma/right-memory', 'map/*', 'operations/late-answers'],
  },
  {
    name: 'map-start-big-endian',
    edits: [{ in: 'viommu_map_pages', find: 'cpu_to_le64(iova)', replace: 'cpu_to_be64(iova)' }],
    cases: ['map/*'],
  },
];

const UNMAP: readonly Mutant[] = [
  {
    name: 'unmap-never-sent',
    edits: [{ in: 'viommu_unmap_pages', find: '!vdomain->nr_endpoints', replace: '1' }],
    cases: ['unmap/*', 'dma/after-unmap', 'free/*'],
  },
  {
    name: 'unmap-one-short',
    edits: [{ in: 'viommu_unmap_pages', find: 'iova + unmapped - 1', replace: 'iova + unmapped - 2' }],
    cases: ['unmap/*', 'dma/after-unmap'],
  },
  {
    name: 'unmap-first-page-only',
    edits: [{ in: 'viommu_unmap_pages', find: 'iova + unmapped - 1', replace: 'iova + 0xfff' }],
    cases: ['unmap/*', 'dma/after-unmap'],
  },
  {
    name: 'unmap-big-endian',
    edits: [{ in: 'viommu_unmap_pages', find: 'cpu_to_le64(iova)', replace: 'cpu_to_be64(iova)' }],
    cases: ['unmap/*'],
  },
  {
    name: 'unmap-not-waited-for',
    edits: [{ in: 'viommu_iotlb_sync', find: 'viommu_sync_req(vdomain->viommu);', replace: ';' }],
    cases: ['dma/after-unmap', 'free/*', 'unmap/*'],
  },
  {
    // What commit 90c5def10bea did to this driver from outside, in 2026: it never fills a gather.
    name: 'sync-only-for-full-gathers',
    edits: [
      {
        in: 'viommu_iotlb_sync',
        find: 'viommu_sync_req(vdomain->viommu);',
        replace: 'if (gather->start < gather->end) viommu_sync_req(vdomain->viommu);',
      },
    ],
    cases: ['regressions/unmap-left-in-ring', 'dma/after-unmap'],
  },
  {
    name: 'lazy-flush-forgotten',
    edits: [{ in: 'viommu_flush_iotlb_all', find: 'viommu_sync_req(vdomain->viommu);', replace: ';' }],
    cases: ['free/*', 'unmap/*'],
    configuration: 'lazy',
  },
  {
    name: 'lazy-unmap-never-sent',
    edits: [
      {
        in: 'viommu_unmap_pages',
        find: '!vdomain->nr_endpoints',
        replace: '!vdomain->nr_endpoints || iommu_iotlb_gather_queued(gather)',
      },
    ],
    cases: ['free/*', 'unmap/*'],
    configuration: 'lazy',
  },
  {
    name: 'unmap-takes-what-lies-above',
    edits: [
      {
        in: 'viommu_unmap_pages',
        find: 'cpu_to_le64(iova + unmapped - 1)',
        replace: 'cpu_to_le64(domain->geometry.aperture_end)',
      },
    ],
    cases: ['unmap/*', 'dma/after-unmap', 'free/on-release'],
  },
];

const ATTACH: readonly Mutant[] = [
  {
    name: 'attach-reserved-nonzero',
    edits: [
      {
        in: 'viommu_attach_dev',
        find: 'cpu_to_le32(vdomain->id),',
        replace: 'cpu_to_le32(vdomain->id), .reserved = { 1 },',
      },
    ],
    cases: ['attach/*'],
  },
  {
    name: 'attach-answer-ignored',
    edits: [{ in: 'viommu_attach_dev', find: 'ret = viommu_send_req_sync', replace: 'viommu_send_req_sync' }],
    cases: ['operations/attach-refused', 'attach/*'],
  },
  {
    name: 'attach-always-bypass',
    edits: [{ in: 'viommu_attach_dev', find: 'if (vdomain->bypass)', replace: 'if (1)' }],
    cases: ['bypass/*', 'attach/*', 'dma/exact-range'],
  },
  {
    name: 'attach-other-endpoint',
    edits: [{ in: 'viommu_attach_dev', find: 'fwspec->ids[i]', replace: 'fwspec->ids[i] ^ 1' }],
    cases: ['topology/endpoint-ids', 'attach/*'],
  },
  {
    name: 'attach-without-replay',
    edits: [{ in: 'viommu_attach_dev', find: '!vdomain->nr_endpoints', replace: '0' }],
    // Where every endpoint has a paging domain, a domain that is attached for the first time is empty.
    cases: ['detach/*', 'attach/*', 'bypass/without-feature'],
    configuration: 'passthrough',
  },
  {
    name: 'replay-begins-with-the-second',
    edits: [
      {
        in: 'viommu_replay_mappings',
        find: 'while (node) {',
        replace: 'if (node) node = interval_tree_iter_next(node, 0, -1UL); while (node) {',
      },
    ],
    cases: ['detach/*', 'attach/*', 'bypass/without-feature'],
    configuration: 'passthrough',
  },
  {
    name: 'left-behind-with-others',
    edits: [
      {
        in: 'viommu_attach_dev',
        find: 'if (vdev->vdomain)',
        replace: 'if (vdev->vdomain && vdev->vdomain->nr_endpoints > 1) return 0; if (vdev->vdomain)',
      },
      // The endpoint still points to it.
      { in: 'viommu_domain_free', find: 'kfree(vdomain);', replace: '' },
    ],
    cases: ['detach/*', 'dma/after-detach', 'dma/shared-domain'],
  },
  {
    name: 'bypass-domain-without-feature',
    edits: [{ find: 'VIRTIO_IOMMU_F_BYPASS_CONFIG)', replace: 'VIRTIO_IOMMU_F_BYPASS_CONFIG) || true' }],
    cases: ['bypass/*', 'feature-bits/optional'],
    configuration: 'passthrough',
  },
  {
    name: 'detach-never-sent',
    edits: [{ in: 'viommu_detach_dev', find: '!vdomain', replace: '1' }],
    cases: ['detach/*', 'free/*', 'hot-plug/*'],
  },
  {
    name: 'detach-other-domain',
    edits: [{ in: 'viommu_detach_dev', find: 'cpu_to_le32(vdomain->id)', replace: 'cpu_to_le32(vdomain->id + 1)' }],
    cases: ['detach/*'],
  },
  {
    name: 'endpoints-never-counted',
    edits: [{ in: 'viommu_attach_dev', find: 'vdomain->nr_endpoints++', replace: '(void)0' }],
    cases: ['map/*', 'dma/*'],
  },
];

const ANSWERS: readonly Mutant[] = [
  {
    name: 'status-always-ok',
    edits: [{ in: 'viommu_get_req_errno', find: 'switch (tail->status)', replace: 'switch (0)' }],
    cases: ['operations/*', 'sweeps/attach', 'sweeps/probe'],
  },
  {
    name: 'status-inval-is-ok',
    edits: [{ in: 'viommu_get_req_errno', find: 'return -EINVAL', replace: 'return 0' }],
    cases: ['operations/*', 'sweeps/attach', 'sweeps/probe'],
  },
  {
    name: 'status-unknown-is-ok',
    edits: [{ in: 'viommu_get_req_errno', find: 'return -EIO', replace: 'return 0' }],
    cases: ['operations/*', 'sweeps/attach', 'sweeps/probe'],
  },
  {
    name: 'unwritten-answer-is-ok',
    edits: [{ in: '__viommu_sync_req', find: '!len', replace: '0' }],
    cases: ['operations/*'],
    survives:
      'equivalent in 6.12: the IOERR for a used length of 0 stays in the copy that the caller never sees (operations/returned-unwritten warns of it)',
  },
  {
    name: 'answer-believed-beyond-used-length',
    edits: [{ in: '__viommu_sync_req', find: 'len == write_len', replace: '1' }],
    cases: ['operations/*', 'probe/*'],
  },
  {
    name: 'tail-too-long',
    edits: [{ in: '__viommu_add_req', find: 'len - write_offset)', replace: 'len - write_offset - 1)' }],
    cases: ['operations/*', 'attach/*'],
  },
];

export const REQUEST_MUTANTS: readonly Mutant[] = [...MAP, ...UNMAP, ...ATTACH, ...ANSWERS];
