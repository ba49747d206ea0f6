/** `viommuspec new-case ID`: begins a case. */
import { existsSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { readReplay } from '../explore/corpus.ts';
import { storyAsCase } from '../explore/story-as-case.ts';
import { makeFolder } from '../folder.ts';
import { EXIT, type ExitCode, HarnessError } from '../harness-error.ts';
import { isCaseId } from '../runner/catalogue-check.ts';
import { caseTemplate } from './case-template.ts';
import type { Given } from './options.ts';
import type { Terminal } from './terminal.ts';

/** Writes `cases/<id>.case.ts` into the checkout around the working directory, and says what comes next. */
export function newCaseCommand(given: Given, terminal: Terminal): ExitCode {
  const [id = ''] = given.words;
  if (!isCaseId(id)) {
    throw refusal(
      `'${id}' cannot be the id of a case.`,
      'It is a folder and a name in lower-case words: map/read-only.',
    );
  }
  if (!existsSync('cases/catalogue.ts')) {
    throw refusal('There is no cases/catalogue.ts here.', 'A case is begun at the top of a checkout of viommuspec.');
  }
  const from = given.text('from');
  const text = from === undefined ? caseTemplate(id) : storyAsCase(id, readReplay(from));
  const path = `cases/${id}.case.ts`;
  makeFolder(dirname(path));
  write(path, text);
  terminal.print(nextSteps(id, path));
  return EXIT.asExpected;
}

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

function nextSteps(id: string, path: string): string {
  return `${path} is written. What comes next:

1. Put your sentences, the requirement and the driver fault in their places.
     npx viommuspec coverage       which requirements nothing judges yet
     npx viommuspec list faults    which mistakes the sample driver can make
2. Take the case into the catalogue.
     npm run catalogue && npm run types && npm run build
3. See it fail on the fault, and pass without.
     npx viommuspec run --driver sample --case '${id}' --fault FAULT
     npx viommuspec run --driver sample --case '${id}'

cases/WRITING.md writes one case from beginning to end.
`;
}
