/** Mistakes in bringing the device up, in its properties and in its events. The words between quotes are found in Linux 6.12. */
import type { Mutant } from './mutant.ts';

const PROBE: readonly Mutant[] = [
  {
    name: 'probe-never-sent',
    edits: [{ in: 'viommu_probe_device', find: 'if (viommu->probe_size)', replace: 'if (0)' }],
    cases: ['probe/*', 'order/*'],
  },
  {
    name: 'probe-properties-not-writable',
    edits: [{ in: 'viommu_get_write_desc_offset', find: 'len - viommu->probe_size -', replace: 'len -' }],
    cases: ['probe/*'],
  },
  {
    name: 'probe-unknown-property-fatal',
    edits: [{ in: 'viommu_probe_endpoint', find: 'default:', replace: 'default: ret = -EINVAL;' }],
    cases: ['probe/unknown-property'],
  },
  {
    name: 'probe-walk-without-heads',
    edits: [
      {
        in: 'viommu_probe_endpoint',
        find: 'le16_to_cpu(prop->length) + sizeof(*prop)',
        replace: 'le16_to_cpu(prop->length) + 1',
      },
    ],
    cases: ['probe/*', 'resv-mem/*'],
  },
  {
    name: 'probe-first-property-only',
    edits: [{ in: 'viommu_probe_endpoint', find: 'cur += len', replace: 'cur = viommu->probe_size' }],
    cases: ['probe/*', 'resv-mem/*'],
  },
  {
    name: 'probe-stops-at-unknown-property',
    edits: [{ in: 'viommu_probe_endpoint', find: 'default:', replace: 'default: cur = viommu->probe_size;' }],
    cases: ['probe/*'],
  },
  {
    name: 'probe-length-big-endian',
    edits: [
      { in: 'viommu_probe_endpoint', find: 'le16_to_cpu(prop->length)', replace: 'swab16(le16_to_cpu(prop->length))' },
    ],
    cases: ['probe/*', 'resv-mem/*'],
  },
  {
    name: 'probe-other-endpoint',
    edits: [{ in: 'viommu_probe_endpoint', find: 'fwspec->ids[0]', replace: 'fwspec->ids[0] ^ 1' }],
    cases: ['probe/*', 'topology/endpoint-ids'],
  },
];

const REGIONS: readonly Mutant[] = [
  {
    name: 'region-one-byte-short',
    edits: [{ in: 'viommu_add_resv_mem', find: 'size = end64 - start64 + 1', replace: 'size = end64 - start64' }],
    cases: ['resv-mem/*', 'probe/*'],
  },
  {
    name: 'region-of-unknown-subtype-dropped',
    edits: [{ in: 'viommu_add_resv_mem', find: 'fallthrough', replace: 'return 0' }],
    cases: ['resv-mem/unknown-subtype'],
  },
  {
    name: 'region-start-lost',
    edits: [{ in: 'viommu_add_resv_mem', find: 'start = start64 =', replace: 'start = start64 = 0x1000 +' }],
    cases: ['resv-mem/*'],
  },
  {
    name: 'regions-never-told',
    edits: [
      { in: 'viommu_get_resv_regions', find: 'list_add_tail(&new_entry->list, head)', replace: 'kfree(new_entry)' },
    ],
    cases: ['resv-mem/*'],
  },
  {
    // A check of the kernel's lists ends the guest: CONFIG_BUG_ON_DATA_CORRUPTION. Each variant costs a boot.
    name: 'region-listed-twice',
    edits: [
      {
        in: 'viommu_get_resv_regions',
        find: 'list_add_tail(&new_entry->list, head);',
        replace: 'list_add_tail(&new_entry->list, head); list_add_tail(&new_entry->list, head);',
      },
    ],
    cases: [],
  },
  {
    // A check of the kernel's counters, which goes on.
    name: 'region-counted-down-at-zero',
    edits: [
      {
        in: 'viommu_get_resv_regions',
        find: 'list_add_tail(&new_entry->list, head);',
        replace:
          'list_add_tail(&new_entry->list, head); { refcount_t users = REFCOUNT_INIT(0); refcount_inc(&users); }',
      },
    ],
    cases: [],
  },
  {
    name: 'region-wrap-unchecked',
    edits: [{ in: 'viommu_add_resv_mem', find: 'size < end64 - start64', replace: '0' }],
    cases: ['resv-mem/*', 'probe/*'],
    survives:
      'nothing is broken: a region over all 64 bits gets the length 0, and its last address comes out right all the same',
  },
];

