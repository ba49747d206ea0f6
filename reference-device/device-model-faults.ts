/**
 * What device models in use do otherwise than the specification says, or in one of several ways that it leaves open, as
 * far as a driver can notice: read from the sources of QEMU, crosvm, cloud-hypervisor and kvmtool. `profiles.ts` says
 * who does which. They hold for every request: `request`, `nth` and `status` mean nothing to them.
 */
export const DEVICE_MODEL_FAULTS = {
  'unknown-type-unsupp': {
    legality: 'violation',
    blurs: 'nothing',
    says: 'Answers a request of unknown type with UNSUPP, where it should be returned unwritten.',
  },
  'error-used-length-zero': {
    legality: 'violation',
    blurs: 'nothing',
    says: 'Writes the status of a request that failed, and yet reports used length 0.',
  },
  'refuses-split-framing': {
    legality: 'violation',
    blurs: 'request',
    says: 'Returns a request unwritten unless it is one readable and one writable buffer.',
  },
  'probe-tail-at-end': {
    legality: 'legal-variation',
    blurs: 'nothing',
    says: 'Puts the tail of PROBE at the end of the writable part, also where that is longer than it has to be.',
  },
  'failed-probe-tail-only': {
    legality: 'violation',
    blurs: 'nothing',
    says: 'Reports used length 4 for a PROBE that failed, although the tail stands behind the properties.',
  },
  'probe-unknown-endpoint-ok': {
    legality: 'violation',
    blurs: 'nothing',
    says: 'Answers PROBE for an endpoint that does not exist with OK and no property.',
  },
  'attach-unknown-endpoint-ok': {
    legality: 'violation',
    blurs: 'nothing',
    says: 'Answers ATTACH of an endpoint that does not exist with OK; nothing comes of it.',
  },
  'attach-reserved-ignored': {
    legality: 'violation',
    blurs: 'nothing',
    says: 'Carries an ATTACH out whatever its reserved bytes hold.',
  },
  'reattach-begins-anew': {
    legality: 'violation',
    blurs: 'same-domain-attach',
    says: 'Drops all mappings when the only endpoint of a domain is attached to that domain again.',
  },
  'reattach-refused': {
    legality: 'violation',
    blurs: 'nothing',
    says: 'Answers ATTACH to the domain that the endpoint is in already with INVAL.',
  },
  'refused-attach-detaches': {
    legality: 'legal-variation',
    blurs: 'refused-attach',
    says: 'Takes the endpoint out of its old domain before it refuses an ATTACH to another one.',
  },
  'detach-from-any-domain': {
    legality: 'legal-variation',
    blurs: 'refused-detach',
    says: 'Carries a DETACH out whatever domain it names, and answers OK where there was nothing to do.',
  },
  'detach-reserved-refused': {
    legality: 'violation',
    blurs: 'nothing',
    says: 'Answers a DETACH whose reserved bytes are not zero with INVAL.',
  },
  'map-misaligned-accepted': {
    legality: 'violation',
    blurs: 'nothing',
    says: 'Carries out a MAP that does not fit the granule.',
  },
  'map-last-address-refused': {
    legality: 'violation',
    blurs: 'nothing',
    says: 'Answers a MAP that ends at 2^64-1, in virtual or physical addresses, with RANGE.',
  },
  'map-last-address-unwritten': {
    legality: 'violation',
    blurs: 'request',
    says: 'Returns a MAP that ends at virtual address 2^64-1 unwritten.',
  },
  'map-outside-input-range-accepted': {
    legality: 'violation',
    blurs: 'nothing',
    says: 'Carries out a MAP outside input_range.',
  },
  'map-over-resv-mem-accepted': {
    legality: 'violation',
    blurs: 'nothing',
    says: 'Carries out a MAP over a reserved region of an endpoint.',
  },
  'unmap-split-removes-earlier': {
    legality: 'violation',
    blurs: 'split-unmap',
    says: 'Removes what it finds before the mapping that an UNMAP would split, and then answers RANGE.',
  },
  'write-implies-read': {
    legality: 'legal-variation',
    blurs: 'access-rights',
    says: 'Lets endpoints read through a mapping that has WRITE only.',
  },
  'access-rights-ignored': {
    legality: 'violation',
    blurs: 'access-rights',
    says: 'Lets endpoints read and write through every mapping, whatever its flags.',
  },
  'no-fault-reports': {
    legality: 'legal-variation',
    blurs: 'fault-reports',
    says: 'Reports no fault: event buffers stay where they are.',
  },
  'truncated-fault-reports': {
    legality: 'violation',
    blurs: 'fault-reports',
    says: 'Writes as much of a fault report as fits into an event buffer that is too short.',
  },
  'bypass-acts-until-written': {
    legality: 'violation',
    blurs: 'unattached-access',
    says: 'Lets endpoints that are not attached through until the driver writes bypass for the first time, though it reads 0.',
  },
  'reset-keeps-state': {
    legality: 'violation',
    blurs: 'after-reset',
    says: 'Keeps attachments, domains and mappings over a device reset.',
  },
} as const;
