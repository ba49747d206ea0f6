/** The requirements of a page by section of the specification. */
import type { RequirementRow } from '../record/model.ts';
import { clipped } from '../printable.ts';
import type { PageContext } from './page-context.ts';
import { compareSections, sectionTitle } from './section-titles.ts';

export const SOURCE_TITLES: Readonly<Record<RequirementRow['source'], string>> = {
  virtio: 'From the virtio specification',
  implied: 'Platform rules: from prose, platform documents and agreed behaviour; scored apart',
};

/** Requirements of one section of one source. */
export interface SectionGroup {
  readonly title: string;
  readonly anchor: string | undefined;
  readonly rows: readonly RequirementRow[];
}

/** In the order of the specification. */
export function sectionGroups(source: RequirementRow['source'], context: PageContext): SectionGroup[] {
  return bySection([...context.requirements.values()], source).map((group) => ({
    ...group,
    anchor: context.sectionAnchors.get(`${source}-${group.section}`),
  }));
}

/** Anything that says in which section of which source it stands. */
interface Placed {
  readonly source: RequirementRow['source'];
  readonly section: string;
}

/** Those of `rows` that are of this source by their sections, in the order of the specification. */
export function bySection<Row extends Placed>(
  rows: readonly Row[],
  source: RequirementRow['source'],
): { readonly section: string; readonly title: string; readonly rows: readonly Row[] }[] {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    if (row.source !== source) continue;
    const members = groups.get(row.section);
    if (members) members.push(row);
    else groups.set(row.section, [row]);
  }
  return [...groups]
    .toSorted(([a], [b]) => compareSections(a, b))
    .map(([section, members]) => ({
      section,
      title: clipped(section === '-' ? 'No section' : sectionTitle(section), 100),
      rows: members,
    }));
}