const CONFIGURATION: readonly Mutant[] = [
  {
    name: 'granule-from-the-largest-page',
    edits: [{ find: '1UL << __ffs(viommu->pgsize_bitmap)', replace: '1UL << __fls(viommu->pgsize_bitmap)' }],
    cases: ['config-layout/page-size-mask'],
    survives:
      'nothing is broken: it refuses to attach anything, so that fewer requirements are exercised, as the score says',
  },
  {
    name: 'granule-assumed',
    edits: [{ in: 'viommu_probe', find: '!viommu->pgsize_bitmap', replace: '!(viommu->pgsize_bitmap |= PAGE_SIZE)' }],
    cases: ['config-layout/page-size-mask', 'map/unaligned'],
  },
  {
    name: 'input-end-ignored',
    edits: [{ in: 'viommu_probe', find: '= input_end', replace: '= -1UL' }],
    cases: ['config-layout/input-range'],
  },
  {
    name: 'input-start-ignored',
    edits: [{ in: 'viommu_probe', find: '= input_start', replace: '= 0' }],
    cases: ['config-layout/input-range'],
  },
  {
    name: 'domain-start-ignored',
    edits: [{ find: 'viommu->first_domain,', replace: '0,' }],
    cases: ['config-layout/domain-range'],
  },
  {
    name: 'domain-end-ignored',
    edits: [{ find: 'viommu->last_domain, GFP', replace: '~0U, GFP' }],
    cases: ['config-layout/domain-range'],
  },
  {
    name: 'bypass-switched-on-unasked',
    edits: [
      {
        in: 'viommu_probe',
        find: 'virtio_device_ready(vdev);',
        replace:
          '{ u8 on = 1; virtio_cwrite_le(vdev, struct virtio_iommu_config, bypass, &on); } virtio_device_ready(vdev);',
      },
    ],
    cases: ['bypass/*', 'free/on-stop'],
  },
  {
    name: 'bypass-written-without-feature',
    edits: [
      {
        in: 'viommu_probe',
        find: 'virtio_device_ready(vdev);',
        replace:
          '{ u8 off = 0; virtio_cwrite_le(vdev, struct virtio_iommu_config, bypass, &off); } virtio_device_ready(vdev);',
      },
    ],
    cases: ['bypass/*', 'feature-bits/optional'],
  },
  {
    name: 'map-unmap-not-required',
    edits: [{ in: 'viommu_probe', find: '!virtio_has_feature(vdev, VIRTIO_IOMMU_F_MAP_UNMAP)', replace: '0' }],
    cases: ['initialization/without-map-unmap'],
  },
];

