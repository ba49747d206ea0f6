import { blocksOf } from './row.ts';

const block = blocksOf({ source: 'device-types/iommu/description.tex', since: '1.2' });

/** What the specification demands of a driver in 5.13, the IOMMU device. In our words; files and lines are those of v1.4-cs01. */
export const iommuRequirements = {
  ...block({
    section: '5.13.3.1',
    label: 'drivernormative:Device Types / IOMMU Device / Feature bits',
    rows: {
      'iommu/driver/features/accept-range-and-probe': {
        SHOULD:
          'If the device offers INPUT_RANGE, DOMAIN_RANGE or PROBE, the driver ought to acknowledge each of those bits.',
        line: 81,
      },
    },
  }),
  ...block({
    section: '5.13.4.1',
    label: 'drivernormative:Device Types / IOMMU Device / Device configuration layout',
    rows: {
      'iommu/driver/config/no-other-config-writes': {
        'MUST NOT': 'No config-space byte other than bypass may ever be written by the driver.',
        line: 120,
      },
      'iommu/driver/config/bypass-value-0-or-1': {
        'MUST NOT': 'The only values the driver may store in bypass are 0 and 1.',
        line: 123,
        when: ['VIRTIO_IOMMU_F_BYPASS_CONFIG'],
      },
      'iommu/driver/config/ignore-bypass-bits-1-7': {
        SHOULD: 'When reading bypass the driver should look at bit 0 only and disregard bits 1 to 7.',
        line: 124,
        when: ['VIRTIO_IOMMU_F_BYPASS_CONFIG'],
      },
    },
  }),
  ...block({
    section: '5.13.5.1',
    label: 'drivernormative:Device Types / IOMMU Device / Device Initialization',
    rows: {
      'iommu/driver/init/map-unmap-needs-capability': {
        'MUST NOT': 'A driver that cannot issue both MAP and UNMAP requests must leave MAP_UNMAP unaccepted.',
        line: 151,
        when: ['VIRTIO_IOMMU_F_MAP_UNMAP'],
      },
      'iommu/driver/init/probe-before-attach': {
        SHOULD: 'With PROBE negotiated, every endpoint should be probed once before its first ATTACH.',
        line: 154,
        when: ['VIRTIO_IOMMU_F_PROBE'],
      },
    },
  }),
  ...block({
    section: '5.13.6.1',
    label: 'drivernormative:Device Types / IOMMU Device / Device operations',
    rows: {
      'iommu/driver/ops/head-reserved-zero': { SHOULD: 'Bytes 1 to 3 of the request head should be zero.', line: 271 },
      'iommu/driver/ops/ignore-tail-reserved': {
        MUST: 'Bytes 1 to 3 of the request tail carry no meaning for the driver, whatever the device wrote there.',
        line: 272,
      },
      'iommu/driver/ops/zero-used-len-is-failure': {
        SHOULD: 'A request buffer returned with used length 0 should count as a failed request.',
        line: 276,
      },
      'iommu/driver/ops/respect-input-range': {
        'MUST NOT':
          'With INPUT_RANGE negotiated, virt_start below input_range.start or virt_end above input_range.end must never appear in a request.',
        line: 278,
        when: ['VIRTIO_IOMMU_F_INPUT_RANGE'],
      },
      'iommu/driver/ops/respect-domain-range': {
        'MUST NOT':
          'With DOMAIN_RANGE negotiated, the domain field of any request must lie inside domain_range (both ends inclusive).',
        line: 283,
        when: ['VIRTIO_IOMMU_F_DOMAIN_RANGE'],
      },
    },
  }),
  ...block({
    section: '5.13.6.3.1',
    label: 'drivernormative:Device Types / IOMMU Device / Device operations / ATTACH request',
    rows: {
      'iommu/driver/attach/reserved-zero': {
        SHOULD: 'The four reserved bytes at offset 16 of ATTACH should be zero.',
        line: 346,
      },
      'iommu/driver/attach/group-non-isolated': {
        SHOULD: "Endpoints that can see each other's DMA belong together and should share one domain.",
        line: 348,
      },
      'iommu/driver/attach/bypass-flag-on-bypass-domain': {
        SHOULD: 'When attaching to an existing bypass domain, the BYPASS attach flag should be set.',
        line: 352,
        when: ['VIRTIO_IOMMU_F_BYPASS_CONFIG'],
      },
      'iommu/driver/attach/no-bypass-flag-on-paging-domain': {
        'SHOULD NOT': 'When attaching to an existing ordinary domain, the BYPASS attach flag should stay clear.',
        line: 353,
      },
    },
  }),
  ...block({
    section: '5.13.6.4.1',
    label: 'drivernormative:Device Types / IOMMU Device / Device operations / DETACH request',
    rows: {
      'iommu/driver/detach/reserved-zero': {
        SHOULD: 'The eight reserved bytes at offset 12 of DETACH should be zero.',
        line: 415,
      },
    },
  }),
  ...block({
    section: '5.13.6.5.1',
    label: 'drivernormative:Device Types / IOMMU Device / Device operations / MAP request',
    rows: {
      'iommu/driver/map/undefined-flags-zero': { SHOULD: 'Flag bits 3 to 31 of MAP should be zero.', line: 493 },
      'iommu/driver/map/no-map-on-bypass-domain': {
        'SHOULD NOT': 'MAP requests should not target a bypass domain.',
        line: 495,
      },
      'iommu/driver/map/virt-end-gt-start': { MUST: 'virt_end has to exceed virt_start.', line: 497 },
      'iommu/driver/map/mmio-flag-for-device-memory': {
        SHOULD: 'If the target physical range is device registers, the MMIO flag should be set.',
        line: 499,
        when: ['VIRTIO_IOMMU_F_MMIO'],
      },
      'iommu/driver/map/single-memory-type': {
        SHOULD: 'One MAP should cover only RAM or only device registers, never a mix.',
        line: 501,
      },
      'iommu/driver/map/read-flag-when-reads-intended': {
        MUST: 'If endpoint reads are meant to work, the READ flag has to be present.',
        line: 505,
      },
      'iommu/driver/map/no-mmio-flag-without-feature': {
        'MUST NOT': 'Without F_MMIO negotiated the MMIO flag must stay clear.',
        line: 507,
      },
    },
  }),
  ...block({
    section: '5.13.6.6.1',
    label: 'drivernormative:Device Types / IOMMU Device / Device operations / UNMAP request',
    rows: {
      'iommu/driver/unmap/reserved-zero': {
        SHOULD: 'The four reserved bytes at offset 24 of UNMAP should be zero.',
        line: 595,
      },
      'iommu/driver/unmap/covers-contiguous-mappings': {
        SHOULD: 'An UNMAP range should span one or several adjacent mappings made earlier by MAP.',
        line: 597,
      },
      'iommu/driver/unmap/start-on-boundary': {
        MUST: 'UNMAP has to begin either where some mapping begins or in unmapped space.',
        line: 601,
      },
      'iommu/driver/unmap/end-on-boundary': {
        MUST: 'UNMAP has to finish either where some mapping finishes or in unmapped space.',
        line: 602,
      },
      'iommu/driver/unmap/no-unmap-on-bypass-domain': {
        'SHOULD NOT': 'UNMAP requests should not target a bypass domain.',
        line: 605,
      },
    },
  }),
  ...block({
    section: '5.13.6.7.1',
    when: ['VIRTIO_IOMMU_F_PROBE'],
    label: 'drivernormative:Device Types / IOMMU Device / Device operations / PROBE request',
    rows: {
      'iommu/driver/probe/properties-size': {
        MUST: 'The device-writable part before the tail must be exactly probe_size bytes.',
        line: 691,
      },
      'iommu/driver/probe/reserved-zero': {
        SHOULD: 'The 64 reserved bytes at offset 8 of PROBE should be zero.',
        line: 693,
      },
      'iommu/driver/probe/ignore-unknown-type': {
        SHOULD: 'Properties with an unknown type should be skipped.',
        line: 695,
      },
      'iommu/driver/probe/no-length-from-type': {
        'SHOULD NOT': 'The length of a property should be taken from its length field, never inferred from the type.',
        line: 698,
      },
      'iommu/driver/probe/ignore-reserved-bits-property': {
        MUST: 'A property whose 4-bit reserved field (bits 12-15 of the first le16) is non-zero must be disregarded.',
        line: 700,
      },
      'iommu/driver/probe/continue-after-ignored': {
        SHOULD: 'After skipping a property the parser should go on with the rest of the list.',
        line: 703,
      },
    },
  }),
  ...block({
    section: '5.13.6.8.1.1',
    when: ['VIRTIO_IOMMU_F_PROBE'],
    label: 'drivernormative:Device Types / IOMMU Device / Device operations / PROBE properties / RESVMEM',
    rows: {
      'iommu/driver/resv-mem/no-map-in-reserved': {
        'SHOULD NOT': 'No MAP should cover an address inside a RESERVED or MSI region reported for the endpoint.',
        line: 776,
      },
      'iommu/driver/resv-mem/ignore-reserved': {
        MUST: 'The three reserved bytes of RESV_MEM carry no meaning for the driver.',
        line: 779,
      },
      'iommu/driver/resv-mem/unknown-subtype-as-reserved': {
        SHOULD: 'An unknown subtype should be handled like RESERVED.',
        line: 781,
      },
    },
  }),
  ...block({
    section: '5.13.6.9.1',
    label: 'drivernormative:Device Types / IOMMU Device / Device operations / Fault reporting',
    rows: {
      'iommu/driver/fault/ignore-if-reserved-nonzero': {
        MUST: 'A fault report whose reserved bytes (offset 1-3) are non-zero must be dropped.',
        line: 856,
      },
      'iommu/driver/fault/ignore-reserved1': {
        MUST: 'The le32 at offset 12 (reserved1) must have no influence.',
        line: 859,
      },
      'iommu/driver/fault/ignore-undefined-flags': {
        MUST: 'Flag bits other than 0, 1 and 8 must have no influence.',
        line: 861,
      },
      'iommu/driver/fault/unknown-reason-as-unknown': {
        SHOULD: 'A reason the driver does not know should be handled as UNKNOWN (0).',
        line: 863,
      },
    },
  }),
};
