/** Where the virtio specification is published that the requirements cite: its HTML edition, and its sources at the tag. */
import { SECTION_ANCHORS } from './section-anchors.ts';

/** The published edition; its title page has the notices that everything made from it refers to. */
export const EDITION = 'https://docs.oasis-open.org/virtio/virtio/v1.4/cs01/virtio-v1.4-cs01.html';
const SOURCES = 'https://github.com/oasis-tcs/virtio-spec/blob/v1.4-cs01';

/** Whose the specification is, of which the requirements speak in our words. */
export const CITATION =
  'Virtual I/O Device (VIRTIO) Version 1.4, Committee Specification 01. Copyright © OASIS Open 2023.';

/** The section with this number in the published edition; undefined for what is no section that a requirement names. */
export const sectionUrl = (section: string): string | undefined =>
  Object.hasOwn(SECTION_ANCHORS, section) ? `${EDITION}#${SECTION_ANCHORS[section]}` : undefined;

/** The line of a `file.tex:line` in the sources of the same edition; undefined for any other source. */
export function sourceUrl(source: string): string | undefined {
  const [, file, line] = /^([a-z0-9-]+(?:\/[a-z0-9-]+)*\.tex):(\d{1,5})$/.exec(source) ?? [];
  return file === undefined ? undefined : `${SOURCES}/${file}#L${line}`;
}

/** A requirement as far as it says where it stands. */
interface Placed {
  readonly section: string;
  readonly reference?: string | undefined;
}

/**
 * Where the words behind a requirement can be read: its line in the specification's sources, else its section; undefined for
 * one that rests on something else, which its `reference` names.
 */
export const specificationUrl = ({ section, reference = '' }: Placed): string | undefined =>
  sourceUrl(reference) ?? sectionUrl(section);
