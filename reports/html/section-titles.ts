/** What the sections of the virtio specification are about, in a few words, for headings. */

/** By the section's number; a section that is not here has the title of the nearest one around it. */
const TITLES: Readonly<Record<string, string>> = {
  '1.4': 'Byte order of structures',
  '2.1': 'Device status',
  '2.2': 'Feature bits',
  '2.4': 'Device reset',
  '2.5': 'Configuration space',
  '2.6': 'Virtqueues and their reset',
  '2.7': 'Split virtqueues',
  '2.7.4': 'Message framing',
  '2.7.5': 'Descriptor table',
  '2.7.5.3': 'Indirect descriptors',
  '2.7.6': 'Available ring',
  '2.7.7': 'Suppressing used buffer notifications',
  '2.7.8': 'Used ring',
  '2.7.9': 'In-order use of descriptors',
  '2.7.10': 'Suppressing available buffer notifications',
  '2.7.13': 'Supplying buffers to the device',
  '2.8': 'Packed virtqueues',
  '2.8.16': 'Packed descriptors',
  '2.8.17': 'Packed descriptor chains',
  '2.8.19': 'Packed indirect descriptors',
  '2.8.21': 'Supplying buffers in a packed ring',
  '2.9': 'Driver notifications',
  '3.1': 'Device initialization',
  '3.2': 'Device operation',
  '3.3': 'Device cleanup',
  '3.4': 'Device suspend',
  '4.1': 'Virtio over PCI',
  '4.1.4.3': 'PCI common configuration',
  '4.1.4.4': 'PCI notification structure',
  '4.1.4.5': 'PCI ISR status',
  '4.1.4.8': 'PCI vendor data',
  '4.1.4.9': 'PCI configuration access',
  '4.1.5.1': 'PCI initialization',
  '4.1.5.2': 'PCI available buffer notifications',
  '4.1.5.4': 'PCI configuration changes',
  '4.2': 'Virtio over MMIO',
  '4.2.2': 'MMIO registers',
  '4.2.3.1': 'MMIO initialization',
  '4.2.3.4': 'MMIO notifications from the device',
  '5.13': 'IOMMU device',
  '5.13.2': 'IOMMU virtqueues',
  '5.13.3': 'IOMMU feature bits',
  '5.13.4': 'IOMMU configuration layout',
  '5.13.5': 'IOMMU initialization',
  '5.13.6': 'IOMMU operations',
  '5.13.6.3': 'ATTACH request',
  '5.13.6.4': 'DETACH request',
  '5.13.6.5': 'MAP request',
  '5.13.6.6': 'UNMAP request',
  '5.13.6.7': 'PROBE request',
  '5.13.6.8': 'PROBE properties',
  '5.13.6.8.1': 'RESV_MEM property',
  '5.13.6.9': 'Fault reporting',
  '6': 'Reserved feature bits',
};

/** `5.13.6.5.1 MAP request`; a section outside the specification is its own title. */
export function sectionTitle(section: string): string {
  for (let around = section; around !== ''; around = around.slice(0, Math.max(0, around.lastIndexOf('.')))) {
    if (Object.hasOwn(TITLES, around)) return `${section} ${TITLES[around] ?? ''}`;
  }
  return section;
}

/** Orders sections as the specification does (2.7 before 2.10), those with a name after those with a number. */
export function compareSections(a: string, b: string): number {
  const [x, y] = [numbersOf(a), numbersOf(b)];
  if (!x || !y) return Number(!x) - Number(!y) || (a < b ? -1 : Number(a > b));
  for (let index = 0; index < Math.max(x.length, y.length); index++) {
    const difference = (x[index] ?? -1) - (y[index] ?? -1);
    if (difference !== 0) return difference;
  }
  return 0;
}

const numbersOf = (section: string): readonly number[] | undefined =>
  /^\d{1,6}(\.\d{1,6})*$/.test(section) ? section.split('.').map(Number) : undefined;
