/** `viommuspec new-case ID`: begins a case. */
import { existsSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { CASES, MONITORS } from '../../cases/catalogue.ts';
import { requirement, REQUIREMENTS } from '../../cases/requirements/index.ts';
import { KEYWORDS } from '../../cases/requirements/row.ts';
import { didYouMean } from '../../reports/words/nearest.ts';
import { readReplay } from '../explore/corpus.ts';
import { storyAsCase } from '../explore/story-as-case.ts';
import { makeFolder } from '../folder.ts';
import { EXIT, type ExitCode, HarnessError } from '../harness-error.ts';
import { isCaseId } from '../runner/catalogue-check.ts';
import { caseTemplate } from './case-template.ts';
import { addFaultsToCheckout, addRowToCheckout, addRowToFolder, type NewRequirement } from './draft-files.ts';
import { quoted } from './drivers.ts';
import type { Given } from './options.ts';
import { DRAFTS } from './own-cases.ts';
import type { Terminal } from './terminal.ts';

/**
 * Writes a case into the folder that `--in` names, or into the checkout around the working directory, and says what comes
 * next. With `--new` it writes the row of a new requirement as well, and in a checkout the names of faults that break it.
 */
export function newCaseCommand(given: Given, terminal: Terminal): ExitCode {
  const [id = ''] = given.words;
  const folder = given.text('in');
  if (!isCaseId(id)) {
    throw refusal(
      `'${id}' cannot be the id of a case.`,
      'It is a folder and a name in lower-case words: map/read-only.',
    );
  }
  if (folder === undefined && !existsSync('cases/catalogue.ts')) {
    throw refusal(
      'There is no cases/catalogue.ts here.',
      'A case is begun at the top of a checkout of viommuspec, or elsewhere with --in FOLDER.',
    );
  }
  const added = newRequirementOf(given, id);
  const path = `${folder ?? 'cases'}/${id}.case.ts`;
  const text = textOf(given, id, added);
  makeFolder(dirname(path));
  write(path, text);
  if (added && folder !== undefined) addRowToFolder(join(folder, DRAFTS), added);
  else if (added) addRowToCheckout(added);
  const faults = added && folder === undefined ? addFaultsToCheckout(id, added) : [];
  terminal.print(
    folder === undefined ? nextSteps(id, path, added, faults) : nextStepsInFolder(id, path, folder, added),
  );
  return EXIT.asExpected;
}

function textOf(given: Given, id: string, added: NewRequirement | undefined): string {
  const from = given.text('from');
  if (from !== undefined) return storyAsCase(id, readReplay(from));
  const named = added?.id ?? namedRequirement(given);
  const isOutside = given.text('in') !== undefined;
  return caseTemplate(id, {
    api: isOutside ? 'viommuspec/cases' : '../api/index.ts',
    requirement: named,
    fault: named === undefined ? undefined : faultThatBreaks(named),
    isDraft: isOutside || added !== undefined,
  });
}

function namedRequirement(given: Given): string | undefined {
  const id = given.texts('requirement')[0];
  if (id === undefined || requirement(id)) return id;
  throw refusal(
    `There is no requirement '${id}'.`,
    didYouMean(
      id,
      REQUIREMENTS.map((row) => row.id),
    ) ?? 'viommuspec list requirements shows them all.',
  );
}

function newRequirementOf(given: Given, id: string): NewRequirement | undefined {
  const keyword = given.text('new');
  const [, section] = given.words;
  if (keyword === undefined) {
    if (section === undefined) return undefined;
    throw refusal(
      `new-case takes one word beside its options; '${section}' is one too many.`,
      'A section goes with --new KEYWORD.',
    );
  }
  if (!KEYWORDS.some((it) => it === keyword)) {
    throw refusal(
      `--new is '${keyword}'; it can be ${KEYWORDS.join(', ')}.`,
      "For instance: --new 'MUST NOT' 5.13.6.5.1",
    );
  }
  if (section !== undefined && /^\d+(\.\d+)*$/.test(section)) return { id: `draft/${id}`, keyword, section };
  throw refusal(
    '--new needs the section in which the statement is to stand.',
    `For instance: --new ${quoted(keyword)} 5.13.6.5.1`,
  );
}

const faultThatBreaks = (id: string): string | undefined =>
  [...CASES, ...MONITORS].flatMap(({ mustCatch }) =>
    Object.entries(mustCatch).flatMap(([fault, broken]) => (broken.some((it) => it === id) ? [fault] : [])),
  )[0];

/** Never writes over a case, not even one that has come about in the meantime. */
function write(path: string, text: string): void {
  try {
    writeFileSync(path, text, { flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') {
      throw refusal(`There is a case ${path} already.`, 'An id is never used twice, nor again.');
    }
    throw error;
  }
}

const refusal = (sentence: string, hint: string): HarnessError =>
  new HarnessError(sentence, { exitCode: EXIT.usage, hint });

function nextSteps(id: string, path: string, added: NewRequirement | undefined, faults: readonly string[]): string {
  const first = added
    ? `Say what is demanded: the row ${added.id} in cases/requirements/drafts.ts, and the case, which is a draft.`
    : 'Put your sentences, the requirement and the driver fault in their places.\n' +
      '     npx viommuspec coverage       which requirements nothing judges yet\n' +
      '     npx viommuspec list faults    which mistakes the sample driver can make';
  const last =
    faults.length === 0
      ? ''
      : `4. Let the sample driver commit ${faults.join(' and ')}, name them in mustCatch, and take draft: true away.\n`;
  return `${path} is written. What comes next:

1. ${first}
2. Take the case into the catalogue.
     npm run catalogue && npm run types && npm run build
3. See it fail on the fault, and pass without.
     npx viommuspec run --driver sample --case '${id}' --fault FAULT
     npx viommuspec run --driver sample --case '${id}'
${last}
cases/WRITING.md writes one case from beginning to end.
`;
}

function nextStepsInFolder(id: string, path: string, folder: string, added: NewRequirement | undefined): string {
  const options = `--cases ${quoted(folder)} --case '${id}'`;
  return `${path} is written, as a draft: it is played and shown, and in no score. What comes next:

1. Put your sentences ${added ? `and those of ${added.id} in ${folder}/${DRAFTS} ` : 'and the requirement '}in their places.
     npx viommuspec list requirements    what is demanded already
     npx viommuspec list faults          which mistakes the sample driver can make
2. See it fail on a fault, and pass without.
     npx viommuspec run --driver sample ${options} --fault FAULT
     npx viommuspec run --driver sample ${options}
3. See what Linux makes of it.
     npx viommuspec run ${options}
`;
}
