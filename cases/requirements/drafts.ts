import { blocksOf } from './row.ts';

const block = blocksOf({ since: 'draft' });

/** What is proposed for a later version of the specification: counted by `--spec draft` alone. `new-case --new` adds rows. */
export const draftRequirements = block({
  rows: {},
});
