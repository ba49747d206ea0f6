import { blocksOf } from './row.ts';

const block = blocksOf({ since: 'never' });

/**
 * EXPERIMENTAL: proposals that no version of the specification has taken up. They are judged in front of drivers that claim
 * them, and count in no score of any version.
 */
export const experimentalRequirements = block({
  rows: {
    'experimental/built-in-topology/endpoint-ids': {
      section: 'Experimental: built-in topology',
      MUST: 'Requests name endpoints by the IDs that the structures in the configuration give them, and no others.',
      source: 'RFC virtio 12/13 of 22 November 2019: endpoint ID = requester ID - requester_start + endpoint_start',
    },
    'experimental/built-in-topology/whole-list': {
      section: 'Experimental: built-in topology',
      MUST: 'The driver follows the list to its end: every endpoint that is described and in use is attached.',
      source: 'RFC virtio 12/13 of 22 November 2019: next is the offset of the next structure, 0 in the last',
    },
    'experimental/survives': {
      section: 'Experimental: robustness',
      MUST: 'The driver neither crashes nor hangs in front of an experimental device that it claims to understand.',
      source: 'platform/robustness/survives, in front of an experimental device',
    },
  },
});
