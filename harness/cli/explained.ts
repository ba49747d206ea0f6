/** What there is to say of a case, a monitor, a requirement, a fault or a device profile, in prose. */
import type { Case } from '../../cases/api/define-case.ts';
import { CASES, MONITORS } from '../../cases/catalogue.ts';
import { type Requirement, requirement, REQUIREMENTS } from '../../cases/requirements/index.ts';
import { DEVICE_FAULTS } from '../../reference-device/device-faults.ts';
import { isProfileName, PROFILES } from '../../reference-device/profiles.ts';
import { sectionUrl, sourceUrl } from '../../reports/words/specification.ts';
import { DRIVER_FAULTS } from '../drivers/sample-driver/driver-faults.ts';
import { explainProfile } from './profile-text.ts';

/** Everything that can be explained, by id; cases may have been taken in. */
const texts = (): ReadonlyMap<string, () => string> =>
  new Map([
    ...CASES.map((it) => [it.id, () => caseText(it)] as const),
    ...MONITORS.map((it) => [it.id, () => watchedText(it.id, it.title, it.requirements)] as const),
    ...REQUIREMENTS.map((row) => [row.id, () => requirementText(row)] as const),
    ...Object.keys(PROFILES)
      .filter(isProfileName)
      .map((name) => [name, () => explainProfile(name)] as const),
    ...Object.entries(DRIVER_FAULTS).map(([name, says]) => [name, () => driverFaultText(name, says)] as const),
    ...Object.entries(DEVICE_FAULTS).map(
      ([name, { legality, says }]) => [name, () => `${name}, a fault of the device (${legality})\n${says}\n`] as const,
    ),
  ]);

/** Every id that can be explained. */
export const explainable = (): string[] => [...texts().keys()];

/** The text on the one thing with this id. */
export const explained = (id: string): string | undefined => texts().get(id)?.();

/** A line on each thing with these ids. */
export const explainedBriefly = (ids: readonly string[]): string =>
  ids
    .map((id) => {
      const row = requirement(id);
      return row ? `${id}\n    ${requirementLine(row)}\n` : `${id}\n    ${titleOf(id)}\n`;
    })
    .join('');

/** `MUST (5.13.6.5.1): virt_end has to exceed virt_start.`; what rests on agreement says so. */
export const requirementLine = ({ keyword, section, origin, says }: Requirement): string =>
  `${origin === 'implied' ? 'implied ' : ''}${keyword}${section === '-' ? '' : ` (${section})`}: ${says}`;

const titleOf = (id: string): string =>
  [...CASES, ...MONITORS].find((it) => it.id === id)?.title ??
  sentenceOfFault(id) ??
  Object.entries({ ...DEVICE_FAULTS, ...PROFILES }).find(([name]) => name === id)?.[1].says ??
  '';

const sentenceOfFault = (name: string): string | undefined =>
  Object.hasOwn(DRIVER_FAULTS, name) ? (DRIVER_FAULTS as Readonly<Record<string, string>>)[name] : undefined;

function caseText(it: Case): string {
  const variants = it.variants.map(({ name }) => name);
  const faults = Object.entries(it.mustCatch).map(
    ([fault, broken]) => `  ${fault}: ${sentenceOfFault(fault) ?? ''}\n    breaks ${broken.join(', ')}\n`,
  );
  return [
    watchedText(it.id, it.title, it.requirements),
    `\n${it.demands}\n`,
    variants.length > 1 ? `\nVariants: ${variants.join(', ')}.\n` : '',
    faults.length > 0 ? `\nMust catch these driver faults:\n${faults.join('')}` : '',
    it.shippedIn.length > 0 ? `\nShipped in:\n${it.shippedIn.map((story) => `  ${story}\n`).join('')}` : '',
    `\nRun it: npx viommuspec run --case '${it.id}'\n`,
  ].join('');
}

function watchedText(id: string, title: string, requirements: readonly string[]): string {
  const lines = requirements.map((it) => {
    const row = requirement(it);
    return `  ${it}\n    ${row ? requirementLine(row) : ''}\n`;
  });
  return `${id}\n${title}.\n\nJudges:\n${lines.join('')}`;
}

function requirementText(row: Requirement): string {
  const judges = [
    ...CASES.filter(({ requirements }) => requirements.includes(row.id)).map(({ id }) => id),
    ...MONITORS.filter(({ requirements }) => requirements.includes(row.id)).map(({ id }) => `monitor ${id}`),
  ];
  const faults = [...CASES, ...MONITORS].flatMap(({ mustCatch }) =>
    Object.entries(mustCatch).flatMap(([fault, broken]) => (broken.includes(row.id) ? [fault] : [])),
  );
  const judged = judges.length > 0 ? `Judged by: ${judges.join(', ')}.` : `Judged by nothing yet.`;
  const where = row.section === '-' ? 'in no section' : `section ${row.section}`;
  return [
    `${row.id}\n${[row.keyword, where, `since ${row.since}`, ...(row.origin === 'implied' ? ['implied'] : [])].join(', ')}.\n`,
    `\n${row.says}\n\n`,
    ...placeLines(row),
    `\n${row.notTestable ? `Not testable: ${row.notTestable}` : judged}\n`,
    faults.length > 0 ? `Shown to catch: ${[...new Set(faults)].join(', ')}.\n` : '',
  ].join('');
}

/** Where the specification's own words are, or on what else the row rests. */
function placeLines({ section, source, label, origin }: Requirement): string[] {
  const url = sectionUrl(section);
  const line = source && sourceUrl(source);
  return [
    ...(url === undefined ? [] : [`Specification: ${url}\n`]),
    ...(line === undefined ? [] : [`Sentence: ${line}\n`]),
    ...(source !== undefined && line === undefined ? [`Rests on: ${source}\n`] : []),
    ...(origin === 'implied' ? ['The specification has no keyword for this; it is scored apart.\n'] : []),
    ...(label === undefined ? [] : [`Label: ${label}\n`]),
  ];
}

function driverFaultText(id: string, says: string): string {
  const catchers = [...CASES, ...MONITORS].filter(({ mustCatch }) => id in mustCatch).map((it) => it.id);
  return `${id}, a fault of the sample driver\n${says}\n\nTo be caught by: ${catchers.join(', ') || 'nothing yet'}.\n`;
}
