/** `viommuspec list`: what could be run. */
import { CASES, MONITORS } from '../../cases/catalogue.ts';
import { REQUIREMENTS } from '../../cases/requirements/index.ts';
import { DEVICE_FAULTS } from '../../reference-device/device-faults.ts';
import { legalityOf, PROFILES } from '../../reference-device/profiles.ts';
import { EXIT, type ExitCode, HarnessError } from '../harness-error.ts';
import { DRIVER_FAULTS } from '../drivers/sample-driver/driver-faults.ts';
import { DRIVER_HABITS } from '../drivers/sample-driver/driver-habits.ts';
import { allVariants, chosenVariants } from '../runner/plan.ts';
import { didYouMean } from '../../reports/words/nearest.ts';
import { explainedBriefly } from './explained.ts';
import { optionMeantBy } from './meant-option.ts';
import type { Given } from './options.ts';
import { soundCatalogue } from './sound-catalogue.ts';
import type { Terminal } from './terminal.ts';

const named = (table: Readonly<Record<string, string>>): string =>
  Object.entries(table)
    .map(([name, says]) => `${name}\n    ${says}\n`)
    .join('');

/** What each word after `list` shows. */
const LISTS: Readonly<Record<string, () => string>> = {
  cases: () => named(Object.fromEntries(CASES.map(({ id, title }) => [id, title]))),
  monitors: () => named(Object.fromEntries(MONITORS.map(({ id, title }) => [id, title]))),
  requirements: () => explainedBriefly(REQUIREMENTS.map(({ id }) => id)),
  variants: () =>
    allVariants(CASES)
      .map(({ id }) => `${id}\n`)
      .join(''),
  regressions: () =>
    named(
      Object.fromEntries(
        CASES.filter((it) => it.shippedIn.length > 0).map((it) => [it.id, it.shippedIn.join('\n    ')]),
      ),
    ),
  faults: () => named(DRIVER_FAULTS),
  habits: () => named(DRIVER_HABITS),
  'device-faults': () =>
    named(
      Object.fromEntries(
        Object.entries(DEVICE_FAULTS).map(([name, { legality, says }]) => [name, `${says} (${legality})`]),
      ),
    ),
  profiles: () =>
    named(
      Object.fromEntries(
        Object.entries(PROFILES).map(([name, profile]) => [name, `${profile.says} (${legalityOf(profile)})`]),
      ),
    ),
};

/** Lists cases, or what the word asks for; `--case` narrows the list of cases. */
export function listCommand(given: Given, terminal: Terminal): ExitCode {
  const { cases } = soundCatalogue();
  const [what = 'cases'] = given.words;
  const list = LISTS[what];
  if (!list) {
    const names = Object.keys(LISTS);
    const meant = optionMeantBy(what, ['case']);
    throw new HarnessError(`There is no list of '${what}'; there are ${names.join(', ')}.`, {
      exitCode: EXIT.usage,
      hint:
        meant === undefined ? (didYouMean(what, names) ?? 'Without a word, it is cases.') : `Did you mean ${meant}?`,
    });
  }
  const globs = given.texts('case');
  if (globs.length === 0) terminal.print(list());
  else if (what !== 'cases' && what !== 'variants') {
    throw new HarnessError(`--case chooses variants, and '${what}' are none.`, { exitCode: EXIT.usage });
  } else
    terminal.print(
      chosenVariants(cases, globs)
        .map(({ id }) => `${id}\n`)
        .join(''),
    );
  return EXIT.asExpected;
}
