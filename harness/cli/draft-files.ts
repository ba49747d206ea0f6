/** What `new-case --new` writes beside the case: a row for the new requirement, and names for the faults that will break it. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { EXIT, HarnessError } from '../harness-error.ts';

/** A statement that no table has. */
export interface NewRequirement {
  readonly id: string;
  readonly keyword: string;
  readonly section: string;
}

const NEW_DRAFTS = `import { defineDrafts } from 'viommuspec/cases';

export default defineDrafts({
});
`;

/** The table of drafts in a checkout, and where its rows end. */
export const OWN_DRAFTS = 'cases/requirements/drafts.ts';
const UNSTAGED_FAULTS = 'harness/drivers/sample-driver/driver-faults-unstaged.ts';

/** Adds the row to the drafts of a folder of cases, which begin with it if there are none. */
export function addRowToFolder(path: string, row: NewRequirement): void {
  if (!existsSync(path)) writeFileSync(path, NEW_DRAFTS, { flag: 'wx' });
  insert(path, /^\}\);$/m, `  ${rowText(row)}\n`, row.id);
}

/** Adds the row to the drafts of the checkout around the working directory. */
export function addRowToCheckout(row: NewRequirement): void {
  const path = OWN_DRAFTS;
  if (readFileSync(path, 'utf8').includes('  rows: {},')) {
    writeFileSync(path, readFileSync(path, 'utf8').replace('  rows: {},', '  rows: {\n  },'));
  }
  insert(path, /^ {2}\},\n\}\);$/m, `    ${rowText(row)}\n`, row.id);
}

/** Adds faults that the sample driver does not commit yet: two for a MUST, since one alone may be what a check was made for. */
export function addFaultsToCheckout(caseId: string, { keyword }: NewRequirement): string[] {
  const name = caseId.replace('/', '-');
  const names = keyword.startsWith('MUST') ? [`${name}-broken`, `${name}-broken-otherwise`] : [`${name}-broken`];
  const lines = names.map((fault) => `  '${fault}': 'What the sample driver does wrong.',\n`).join('');
  insert(UNSTAGED_FAULTS, /^\} as const/m, lines, `'${name}-broken'`);
  return names;
}

const rowText = ({ id, keyword, section }: NewRequirement): string =>
  `'${id}': { section: '${section}', ${keyword.includes(' ') ? `'${keyword}'` : keyword}: 'What the driver ${keyword.toLowerCase()} do, as a sentence.' },`;

function insert(path: string, before: RegExp, text: string, name: string): void {
  const old = readFileSync(path, 'utf8');
  const at = old.search(before);
  if (old.includes(name)) throw refusal(`${path} has ${name} already.`);
  if (at < 0) throw refusal(`${path} does not end as new-case leaves it; add the row by hand: ${text.trim()}`);
  writeFileSync(path, old.slice(0, at) + text + old.slice(at));
}

const refusal = (sentence: string): HarnessError => new HarnessError(sentence, { exitCode: EXIT.usage });