const LIFE: readonly Mutant[] = [
  {
    name: 'requests-before-driver-ok',
    edits: [{ in: 'viommu_probe', find: 'virtio_device_ready(vdev);', replace: '' }],
    cases: ['initialization/*', 'order/*'],
    survives: 'equivalent in 6.12: no request is sent before probe returns, and then the core sets DRIVER_OK itself',
  },
  {
    name: 'removed-without-reset',
    edits: [{ in: 'viommu_remove', find: 'virtio_reset_device(vdev);', replace: ';' }],
    cases: ['initialization/stop-and-start', 'free/on-stop'],
  },
  {
    name: 'notifies-despite-suppression',
    edits: [
      {
        in: '__viommu_sync_req',
        find: 'virtqueue_kick(vq)',
        replace: 'virtqueue_kick_prepare(vq), virtqueue_notify(vq)',
      },
    ],
    cases: ['virtqueue/notifications-suppressed'],
  },
  {
    name: 'request-freed-in-flight',
    edits: [
      {
        in: '__viommu_add_req',
        find: 'list_add_tail(&req->list, &viommu->requests)',
        replace: 'list_add_tail(&req->list, &viommu->requests), memset(req->buf, 0, write_offset)',
      },
    ],
    cases: ['map/*', 'attach/*'],
  },
  {
    name: 'event-buffers-missing',
    edits: [{ in: 'viommu_fill_evtq', find: 'i < nr_evts', replace: 'i < 0' }],
    cases: ['fault-reporting/*', 'virtqueue/event-buffers-announced'],
  },
  {
    name: 'event-buffers-too-short',
    edits: [{ in: 'viommu_fill_evtq', find: '&evts[i], sizeof(*evts)', replace: '&evts[i], sizeof(*evts) / 2' }],
    cases: ['fault-reporting/*', 'virtqueue/event-buffers-announced'],
  },
  {
    name: 'event-buffers-not-given-back',
    edits: [
      { in: 'viommu_event_handler', find: 'ret = virtqueue_add_inbuf(vq, sg, 1, evt, GFP_ATOMIC)', replace: 'ret = 0' },
    ],
    cases: ['fault-reporting/*'],
  },
  {
    name: 'event-buffer-returned-without-notification',
    edits: [{ in: 'viommu_event_handler', find: 'virtqueue_kick(vq);', replace: '' }],
    cases: ['fault-reporting/*'],
  },
  {
    name: 'event-buffers-read-only',
    edits: [{ in: 'viommu_fill_evtq', find: 'virtqueue_add_inbuf', replace: 'virtqueue_add_outbuf' }],
    cases: ['fault-reporting/*'],
  },
  {
    name: 'event-type-unchecked',
    edits: [{ in: 'viommu_event_handler', find: '!(evt->head & VIOMMU_FAULT_RESV_MASK)', replace: '1' }],
    cases: ['fault-reporting/*'],
  },
  {
    name: 'fault-mapped-to-a-dummy-page',
    edits: [
      {
        find: 'static int viommu_fault_handler(',
        replace: 'static u32 attached_last;\n\nstatic int viommu_fault_handler(',
      },
      {
        in: 'viommu_attach_dev',
        find: 'vdev->vdomain = vdomain;',
        replace: 'vdev->vdomain = vdomain; attached_last = vdomain->id;',
      },
      {
        in: 'viommu_fault_handler',
        find: 'switch (reason) {',
        replace: `{
		struct virtio_iommu_req_map map = {
			.head.type	= VIRTIO_IOMMU_T_MAP,
			.domain		= cpu_to_le32(attached_last),
			.virt_start	= cpu_to_le64(address & PAGE_MASK),
			.virt_end	= cpu_to_le64(address | ~PAGE_MASK),
			.phys_start	= cpu_to_le64(virt_to_phys(viommu->evts) & PAGE_MASK),
			.flags		= cpu_to_le32(viommu->map_flags),
		};

		if (attached_last)
			viommu_send_req_sync(viommu, &map, sizeof(map));
	}

	switch (reason) {`,
      },
    ],
    cases: ['fault-reporting/*'],
  },
  {
    name: 'fault-of-other-endpoint',
    edits: [
      { in: 'viommu_fault_handler', find: 'le32_to_cpu(fault->endpoint)', replace: 'le32_to_cpu(fault->endpoint) + 1' },
    ],
    cases: ['fault-reporting/*'],
  },
  {
    name: 'fault-address-without-flag',
    edits: [{ in: 'viommu_fault_handler', find: 'if (flags & VIRTIO_IOMMU_FAULT_F_ADDRESS)', replace: 'if (1)' }],
    cases: ['fault-reporting/*'],
  },
];

export const SETUP_MUTANTS: readonly Mutant[] = [...PROBE, ...REGIONS, ...CONFIGURATION, ...LIFE];
