/**
 * What may stand in a platform's description beside what the topology has to say, and changes nothing of it: a reader has
 * to make the same of it all.
 */
interface Oddity {
  /** The form of description in which it can be. */
  readonly form: 'viot' | 'device-tree';
  readonly says: string;
}

export const DESCRIPTION_ODDITIES = {
  'viot-revision-1': { form: 'viot', says: 'The table has revision 1.' },
  'viot-first-node-further-back': { form: 'viot', says: 'Between header and first node lie bytes that mean nothing.' },
  'viot-longer-nodes': { form: 'viot', says: 'Every node is eight bytes longer than its structure.' },
  'viot-reserved-bytes-set': { form: 'viot', says: 'No reserved byte of header and nodes is 0.' },
  'viot-other-segment': {
    form: 'viot',
    says: 'A range of segment 1, where no function is, has the BDFs of all functions, the IOMMU and the gap among them.',
  },
  'viot-two-segments': { form: 'viot', says: 'Every range covers segments 0 and 1.' },
  'tree-disabled-iommu': {
    form: 'device-tree',
    says: 'A second IOMMU, which iommu-map refers to, is disabled and not there.',
  },
  'tree-disabled-endpoint': {
    form: 'device-tree',
    says: 'The device in the window for endpoints is disabled; it has its iommus all the same.',
  },
  'tree-disabled-bridge': {
    form: 'device-tree',
    says: 'A disabled root complex for the same bus comes first, with other IDs in its iommu-map.',
  },
  'tree-foreign-iommu': {
    form: 'device-tree',
    says: 'Entries of iommu-map and iommus that come first refer to an IOMMU of another kind, with two cells.',
  },
  'tree-foreign-iommu-of-one-cell': {
    form: 'device-tree',
    says: 'Entries of iommu-map and iommus that come first refer to an IOMMU of another kind, with one cell.',
  },
} as const satisfies Record<string, Oddity>;

export type DescriptionOddity = keyof typeof DESCRIPTION_ODDITIES;
