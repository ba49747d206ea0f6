/** `viommuspec explain <id>`: one case, monitor, requirement, fault or device profile, in prose. */
import type { Case } from '../../cases/api/define-case.ts';
import { CASES, MONITORS } from '../../cases/catalogue.ts';
import { type Requirement, requirement, REQUIREMENTS } from '../../cases/requirements/index.ts';
import { DEVICE_FAULTS } from '../../reference-device/device-faults.ts';
import { isProfileName, PROFILES } from '../../reference-device/profiles.ts';
import { didYouMean } from '../../reports/words/nearest.ts';
import { EXIT, type ExitCode, HarnessError } from '../harness-error.ts';
import { DRIVER_FAULTS } from '../drivers/sample-driver/driver-faults.ts';
import type { Given } from './options.ts';
import { explainProfile } from './profile-text.ts';
import type { Terminal } from './terminal.ts';

/** Prints what is known of the id. */
export function explainCommand(given: Given, terminal: Terminal): ExitCode {
  const [word] = given.words;
  if (word === undefined) {
    throw new HarnessError('explain needs the id of a case, a monitor, a requirement, a fault or a device profile.', {
      exitCode: EXIT.usage,
      hint: 'viommuspec list shows the ids of cases.',
    });
  }
  const id = word.replace(/:.*$/, '');
  const found = CASES.find((it) => it.id === id);
  const monitor = MONITORS.find((it) => it.id === id.replace(/^monitor /, ''));
  const row = requirement(id);
  if (found) terminal.print(explainCase(found));
  else if (monitor) terminal.print(explainWatched(monitor.id, monitor.title, monitor.requirements));
  else if (row) terminal.print(explainRequirement(row));
  else if (isProfileName(id)) terminal.print(explainProfile(id));
  else terminal.print(explainFault(id));
  return EXIT.asExpected;
}

function explainCase(it: Case): string {
  const variants = it.variants.map(({ name }) => name);
  return [
    explainWatched(it.id, it.title, it.requirements),
    `\n${it.demands}\n`,
    variants.length > 1 ? `\nVariants: ${variants.join(', ')}.\n` : '',
    `\nMust catch these driver faults:\n${Object.entries(it.mustCatch)
      .map(([fault, broken]) => `  ${fault}: ${sentenceOfFault(fault)}\n    breaks ${broken.join(', ')}\n`)
      .join('')}`,
    it.shippedIn.length > 0 ? `\nShipped in:\n${it.shippedIn.map((story) => `  ${story}\n`).join('')}` : '',
    `\nRun it: npx viommuspec run --case '${it.id}'\n`,
  ].join('');
}

function explainWatched(id: string, title: string, requirements: readonly string[]): string {
  return `${id}\n${title}.\n\nJudges:\n${requirements.map((it) => `  ${it}\n    ${lineOf(it)}\n`).join('')}`;
}

function lineOf(id: string): string {
  const row = requirement(id);
  return row ? `${row.keyword}${row.section === '-' ? '' : ` (${row.section})`}: ${row.says}` : '';
}

function explainRequirement(row: Requirement): string {
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
    `\n${row.says}\n`,
    row.label ? `\nLabel: ${row.label}\n` : '',
    row.source ? `Source: ${row.source}\n` : '',
    `\n${row.notTestable ? `Not testable: ${row.notTestable}` : judged}\n`,
    faults.length > 0 ? `Shown to catch: ${[...new Set(faults)].join(', ')}.\n` : '',
  ].join('');
}

const sentenceOfFault = (name: string): string => (DRIVER_FAULTS as Readonly<Record<string, string>>)[name] ?? '';

/** Every id that there is something to say of. */
const explainable = (): string[] => [
  ...[...CASES, ...MONITORS, ...REQUIREMENTS].map(({ id }) => id),
  ...[DRIVER_FAULTS, DEVICE_FAULTS, PROFILES].flatMap((table) => Object.keys(table)),
];

function explainFault(id: string): string {
  const driver = sentenceOfFault(id);
  if (driver !== '') {
    const catchers = [...CASES, ...MONITORS].filter(({ mustCatch }) => id in mustCatch).map((it) => it.id);
    return `${id}, a fault of the sample driver\n${driver}\n\nTo be caught by: ${catchers.join(', ') || 'nothing yet'}.\n`;
  }
  const device = Object.entries(DEVICE_FAULTS).find(([name]) => name === id)?.[1];
  if (device) return `${id}, a fault of the device (${device.legality})\n${device.says}\n`;
  throw new HarnessError(`Nothing is called '${id}'.`, {
    exitCode: EXIT.usage,
    hint:
      didYouMean(id, explainable()) ??
      'viommuspec list cases|monitors|faults|device-faults|profiles shows what there is.',
  });
}
