/**
 * What drivers may do and seldom do, one switch each: wasteful, timid or careless, and yet allowed. No case may take it
 * for a breach; the self-test plays drivers with these habits in front of all of them.
 */
export const DRIVER_HABITS = {
  // Starting and stopping
  'status-written-twice': 'Writes device_status twice for each bit that it sets.',
  'acknowledge-with-driver': 'Sets ACKNOWLEDGE and DRIVER in one write.',
  'resets-twice': 'Resets the device twice before it begins.',
  'reads-twice': 'Reads the offered features and the configuration twice.',
  'plain-features-only': 'Accepts none of the features that change rings and notifications.',
  'declines-input-range': 'Does not accept VIRTIO_IOMMU_F_INPUT_RANGE.',
  'declines-domain-range': 'Does not accept VIRTIO_IOMMU_F_DOMAIN_RANGE.',
  'declines-probe': 'Does not accept VIRTIO_IOMMU_F_PROBE.',
  'declines-mmio': 'Does not accept VIRTIO_IOMMU_F_MMIO.',
  'declines-bypass-config': 'Does not accept VIRTIO_IOMMU_F_BYPASS_CONFIG.',
  'polls-only': 'Enables no interrupts and looks at the used rings instead.',
  'no-config-vector': 'Gives changes of the configuration no interrupt, and looks at the generation instead.',
  'one-vector': 'Shares one MSI-X vector between all queues and the configuration.',
  'leaves-bypass-on': 'Never turns the global bypass off.',
  'turns-bypass-on': 'Turns the global bypass on, for endpoints that it does not drive.',
  'bypass-off-late': 'Turns the global bypass off only after the endpoints have been started.',
  'bus-master-before-attach': 'Lets an endpoint master the bus before it is attached.',
  'gap-left-alone': 'Does not drive a function that no node of the topology describes.',
  'stop-leaves-mappings': 'Resets the endpoints on stop but neither unmaps nor detaches.',

  // Queues
  'tiny-queues': 'Makes its queues no longer than one request needs.',
  'huge-queues': 'Makes its queues as long as they may be.',
  'leaves-queue-size': 'Makes its queues as long as they may be, and on PCI does not write queue_size then.',
  'interrupts-off': 'Asks the device not to interrupt for used buffers, and looks at the used rings instead.',
  'one-event-buffer': 'Puts a single buffer on eventq.',
  'kicks-always': 'Notifies for every buffer, whether the device wants to know or not.',
  'one-request-at-a-time': 'Waits for the answer to each request before it sends the next.',
  'one-descriptor-a-byte':
    'Cuts the readable part of a request into descriptors of one byte each, if it is short and the queue is long.',
  'rejects-long-used-length': 'Takes a used length that is too long for a failed request.',

  // Requests
  'probes-twice': 'Sends every PROBE twice.',
  'probes-again': 'Sends PROBE for an endpoint again before every ATTACH.',
  'attach-twice': 'Sends ATTACH again for an endpoint that is already attached to the domain.',
  'detaches-before-attach': 'Detaches an endpoint from its domain before it attaches it to another one.',
  'detach-to-nowhere': 'Leaves an endpoint that is detached from a named domain in none.',
  'unmaps-all-at-once': 'Empties a domain by one UNMAP of all that input_range holds.',
  'detach-forgotten-on-release': 'Does not detach an endpoint whose driver is taken down.',
  'detach-forgotten-on-stop': 'Does not detach the endpoints on stop.',
  'domains-from-the-end': 'Numbers domains from the end of domain_range down.',
  'domain-range-end-exclusive': 'Never uses the last domain of domain_range.',
  'remaps-live-domain': 'Maps everything again when a second endpoint joins a domain.',
  'map-twice': 'Sends every MAP twice, and takes no notice of the second answer.',
  'map-overlap-sent': 'Sends MAP over a range that is mapped already, and leaves the refusal to the device.',
  'map-mmio-for-memory': 'Sets the MMIO flag for ordinary memory when VIRTIO_IOMMU_F_MMIO was accepted.',
  'maps-read-write': 'Maps everything for both directions.',
  'one-page-at-a-time': 'Sends one MAP for each granule, and one UNMAP for each of these.',
  'low-addresses': 'Chooses the lowest free addresses.',
  'buffer-shares-page': 'Places buffers of two endpoints into one page and maps it for both.',
} as const satisfies Record<string, string>;

export type DriverHabitName = keyof typeof DRIVER_HABITS;

/** A driver with several habits at once, as real ones have them. */
export interface DriverCharacter {
  readonly habits: readonly DriverHabitName[];
  /** Requirements of the word SHOULD that cases rightly remind it of. */
  readonly reminders: readonly string[];
}

/** Every habit is one of some character's. */
export const DRIVER_CHARACTERS: Readonly<Record<string, DriverCharacter>> = {
  busy: {
    habits: [
      'resets-twice',
      'reads-twice',
      'huge-queues',
      'kicks-always',
      'probes-twice',
      'attach-twice',
      'remaps-live-domain',
      'one-page-at-a-time',
      'one-descriptor-a-byte',
      'low-addresses',
      'domains-from-the-end',
      'detaches-before-attach',
      'acknowledge-with-driver',
      'leaves-bypass-on',
      'maps-read-write',
      'bus-master-before-attach',
      'detach-forgotten-on-release',
      'detach-forgotten-on-stop',
      'stop-leaves-mappings',
      'map-overlap-sent',
      'map-twice',
      'map-mmio-for-memory',
      'buffer-shares-page',
    ],
    reminders: [
      'split/driver/avail-suppression/no-kick-when-flag-1',
      'split/driver/avail-suppression/no-kick-otherwise',
      'split/driver/framing/no-excessive-descriptors',
      'platform/map/no-more-than-asked',
    ],
  },
  timid: {
    habits: [
      'bypass-off-late',
      'plain-features-only',
      'polls-only',
      'tiny-queues',
      'one-event-buffer',
      'one-request-at-a-time',
      'rejects-long-used-length',
      'gap-left-alone',
      'domain-range-end-exclusive',
    ],
    reminders: [
      'reserved-features/driver/accept-order-platform',
      'reserved-features/driver/accept-notif-config-data',
      'reserved-features/driver/accept-ring-packed',
    ],
  },
  loose: {
    habits: [
      'turns-bypass-on',
      'detach-to-nowhere',
      'unmaps-all-at-once',
      'no-config-vector',
      'one-vector',
      'leaves-queue-size',
      'interrupts-off',
      'probes-again',
      'status-written-twice',
      'declines-input-range',
      'declines-domain-range',
      'declines-probe',
      'declines-mmio',
      'declines-bypass-config',
    ],
    reminders: ['iommu/driver/features/accept-range-and-probe'],
  },
};
