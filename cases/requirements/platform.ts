import { blocksOf } from './row.ts';

const block = blocksOf({ since: '1.2' });

/**
 * What platforms and their users agree on, beside the virtio specification: ACPI VIOT, device trees, the DMA interfaces of
 * operating systems, in which free means unmapped. Scored as implied.
 */
export const platformRequirements = {
  ...block({
    section: 'DMA lifetime',
    rows: {
      'platform/free/unmapped-when-freed': {
        MUST: 'Once a buffer has been unmapped for its user, the endpoint reaches no byte of it any more (strict mode).',
        source: 'agreed behaviour of DMA interfaces: after unmap the device has no access',
        when: ['strict-unmap'],
      },
      'platform/free/postponed-unmap-done': {
        scoredFrom: '1.4',
        MUST: 'An unmapping that was postponed is carried out a moment later, and not only when the address is used again.',
        source: 'agreed behaviour of DMA interfaces: a flush ends what was postponed',
        when: ['lazy-unmap'],
      },
      'platform/free/unmapped-on-release': {
        MUST: 'When the driver of an endpoint has been taken down, or could not be brought up, nothing that it had mapped stays reachable.',
        source: 'agreed behaviour of DMA interfaces',
        when: ['strict-unmap'],
      },
      'platform/free/not-while-in-use': {
        MUST: 'What an endpoint has been told of stays mapped until the endpoint has given it back or has been reset.',
        source: 'agreed behaviour of DMA interfaces: the device is stopped before its memory is unmapped',
      },
      'platform/free/usable-again': {
        scoredFrom: '1.4',
        SHOULD: 'An allocation that succeeded once succeeds again while no more is in use than then.',
        source: 'agreed behaviour of DMA interfaces: what has been freed can be allocated again',
        when: ['strict-unmap'],
      },
      'platform/map/reachable-when-exposed': {
        MUST: 'An address is mapped, in the right direction, at the moment at which the endpoint is told of it.',
        source: 'agreed behaviour of DMA interfaces: mapped before use',
      },
      'platform/map/exactly-as-asked': {
        MUST: 'A mapping asked for covers exactly its bytes, rounded to the granule, and allows the access asked for.',
        source: 'agreed behaviour of IOMMU interfaces: map(iova, length, access)',
      },
      'platform/map/no-more-than-asked': {
        'SHOULD NOT': 'A mapping allows no kind of access that was not asked for.',
        source: 'agreed behaviour of IOMMU interfaces: map(iova, length, access)',
      },
      'platform/map/right-memory': {
        MUST: 'An access through a mapping reaches the bytes of the buffer that was mapped there.',
        source: 'agreed behaviour of IOMMU interfaces',
      },
      'platform/detach/no-access-left': {
        MUST: 'After an endpoint has left a domain it reaches nothing through that domain.',
        source: 'agreed behaviour of IOMMU interfaces',
      },
      'platform/isolation/endpoint-confined': {
        MUST: 'Once the driver of the IOMMU is up, an endpoint of the topology reaches nothing that was not mapped for it.',
        source: 'agreed behaviour of IOMMU interfaces; a driver that grants pass-through on request says so',
      },
    },
  }),
  ...block({
    section: 'PCI',
    when: ['pci'],
    rows: {
      'platform/pci/memory-space-enabled': {
        scoredFrom: '1.4',
        MUST: 'The BARs of a function are accessed only while Memory Space Enable is set; otherwise nothing answers.',
        source: 'PCI Local Bus Specification 3.0, 6.2.2: Memory Space in the Command register, off after a reset',
      },
      'platform/pci/bus-master-enabled': {
        scoredFrom: '1.4',
        MUST: 'A function that is to read and write memory, queues and messages of MSI-X among it, has Bus Master Enable set.',
        source: 'PCI Local Bus Specification 3.0, 6.2.2: Bus Master in the Command register, off after a reset',
      },
    },
  }),
  ...block({
    section: 'Initialization order',
    rows: {
      'platform/order/no-dma-before-iommu': {
        MUST: 'The driver of a described endpoint starts only when the IOMMU is up and the endpoint attached.',
        source: 'ACPI VIOT and device tree bindings: an endpoint depends on its IOMMU',
      },
    },
  }),
  ...block({
    section: 'ACPI VIOT',
    rows: {
      'platform/viot/undescribed-endpoints-untouched': {
        'MUST NOT': 'No request names an endpoint that the topology does not describe.',
        source: 'ACPI VIOT: only listed endpoints are managed',
      },
      'platform/viot/endpoint-ids': {
        MUST: 'Requests name endpoints by the IDs that the topology gives them.',
        source: 'ACPI VIOT: endpoint ID = offset of the BDF in its range + first ID',
      },
      'platform/viot/iommu-not-behind-itself': {
        'MUST NOT': 'The IOMMU itself is never treated as one of its endpoints, even if a range covers it.',
        source: 'ACPI VIOT; device tree bindings leave the IOMMU out of its own map',
      },
      'platform/viot/unknown-nodes-skipped': {
        MUST: 'Nodes for other IOMMUs and other kinds of endpoints do not keep the described ones from working.',
        source: 'ACPI: nodes of unknown type are skipped by their length',
      },
      'platform/viot/mmio-endpoints': {
        MUST: 'An endpoint that is no PCI function is named by the ID of the node with its address.',
        source: 'ACPI VIOT: MMIO endpoint nodes, with an ID and a base address each',
        when: ['mmio'],
      },
      'platform/viot/output-node-followed': {
        MUST: 'Requests for an endpoint go to the IOMMU to which its node points.',
        source: 'ACPI VIOT: output_node is the offset of the node of the IOMMU',
        when: ['several-iommus'],
      },
    },
  }),
  ...block({
    section: 'Device tree',
    rows: {
      'platform/device-tree/iommu-map': {
        MUST: 'Requests name PCI functions by the IDs that the entries of iommu-map give them.',
        source:
          'binding pci/pci-iommu: ID = requester ID - rid-base + iommu-base, within [rid-base, rid-base + length)',
      },
      'platform/device-tree/iommu-map-mask': {
        MUST: 'A function is looked up in iommu-map by its masked requester ID.',
        source: 'binding pci/pci-iommu: iommu-map-mask is ANDed with the requester ID before the look-up',
      },
      'platform/device-tree/phandle-followed': {
        MUST: 'Requests for an endpoint go to the IOMMU to which its entry of iommu-map, or its iommus, refers.',
        source: 'binding pci/pci-iommu: the second cell of an entry refers to the IOMMU; so does the first of iommus',
        when: ['several-iommus'],
      },
      'platform/device-tree/gaps-untouched': {
        'MUST NOT': 'No request names a function that iommu-map leaves out, the IOMMU itself among them.',
        source: 'binding pci/pci-iommu; Linux 5.3, commit fb709b5e: functions outside all entries are not translated',
      },
      'platform/device-tree/iommus': {
        MUST: 'An endpoint that is no PCI function is named by the cell of its iommus.',
        source: 'bindings virtio/pci-iommu, virtio/mmio: #iommu-cells = 1, the cell is the endpoint ID',
        when: ['mmio'],
      },
      'platform/device-tree/shared-id-shares-domain': {
        MUST: 'Functions that have one endpoint ID share a domain: what is mapped for one stays mapped when the other is attached.',
        source: 'virtio 5.13.6.3: an endpoint is in one domain at a time; functions with one ID are one endpoint',
      },
    },
  }),
  ...block({
    section: 'Several IOMMUs',
    when: ['several-iommus'],
    rows: {
      'platform/iommus/domain-at-each': {
        MUST: 'What is mapped for endpoints behind several IOMMUs is mapped at each of them.',
        source:
          'virtio 5.13.6: an IOMMU knows its own domains only, seen from one address space for endpoints of two IOMMUs',
      },
      'platform/iommus/independent': {
        SHOULD: 'If one of several IOMMUs cannot be brought up, endpoints behind the others are driven all the same.',
        source: 'ACPI VIOT and device tree bindings: an endpoint depends on its own IOMMU, and on no other',
      },
    },
  }),
  ...block({
    section: 'Endpoint drivers',
    rows: {
      'platform/access-platform/physical-without': {
        MUST: 'A device without ACCESS_PLATFORM is given guest-physical addresses, whatever the topology says of it.',
        source: 'virtio 6.1, seen from an endpoint behind the IOMMU',
      },
    },
  }),
  ...block({
    section: 'Fault reporting',
    rows: {
      'platform/faults/survives-without-buffers': {
        MUST: 'The driver goes on working after more faults than it has event buffers.',
        source: 'virtio 5.13.6.9, prose: reports may be lost',
      },
    },
  }),
  ...block({
    section: 'Hot plug',
    rows: {
      'platform/hot-plug/gone-endpoint-detached': {
        scoredFrom: '1.4',
        SHOULD: 'After an orderly removal an endpoint is in no domain, and reaches nothing.',
        source:
          'agreed behaviour: whatever is put into the place of a device has its endpoint ID; the specification is silent',
      },
      'platform/hot-plug/gone-endpoint-left-alone': {
        'SHOULD NOT':
          'After an endpoint has been removed no request but DETACH names it, until another is put in its place.',
        source: 'agreed behaviour: a device that has been taken out belongs to nobody; the specification is silent',
      },
      'platform/hot-plug/no-success-without-iommu': {
        'SHOULD NOT': 'After surprise removal of the IOMMU nothing that needs it is reported as done.',
        source: 'agreed behaviour: a device that was pulled out reads all ones; the specification is silent',
      },
    },
  }),
  ...block({
    section: 'Shutdown',
    rows: {
      'platform/shutdown/devices-at-rest': {
        SHOULD: 'Once a system has been shut down, neither its endpoints nor its IOMMU access memory.',
        source: 'agreed behaviour: whoever comes next owns all memory; Linux 6.16, commit 8bd2fa086a04',
        scoredFrom: '1.4',
      },
      'platform/shutdown/iommu-last': {
        SHOULD:
          'While a system is shut down, the IOMMU is reset when no endpoint accesses memory any more, and not before.',
        source: 'agreed behaviour: the device is stopped before its memory is unmapped',
        scoredFrom: '1.4',
      },
    },
  }),
  ...block({
    section: 'Harness contract',
    rows: {
      'platform/contract/claimed-verbs-work': {
        scoredFrom: '1.4',
        MUST: 'The verbs that a driver claims work in the baseline configuration.',
        source: 'harness/driver-contract/VERBS.md: the verbs of a manifest are those that the driver has',
      },
      'platform/contract/done-as-asked': {
        scoredFrom: '1.4',
        MUST: 'A verb that is answered with ok has been carried out as asked.',
        source: 'harness/driver-contract/VERBS.md: what each verb asks for',
      },
    },
  }),
  ...block({
    section: 'Robustness',
    rows: {
      'platform/robustness/survives': {
        MUST: 'The driver neither crashes nor hangs, whatever a device does that is allowed, late or refused.',
        source: 'agreed behaviour of drivers: no input from a device may take the system down',
      },
      'platform/robustness/survives-hostile': {
        SHOULD:
          'The driver neither crashes nor hangs in front of a malicious device, and checks what it can before it uses it.',
        source: 'threat model of confidential guests: the device is not trusted',
      },
    },
  }),
};
