/** The requirements of a page by section of the specification. */
import type { RequirementRow } from '../../harness/results/model.ts';
import { clipped } from '../printable.ts';
import type { PageContext } from './page-context.ts';
import { compareSections, sectionTitle } from './section-titles.ts';

export const SOURCE_TITLES: Readonly<Record<RequirementRow['source'], string>> = {
  virtio: 'From the virtio specification',
  implied: 'Implied by prose, platform documents and agreed behaviour; scored apart',
};

/** Requirements of one section of one source. */
export interface SectionGroup {
  readonly title: string;
  readonly anchor: string | undefined;
  readonly rows: readonly RequirementRow[];
}

/** In the order of the specification. */
export function sectionGroups(source: RequirementRow['source'], context: PageContext): SectionGroup[] {
  const groups = new Map<string, RequirementRow[]>();
  for (const row of context.requirements.values()) {
    if (row.source !== source) continue;
    const members = groups.get(row.section);
    if (members) members.push(row);
    else groups.set(row.section, [row]);
  }
  return [...groups]
    .toSorted(([a], [b]) => compareSections(a, b))
    .map(([section, rows]) => ({
      title: clipped(section === '-' ? 'Without a section' : sectionTitle(section), 100),
      anchor: context.sectionAnchors.get(`${source}-${section}`),
      rows,
    }));
}
