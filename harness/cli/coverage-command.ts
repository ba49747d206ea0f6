/** `viommuspec coverage`: what of the specification is judged, what cannot be, and what is missing. */
import { type Requirement, REQUIREMENTS } from '../../cases/requirements/index.ts';
import { coveragePage } from '../../reports/html/selftest/self-test-page.ts';
import { EXIT, type ExitCode } from '../harness-error.ts';
import { judgedRequirements } from '../runner/catalogue-facts.ts';
import { CLASSES, type Coverage, type CoverageCount, coverageOf, type SectionCoverage } from '../runner/coverage.ts';
import { coveredRequirements } from './covered-requirements.ts';
import { revisionOf } from './option-values.ts';
import type { Given } from './options.ts';
import { inFolder } from './output-folder.ts';
import { provenCatalogue } from './sound-catalogue.ts';
import type { Terminal } from './terminal.ts';

/** Fits a terminal of the usual width, and a commit message's quote of it. */
const WIDTH = 80;

/** Prints the counts by keyword, then every section with what is not judged in it. With `--out` it leaves a page. */
export async function coverageCommand(given: Given, terminal: Terminal): Promise<ExitCode> {
  const { cases, monitors } = provenCatalogue();
  const revision = revisionOf(given);
  terminal.print(coverageText(coverageOf(REQUIREMENTS, judgedRequirements(cases, monitors), revision)));
  const path = given.text('out');
  if (path !== undefined) {
    const page = coveragePage({ revision, requirements: coveredRequirements(revision) });
    const written = await inFolder(path, (folder) => folder.write({ 'coverage.html': page }));
    terminal.print(`\n${written.join('\n')}\n`);
  }
  return EXIT.asExpected;
}

/** The coverage as text of at most 80 columns; what is missing stands out in capitals. */
export function coverageText({ revision, classes, sections }: Coverage): string {
  return [
    `Requirements on a driver in virtio ${revision}\n`,
    line('', ['judged', 'not testable', 'missing']),
    ...CLASSES.map((name) => line(name, countsOf(classes[name]))),
    '\nBy section, judged of those that can be judged:\n',
    ...sections.map(sectionText),
    '',
  ].join('\n');
}

const countsOf = ({ judged, notTestable, missing }: CoverageCount): string[] =>
  [judged, notTestable, missing].map(String);

function line(name: string, cells: readonly string[]): string {
  return `  ${name.padEnd(12)}${cells.map((cell) => cell.padStart(14)).join('')}`;
}

function sectionText({ section, origin, count, notTestable, missing }: SectionCoverage): string {
  const name = section === '-' ? 'no section' : section;
  const score = `${count.judged} of ${count.judged + count.missing}`;
  return [
    `${`${name}${origin === 'implied' ? ', implied' : ''}`.padEnd(30)}${score.padStart(10)}`,
    ...missing.map((row) => rowText('MISSING', row, row.says)),
    ...notTestable.map((row) => rowText('not testable', row, row.notTestable ?? '')),
  ].join('\n');
}

function rowText(word: string, { keyword, id }: Requirement, says: string): string {
  return [...wrapped(`${word} ${keyword}: ${id}`, '  '), ...wrapped(says, '      ')].join('\n');
}

/** The words of `text` in lines of at most `WIDTH` columns, each behind `indent`. */
function wrapped(text: string, indent: string): string[] {
  const lines: string[] = [];
  let current = '';
  for (const word of text.split(/\s+/)) {
    const longer = current === '' ? word : `${current} ${word}`;
    if (current !== '' && indent.length + longer.length > WIDTH) {
      lines.push(indent + current);
      current = word;
    } else current = longer;
  }
  return [...lines, indent + current];
}
