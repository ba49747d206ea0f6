import type { DeviceRequirementTable } from './row.ts';

/** What the reserved feature bits ask of a device (chapter 6). In our words. */
export const reservedFeatureDeviceRequirements = {
  'reserved-features/device/offer-version-1': {
    keyword: 'MUST',
    section: '6.2',
    says: 'VERSION_1 is always offered.',
    reason:
      'What is offered and configured is the choice of whoever sets the machine up; the default machine offers it.',
  },
  'reserved-features/device/may-refuse-without-version-1': {
    keyword: 'MAY',
    section: '6.2',
    says: 'The device is free to stop working if VERSION_1 is refused.',
    reason: 'It goes on, so that everything else about such a driver can be judged.',
  },
  'reserved-features/device/offer-access-platform': {
    keyword: 'SHOULD',
    section: '6.2',
    says: 'If its memory access is translated or limited by the platform the device should offer ACCESS_PLATFORM.',
    reason:
      'What is offered and configured is the choice of whoever sets the machine up; the default machine offers it.',
  },
  'reserved-features/device/may-refuse-without-access-platform': {
    keyword: 'MAY',
    section: '6.2',
    says: 'The device is free to stop working if ACCESS_PLATFORM is refused.',
    code: 'reference-device/endpoints/virtio-endpoint.ts',
    test: 'reference-device/endpoints/rng.test.ts › insists on ACCESS_PLATFORM if it is told to',
  },
  'reserved-features/device/in-order-use': {
    keyword: 'MUST',
    section: '6.2',
    says: 'With IN_ORDER negotiated buffers are used in the order they became available.',
    code: 'reference-device/iommu/iommu-function.ts',
    test: 'reference-device/machine/queue-features.test.ts › keeps back what comes after a withheld answer',
  },
  'reserved-features/device/may-refuse-without-order-platform': {
    keyword: 'MAY',
    section: '6.2',
    says: 'The device is free to stop working if ORDER_PLATFORM was offered and refused.',
    reason: 'Nothing is ordered otherwise than by the platform here: all accesses are made by one thread.',
  },
  'reserved-features/device/may-emulate-without-order-platform': {
    keyword: 'MAY',
    section: '6.2',
    says: 'Instead it can run in a slower mode.',
    reason: 'Nothing is ordered otherwise than by the platform here: all accesses are made by one thread.',
  },
  'reserved-features/device/add-in-card-offers-both': {
    keyword: 'SHOULD',
    section: '6.2',
    says: 'An add-in PCI card is advised to offer ACCESS_PLATFORM and ORDER_PLATFORM.',
    reason: 'The device is no add-in card.',
  },
  'reserved-features/device/offer-sr-iov': {
    keyword: 'SHOULD',
    section: '6.2',
    says: 'A PCI device with an SR-IOV capability should offer SR_IOV.',
    reason: 'The function has no SR-IOV capability, unless a case gives it one and offers the feature with it.',
  },
  'reserved-features/device/no-sr-iov-otherwise': {
    keyword: 'MUST NOT',
    section: '6.2',
    says: 'Any other device does not offer SR_IOV.',
    reason:
      'What is offered and configured is the choice of whoever sets the machine up; the default machine does not offer it.',
  },
  'reserved-features/legacy/may-offer-notify-on-empty': {
    keyword: 'MAY',
    section: '6.3',
    says: 'Transitional devices can offer NOTIFY_ON_EMPTY (24).',
    reason: 'There is no legacy interface: the device type was defined after virtio 1.0.',
  },
  'reserved-features/legacy/notify-on-empty-behaviour': {
    keyword: 'MUST',
    section: '6.3',
    says: 'With it negotiated the device signals when a queue runs empty even if notifications are suppressed.',
    reason: 'There is no legacy interface: the device type was defined after virtio 1.0.',
  },
  'reserved-features/legacy/offer-any-layout': {
    keyword: 'MUST',
    section: '6.3',
    says: 'Transitional devices offer ANY_LAYOUT (27).',
    reason: 'There is no legacy interface: the device type was defined after virtio 1.0.',
  },
} as const satisfies DeviceRequirementTable;
