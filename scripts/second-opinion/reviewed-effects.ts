/** The reviewed list, part two: what endpoints reach, what is reported, and the device around the requests. */
import type { ReviewedDifference, SilentParting } from './comparison.ts';
import { answered, isAbout, isAttachedTo, isIn } from './difference-words.ts';
import { BYPASS_AT } from './step-words.ts';

const SHORT_EVENTS = ['fault/short-buffer', 'fault/short-buffer-8'];
const WIDE_ACCESSES = ['dma/into-a-hole', 'dma/out-of-a-hole', 'dma/wide-and-unmapped'];

const AGAIN = 'attach-again-loses-mappings';
const MISMATCH = 'refused-attach-detaches';
const SPLIT = 'refused-unmap-removes';

export const REVIEWED_EFFECTS: readonly ReviewedDifference[] = [
  {
    name: 'fault-without-direction',
    qemu: 'sets READ or WRITE only where a mapping lacks the permission',
    ours: 'always says what the access was',
    requirement: 'iommu/device/fault/undefined-flags-zero',
    right: 'both',
    why: 'The flags are information about the context; only undefined ones are spoken of.',
    matches: ({ facet, qemu, ours }) =>
      /^fault \d+ flags$/.test(facet) && qemu === 'ADDRESS' && /^(READ|WRITE)\|ADDRESS$/.test(ours),
    parts: false,
  },
  {
    name: 'fault-of-an-unattached-endpoint',
    qemu: 'UNKNOWN, if the endpoint was never attached or has been detached',
    ours: 'DOMAIN',
    requirement: 'iommu/device/ops/unattached-no-dma',
    right: 'ours',
    why: 'Both block it, as they should. 5.13.6.9 has DOMAIN for an endpoint that is not attached.',
    matches: ({ facet, qemu, ours }) => /^fault \d+ reason$/.test(facet) && qemu === 'UNKNOWN' && ours === 'DOMAIN',
    parts: false,
  },
  {
    name: AGAIN,
    qemu: 'detaches first, so that a domain with this endpoint alone ends, with its mappings, and begins anew',
    ours: 'changes nothing: the endpoint is where it should be',
    requirement: 'iommu/device/attach/implicit-detach-on-reattach',
    right: 'ours',
    why: 'The endpoint is to be detached first if it is in another domain.',
    matches: (it) => isIn(it, 'attach/same-domain-again-keeps-mappings') && isAbout(it, 'memory', 'fault records'),
    parts: true,
  },
  {
    name: MISMATCH,
    qemu: 'has taken the endpoint out of its old domain when it sees that the flag does not fit',
    ours: 'a refused request changes nothing',
    requirement: 'iommu/device/attach/accepted-attach-is-effective',
    right: 'ours',
    why: 'An ATTACH is refused or takes effect; half of one is neither.',
    matches: (it) =>
      isIn(it, 'attach/bypass-flag-mismatch-keeps-old-attachment') && isAbout(it, 'memory', 'fault records'),
    parts: true,
  },
  {
    name: SPLIT,
    qemu: 'removes mappings until it comes to the one that would be split',
    ours: 'removes none',
    requirement: 'iommu/device/unmap/no-removal-on-split',
    right: 'ours',
    why: 'A SHOULD NOT.',
    matches: (it) => isIn(it, 'unmap/split-removes-nothing') && isAbout(it, 'fault records', 'read 0'),
    parts: true,
  },
  {
    name: 'state-survives-device-reset',
    qemu: "keeps domains, mappings and attachments over a reset by the driver; only the machine's reset ends them",
    ours: 'forgets them all',
    requirement: 'iommu/prose/reset-detaches-all',
    right: 'ours',
    why: 'After a reset no endpoint is attached. Older QEMUs do the same as ours.',
    matches: (it) => isIn(it, 'dma/after-reset') && isAbout(it, 'memory', 'fault records'),
    parts: true,
  },
  {
    name: 'byte-before-a-mapping',
    qemu: 'looks for a mapping that has this byte or the next, so that the byte before one is let through',
    ours: 'a fault',
    requirement: 'iommu/safety/map-before-dma',
    right: 'ours',
    why: 'What is not mapped is out of reach, by a byte as by a page.',
    matches: (it) => isIn(it, 'dma/byte-before-a-mapping') && isAbout(it, 'memory', 'fault records'),
    parts: true,
  },
  {
    name: 'wide-access-in-pieces',
    qemu: 'its bus makes several accesses of one, each with a fate and a report of its own',
    ours: 'one access with one fate',
    requirement: 'iommu/prose/event-drop-tolerated',
    right: 'both',
    why: 'How an endpoint cuts its transfers is its own affair, and so is the number of reports.',
    matches: (it) => isIn(it, ...WIDE_ACCESSES) && isAbout(it, 'memory', 'fault records', 'read 0'),
    parts: true,
  },
  {
    name: 'access-to-the-msi-region',
    qemu: 'lets it through untranslated',
    ours: 'a fault: our machines send no interrupts through memory',
    requirement: 'iommu/prose/msi-doorbell-mapping',
    right: 'both',
    why: '5.13.6.8.1 leaves open what becomes of accesses to reserved regions.',
    matches: (it) => isIn(it, 'dma/msi-region') && isAbout(it, 'fault records'),
    parts: true,
  },
  {
    name: 'event-buffer-too-small',
    qemu: 'sets DEVICE_NEEDS_RESET and returns nothing',
    ours: 'returns the buffer empty',
    requirement: 'iommu/device/fault/no-multi-buffer-report',
    right: 'both',
    why: 'The record must not be spread over several buffers, and there is no older format. What else to do is not said.',
    matches: (it) => isIn(it, ...SHORT_EVENTS) && isAbout(it, 'fault records', 'device'),
    parts: true,
  },
  {
    name: 'unoffered-feature-accepted',
    qemu: 'leaves FEATURES_OK set although the driver has accepted what was not offered',
    ours: 'clears it',
    requirement: 'core/device/features/clear-features-ok-otherwise',
    right: 'ours',
    why: 'A MUST of 2.2.2.',
    matches: (it) => isIn(it, 'features/unoffered') && isAbout(it, 'FEATURES_OK'),
    parts: true,
  },
  {
    name: 'class-code',
    qemu: 'a class code that fits nothing else',
    ours: 'the code for IOMMUs',
    requirement: 'iommu/prose/queues',
    right: 'both',
    why: 'Drivers find virtio devices by vendor and device ID (4.1.2), which are the same.',
    matches: (it) => isAbout(it, 'PCI class code'),
    parts: false,
  },
  {
    name: 'bypass-written-without-feature',
    qemu: 'sets DEVICE_NEEDS_RESET',
    ours: 'ignores it',
    requirement: 'iommu/driver/config/no-other-config-writes',
    right: 'both',
    why: 'The driver MUST NOT; what the device does then is not said.',
    matches: (it) => isIn(it, 'features/without-bypass-config-write') && isAbout(it, 'device'),
    parts: true,
  },
  {
    name: 'bypass-written-with-another-value',
    qemu: 'sets DEVICE_NEEDS_RESET',
    ours: 'ignores it',
    requirement: 'iommu/device/config/bypass-presents-0-or-1',
    right: 'both',
    why: 'Both go on to present 0 or 1, which is all that is asked of the device.',
    matches: (it) => isIn(it, 'config/bypass-2', 'config/bypass-255') && isAbout(it, 'device'),
    parts: true,
  },
  {
    name: 'reserved-config-bytes-kept',
    qemu: 'gives back what the driver has written to the bytes behind bypass, even after a reset of the machine',
    ours: 'they read 0',
    requirement: 'iommu/driver/config/no-other-config-writes',
    right: 'both',
    why: 'The driver MUST NOT; of the device nothing is asked.',
    matches: (it) => {
      const { step } = it;
      const isAccess = step?.do === 'read-config' || step?.do === 'write-config';
      if (!isAccess || it.facet !== 'value' || step.offset < BYPASS_AT) return false;
      const bypass = step.offset === BYPASS_AT ? 0xffn : 0n;
      return (BigInt(it.qemu) & bypass) === (BigInt(it.ours) & bypass);
    },
    parts: false,
  },
];

const INVAL = 4;
const RANGE = 5;

/** After these the devices may differ without having said so: a stream then begins anew. */
export const SILENT_PARTINGS: readonly SilentParting[] = [
  {
    difference: AGAIN,
    matches: ({ step }, before) =>
      step.do === 'request' &&
      step.request.type === 'ATTACH' &&
      isAttachedTo(before, step.request.endpoint, step.request.domain),
  },
  { difference: MISMATCH, matches: (done) => answered(done, 'ATTACH', INVAL) },
  { difference: SPLIT, matches: (done) => answered(done, 'UNMAP', RANGE) },
];
