/** `viommuspec explain WORD`: what has this id, stands in this section, matches this glob or is about this field. */
import { type Requirement, requirement, REQUIREMENTS } from '../../cases/requirements/index.ts';
import { didYouMean } from '../../reports/words/nearest.ts';
import { CITATION, sectionUrl, sourceUrl } from '../../reports/words/specification.ts';
import { EXIT, type ExitCode, HarnessError } from '../harness-error.ts';
import { matchesGlob } from '../scoring/expectations.ts';
import { explainable, explained, explainedBriefly } from './explained.ts';
import type { Given } from './options.ts';
import { quotation } from './quotation.ts';
import { soundCatalogue } from './sound-catalogue.ts';
import type { Terminal } from './terminal.ts';

/** Prints all that is known of one thing, or a line on each of several. */
export function explainCommand(given: Given, terminal: Terminal): ExitCode {
  soundCatalogue();
  const [word] = given.words;
  if (word === undefined) {
    throw new HarnessError('explain needs an id, a section, a field or a glob.', {
      exitCode: EXIT.usage,
      hint: 'viommuspec list shows the ids of cases, viommuspec list requirements those of requirements.',
    });
  }
  terminal.print(textOn(word));
  terminal.print(quoted(word, given.text('specification')));
  return EXIT.asExpected;
}

/** The specification's own words behind a requirement, from the checkout in `folder`; nothing for anything else. */
function quoted(word: string, folder: string | undefined): string {
  const row = requirement(word);
  if (folder === undefined || row?.source === undefined || sourceUrl(row.source) === undefined) return '';
  return `\n“${quotation(folder, row.source, row.keyword)}”\n  ${CITATION}\n`;
}

function textOn(word: string): string {
  const id = word.replace(/^monitor /, '').replace(/:.*$/, '');
  const whole = explained(id);
  if (whole !== undefined) return whole;
  const ids = idsMeantBy(word);
  const [only, ...others] = ids;
  if (only === undefined) {
    throw new HarnessError(`Nothing is called '${word}'.`, {
      exitCode: EXIT.usage,
      hint:
        didYouMean(id, explainable()) ??
        'viommuspec list cases|requirements|monitors|faults|device-faults|profiles shows what there is.',
    });
  }
  if (others.length === 0) return explained(only) ?? '';
  const url = sectionUrl(word);
  return `${explainedBriefly(ids)}${url === undefined ? '' : `\nSpecification: ${url}\n`}`;
}

/** Requirements of a section or about a field, or whatever matches a glob. */
function idsMeantBy(word: string): readonly string[] {
  if (/^\d+(\.\d+)*$/.test(word)) return idsOf(({ section }) => section === word || section.startsWith(`${word}.`));
  if (word.includes('*')) return explainable().filter((id) => matchesGlob(word, id));
  return idsOf((row) => namesOf(row).includes(word.toLowerCase()));
}

const idsOf = (isMeant: (row: Requirement) => boolean): string[] => REQUIREMENTS.filter(isMeant).map(({ id }) => id);

/** The fields, features and requests that a row speaks of, in lower case: `virt_end`, `virtio_f_in_order`, `in_order`, `map`. */
function namesOf({ id, says }: Requirement): string[] {
  const features = requirement(id)?.when.flatMap((name) => [name, name.replace(/^VIRTIO_(IOMMU_)?F_/, '')]) ?? [];
  return [...(says.match(/\w*[_A-Z]\w*[_A-Z]\w*|\w+_\w+/g) ?? []), ...features].map((name) => name.toLowerCase());
}
