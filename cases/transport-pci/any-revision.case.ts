import { defineCase } from '../api/index.ts';
import { comesUpWith } from './comes-up-with.ts';

export default defineCase({
  id: 'transport-pci/any-revision',
  title: 'Any PCI Revision ID is accepted',
  demands:
    'The revision says nothing of what a driver has to do. Device ID and vendor ID alone decide whether a device is a ' +
    'virtio-iommu.',
  ...comesUpWith('The device has an unusual PCI Revision ID', ['pci/driver/discovery/match-any-revision']),

  vary: { 'revision-0': 'pci-revision-0', 'revision-255': 'pci-revision-255' } as const,

  mustCatch: {
    'wants-revision-1': 'pci/driver/discovery/match-any-revision',
    'revision-0-taken-for-legacy': 'pci/driver/discovery/match-any-revision',
  },
});
