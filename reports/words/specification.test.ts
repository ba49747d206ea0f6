import { expect, it } from 'vitest';
import { sectionUrl, sourceUrl, specificationUrl } from './specification.ts';

const EDITION = 'https://docs.oasis-open.org/virtio/virtio/v1.4/cs01/virtio-v1.4-cs01.html';
const LINE_497 = 'https://github.com/oasis-tcs/virtio-spec/blob/v1.4-cs01/device-types/iommu/description.tex#L497';

it('links sections and lines of the specification, and nothing else', () => {
  expect(sectionUrl('5.13.6.5.1')).toBe(`${EDITION}#x1-6430001`);
  expect(sectionUrl('DMA lifetime')).toBeUndefined();
  expect(sectionUrl('constructor')).toBeUndefined();
  expect(sourceUrl('device-types/iommu/description.tex:497')).toBe(LINE_497);
  for (const other of ['content.tex', '../content.tex:1', 'agreed behaviour: 1', 'https://example.org/a.tex:1'])
    expect(sourceUrl(other)).toBeUndefined();
});

it('prefers the line, and falls back to the section', () => {
  const section = '5.13.6.5.1';
  expect(specificationUrl({ section, reference: 'device-types/iommu/description.tex:497' })).toBe(LINE_497);
  expect(specificationUrl({ section })).toBe(`${EDITION}#x1-6430001`);
  expect(specificationUrl({ section: 'Hot plug', reference: 'agreed behaviour' })).toBeUndefined();
});
