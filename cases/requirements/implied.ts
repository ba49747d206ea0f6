import { blocksOf } from './row.ts';

const block = blocksOf({ since: '1.2' });

/**
 * Statements that the specification makes without a keyword: prose, structures, and what safety follows from them.
 * Scored as implied, never mixed into the specification's own score.
 */
export const impliedRequirements = block({
  rows: {
    'iommu/prose/queues': {
      section: '5.13.2',
      MUST: 'Requests are sent on queue 0, and buffers for fault reports on queue 1.',
    },
    'iommu/prose/little-endian': {
      section: '1.4',
      MUST: 'All request fields are little-endian and structures have no padding.',
    },
    'iommu/prose/map-unmap-check': {
      section: '5.13.5',
      MUST: 'The driver checks that MAP_UNMAP is offered and fails cleanly if not.',
    },
    'iommu/prose/request-two-parts': {
      section: '5.13.6',
      MUST: 'A request has one readable part (head and body) and one writable part (probe properties and tail).',
    },
    'iommu/prose/request-types': {
      section: '5.13.6',
      MUST: 'Every request has one of the types that the specification defines.',
    },
    'iommu/prose/attach-flags': { section: '5.13.6.3', MUST: 'ATTACH has no flag but BYPASS.' },
    'iommu/prose/request-then-notify': {
      section: '5.13.6',
      MUST: 'After queueing a request the driver notifies the device and waits for the used entry.',
    },
    'iommu/prose/granule': {
      section: '5.13.6',
      MUST: 'Mappings are aligned to the granule, the lowest set bit of page_size_mask; higher bits are only hints.',
    },
    'iommu/prose/domain-range-absent': {
      section: '5.13.6',
      SHOULD: 'Without DOMAIN_RANGE the driver works with any 32-bit domain ID.',
    },
    'iommu/prose/input-range-absent': {
      section: '5.13.6',
      SHOULD: 'Without INPUT_RANGE the driver maps anywhere in the 64-bit space.',
    },
    'iommu/prose/domain-created-by-attach': {
      section: '5.13.6.3',
      MUST: 'MAP and UNMAP name only domains that an ATTACH has created.',
    },
    'iommu/prose/one-domain-per-endpoint': {
      section: '5.13.6.3',
      MUST: 'An endpoint is in at most one domain at a time.',
    },
    'iommu/prose/endpoint-id-from-platform': {
      section: '5.13.6.3',
      MUST: 'Endpoint IDs come from the platform description and are unique per device.',
    },
    'iommu/prose/bypass-flag-needs-feature': {
      section: '5.13.6.3',
      SHOULD: 'The flag BYPASS of ATTACH is set only if BYPASS_CONFIG was negotiated.',
    },
    'iommu/prose/domain-ends-with-last-detach': {
      section: '5.13.6.4',
      MUST: 'When its last endpoint leaves, a domain and its mappings are gone: the driver maps anew in the next domain of that ID.',
    },
    'iommu/prose/detach-names-current-domain': {
      section: '5.13.6.4',
      SHOULD: 'DETACH names the domain the endpoint is in.',
    },
    'iommu/prose/map-needs-feature': { section: '5.13.6.5', MUST: 'MAP is sent only if MAP_UNMAP was negotiated.' },
    'iommu/prose/unmap-needs-feature': {
      section: '5.13.6.6',
      MUST: 'UNMAP is sent only if MAP_UNMAP was negotiated.',
    },
    'iommu/prose/phys-in-guest-space': {
      section: '5.13.6.5',
      SHOULD: 'The physical target lies inside the guest-physical space, holes excluded.',
    },
    'iommu/prose/unmap-whole-mappings': {
      section: '5.13.6.6',
      MUST: 'UNMAP removes whole mappings, each as one MAP made it, and splits none.',
    },
    'iommu/prose/probe-needs-feature': {
      section: '5.13.6.7',
      MUST: 'PROBE is sent only if VIRTIO_IOMMU_F_PROBE was negotiated.',
    },
    'iommu/prose/probe-parse': {
      section: '5.13.6.7',
      MUST: 'Properties are walked by length+4 until an empty one (type 0) or the end of the area.',
      when: ['VIRTIO_IOMMU_F_PROBE'],
    },
    'iommu/prose/msi-doorbell-mapping': {
      section: '5.13.6.8.1',
      SHOULD: "Without an MSI region the driver maps the interrupt controller's doorbell itself.",
    },
    'iommu/prose/event-queue-filled': {
      section: '5.13.6.9',
      SHOULD: 'The driver fills the event queue with writable buffers at start.',
    },
    'iommu/prose/event-buffer-recycled': {
      section: '5.13.6.9',
      SHOULD: 'After consuming a report the driver puts a buffer back.',
    },
    'iommu/prose/fault-record': {
      section: '5.13.6.9',
      MUST: 'What the driver reports of a fault is what the record says: the reason, the endpoint, and the address if it takes one.',
    },
    'iommu/prose/event-drop-tolerated': {
      section: '5.13.6.9',
      MUST: 'The driver keeps working when fault reports are late or lost because no buffer was free.',
    },
    'iommu/safety/map-before-dma': {
      section: '-',
      source: 'agreed behaviour of DMA interfaces: mapped before use',
      MUST: 'MAP has completed with OK before the endpoint is told the address.',
    },
    'iommu/safety/unmap-before-reuse': {
      section: '-',
      source: 'agreed behaviour of DMA interfaces: after unmap the device has no access',
      MUST: 'A mapping is gone, by UNMAP or with its domain, before its memory is reused or its IOVA is handed out again.',
      when: ['strict-unmap'],
    },
    'iommu/safety/failed-map-reported': {
      section: '-',
      source: 'agreed behaviour of IOMMU interfaces: attach and map return an error',
      SHOULD: 'A MAP or ATTACH that fails is reported to the caller.',
    },
    'iommu/safety/request-order': {
      section: '-',
      source: 'virtio 5.13.6, which gives requests in flight no order',
      MUST: 'Dependent requests wait for one another, as the specification gives no processing order between requests in flight.',
    },
    'core/prose/config-cache': {
      section: '3.2',
      SHOULD: 'Cached configuration is read again after a configuration change notification.',
    },
    'core/prose/status-write-is-read-modify': {
      section: '2.1',
      MUST: 'A write of device status keeps the bits that are set; it starts from 0.',
    },
    'split/prose/index-within-table': {
      section: '2.7.5',
      MUST: 'The available ring and next name descriptors that the table has.',
    },
    'split/prose/indirect-table-length': {
      section: '2.7.5.3',
      MUST: 'An indirect table consists of one descriptor or more, of 16 bytes each.',
      when: ['VIRTIO_F_INDIRECT_DESC'],
    },
    'split/prose/queue-size': { section: '2.7', MUST: "A split queue's size is a power of two, at most 32768." },
    'split/prose/in-order-descriptors': {
      section: '2.7.5',
      SHOULD: 'With IN_ORDER descriptors are taken in ring order from 0.',
      when: ['VIRTIO_F_IN_ORDER'],
    },
    'split/prose/in-order-batch': {
      section: '2.7.9',
      MUST: 'With IN_ORDER the driver takes one used entry for all buffers up to the one that it names, and those before it as fully used.',
      when: ['VIRTIO_F_IN_ORDER'],
    },
    'split/prose/avail-idx-starts-0': { section: '2.7.6', MUST: 'Available and used idx start at 0.' },
    'split/prose/desc-flag-direction': {
      section: '2.7.5',
      MUST: 'WRITE marks device-writable descriptors, its absence readable ones.',
    },
    'packed/prose/wrap-counter-1': { section: '2.8.1', MUST: 'Wrap counters start at 1 and flip after the last slot.' },
    'packed/prose/avail-used-bits': {
      section: '2.8.1',
      MUST: 'AVAIL equals the wrap counter and USED its inverse when a descriptor is made available.',
    },
    'packed/prose/flags-in-every-descriptor': {
      section: '2.8.6',
      MUST: 'All flags have to be right in each descriptor of a list, not just the first.',
    },
    'packed/prose/buffer-id-in-last': {
      section: '2.8.6',
      MUST: 'The buffer ID of a list stands in its last descriptor.',
    },
    'packed/prose/skip-whole-list': {
      section: '2.8.6',
      MUST: 'The next used descriptor is looked for behind the whole list of the buffer that came back.',
    },
    'packed/prose/in-order-batch': {
      section: '2.8.8',
      MUST: 'With IN_ORDER the driver takes one used descriptor for all buffers up to the one that it names, and those before it as fully used.',
      when: ['VIRTIO_F_IN_ORDER'],
    },
    'packed/prose/id-range': { section: '2.8.22', SHOULD: 'Buffer IDs are below the queue size.' },
    'packed/prose/ring-zeroed': { section: '2.8.13', MUST: 'The descriptor ring starts zeroed.' },
    'packed/prose/notify-unless-suppressed': {
      scoredFrom: '1.4',
      section: '2.8.21',
      MUST: 'After a buffer has been made available the driver notifies the device, unless notifications are suppressed.',
    },
    'packed/prose/event-flags': {
      section: '2.8.10',
      MUST: 'Event flags are 0, 1 or 2; 2 only with EVENT_IDX; reserved bits 0.',
    },
    'packed/prose/no-mixed-list': {
      section: '2.8.5',
      MUST: 'One list is either all direct or one indirect descriptor.',
    },
    'notify/prose/data-fields': {
      section: '2.9',
      MUST: 'With NOTIFICATION_DATA a notification carries queue, next_off and next_wrap; split: the low 15 bits and bit 15 of the available idx.',
      when: ['VIRTIO_F_NOTIFICATION_DATA'],
    },
    'pci/prose/queue-setup': {
      section: '4.1.5.1.3',
      MUST: 'Per queue: select, read size (0 means absent), optionally reduce it, supply zeroed contiguous memory, set and verify the vector.',
    },
    'pci/prose/notify-address': {
      section: '4.1.4.4',
      MUST: 'The notification address is cap.offset + queue_notify_off * notify_off_multiplier.',
    },
    'pci/prose/isr-read-clears': {
      section: '4.1.4.5',
      MUST: 'Without MSI-X the driver reads ISR on each interrupt, which acknowledges it.',
    },
    'pci/prose/fields-exist-by-feature': {
      section: '4.1.4.3',
      MUST: 'queue_notif_config_data, queue_reset and the admin fields are accessed only with their features negotiated.',
    },
    'mmio/prose/queue-setup': {
      section: '4.2.3.2',
      MUST: 'Per queue: select, check QueueReady is 0, read QueueSizeMax (0 means absent), supply zeroed contiguous memory, write size, addresses, then QueueReady 1.',
    },
    'mmio/prose/notify-value': {
      section: '4.2.3.3',
      MUST: 'QueueNotify takes the queue index, or the 32-bit form with NOTIFICATION_DATA.',
    },
    'mmio/prose/no-admin-vq': {
      section: '4.2.5',
      MUST: 'ADMIN_VQ is not accepted over MMIO, which does not support it.',
    },
    'topology/prose/order': {
      section: '-',
      source: 'ACPI VIOT and device tree bindings: an endpoint depends on its IOMMU',
      MUST: 'The IOMMU is initialized before endpoints it manages start DMA.',
    },
    'iommu/prose/fault-address-needs-flag': {
      section: '5.13.6.9',
      MUST: 'The address of a fault record is used only if the flag ADDRESS is set.',
    },
  },
});
