import { blocksOf, type RequirementText } from '../requirements/row.ts';

/** Id of a requirement that stands in no table of this package. */
export type DraftId = `draft/${string}`;

/** A requirement as the author of a draft writes it: the statement under its keyword, and where it is to stand. */
type DraftRow = Parameters<ReturnType<typeof blocksOf>>[0]['rows'][string];

/** Requirements of a folder of cases, by id: `'draft/map/x': { section: '5.13.6.5.1', MUST: 'The driver …' }`. */
export const defineDrafts = (rows: Readonly<Record<DraftId, DraftRow & { readonly section: string }>>): Drafts =>
  blocksOf({ since: 'draft' })({ rows });

export type Drafts = Readonly<Record<DraftId, RequirementText>>;
