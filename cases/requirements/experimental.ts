import type { RequirementTable } from './row.ts';

/**
 * EXPERIMENTAL: proposals that no version of the specification has taken up. They are judged in front of drivers that claim
 * them, and count in no score of any version.
 */
export const experimentalRequirements = {
  'experimental/built-in-topology/endpoint-ids': {
    keyword: 'MUST',
    section: 'Experimental: built-in topology',
    since: 'never',
    source: 'RFC virtio 12/13 of 22 November 2019: endpoint ID = requester ID - requester_start + endpoint_start',
    says: 'Requests name endpoints by the IDs that the structures in the configuration give them, and no others.',
  },
  'experimental/built-in-topology/whole-list': {
    keyword: 'MUST',
    section: 'Experimental: built-in topology',
    since: 'never',
    source: 'RFC virtio 12/13 of 22 November 2019: next is the offset of the next structure, 0 in the last',
    says: 'The driver follows the list to its end: every endpoint that is described and in use is attached.',
  },
  'experimental/survives': {
    keyword: 'MUST',
    section: 'Experimental: robustness',
    since: 'never',
    source: 'platform/robustness/survives, in front of an experimental device',
    says: 'The driver neither crashes nor hangs in front of an experimental device that it claims to understand.',
  },
} as const satisfies RequirementTable;
