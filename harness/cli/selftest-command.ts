/** `viommuspec selftest`: the matrix of driver faults against the cases that have to catch them. */
import { selfTestPage } from '../../reports/html/selftest/self-test-page.ts';
import { EXIT, type ExitCode } from '../harness-error.ts';
import type { Catch, SelfTest } from '../../reports/record/self-test.ts';
import { catalogueDigest, judgedRequirements } from '../runner/catalogue-facts.ts';
import type { JobProcess } from '../runner/job-process.ts';
import { type LegalDriver, type SelftestResult, type SelftestRow, type Stand, selftest } from '../runner/selftest.ts';
import { selftestComplaints } from '../runner/selftest-complaints.ts';
import { STAGED_FAULTS } from '../drivers/sample-driver/driver-faults.ts';
import { DRIVER_CHARACTERS } from '../drivers/sample-driver/driver-habits.ts';
import { coveredRequirements } from './covered-requirements.ts';
import { counted } from '../../reference-device/counted.ts';
import type { Given } from './options.ts';
import { jobCountOf, withProcesses } from './jobs.ts';
import { inFolder } from './output-folder.ts';
import { provenCatalogue } from './sound-catalogue.ts';
import type { Terminal } from './terminal.ts';
import { TOOL } from './version.ts';

const legalDrivers: readonly LegalDriver[] = Object.entries(DRIVER_CHARACTERS).map(
  ([character, { habits, reminders }]) => ({
    character,
    traits: { habits },
    reminders,
  }),
);

/** Prints a line for every catch, then every complaint; 0 if there is none. With `--out` it leaves `selftest.json` and its page. */
export async function selftestCommand(given: Given, terminal: Terminal): Promise<ExitCode> {
  const { cases, monitors } = provenCatalogue();
  const result = await withProcesses(jobCountOf(given, 'sample'), ([first, ...others]) =>
    selftest({
      catalogue: cases,
      monitors,
      stands: [standIn(first), ...others.map(standIn)],
      legalDrivers,
      tell: (row) => terminal.print(lineFor(row)),
    }),
  );
  const complaints = selftestComplaints(result, {
    judged: judgedRequirements(cases, monitors),
    faults: Object.keys(STAGED_FAULTS),
  });
  const { rows, variantCount } = result;
  const caughtCount = rows.filter(({ caughtIn }) => caughtIn !== undefined).length;
  terminal.print(
    `\n${counted(new Set(rows.map(({ fault }) => fault)).size, 'fault')}, ${caughtCount} of ${counted(rows.length, 'catch', 'catches')} as stated; ` +
      `${counted(legalDrivers.length + 1, 'legal driver')} before ${counted(variantCount, 'variant')}; ${counted(complaints.length, 'complaint')}.\n`,
  );
  for (const complaint of complaints) terminal.print(`WRONG  ${complaint}\n`);
  const path = given.text('out');
  if (path !== undefined) {
    const selfTest = selfTestOf(result, complaints);
    await inFolder(path, (folder) =>
      folder.write({
        'selftest.json': `${JSON.stringify(selfTest, undefined, 1)}\n`,
        'selftest.html': selfTestPage(selfTest),
      }),
    );
  }
  return complaints.length === 0 ? EXIT.asExpected : EXIT.unexpected;
}

const standIn = (process: JobProcess): Stand => ({
  before: ({ faults = [], habits = [] }, monitors) =>
    process.before({
      words: [
        '--driver',
        'sample',
        '--experimental',
        ...faults.flatMap((name) => ['--fault', name]),
        ...habits.flatMap((name) => ['--habit', name]),
      ],
      profile: 'spec',
      monitors: monitors.map(({ id }) => id),
      isLogged: false,
    }),
});

function selfTestOf({ rows, variantCount }: SelftestResult, complaints: string[]): SelfTest {
  const { cases, monitors } = provenCatalogue();
  const catchesOf = (name: string): Catch[] =>
    rows
      .filter(({ fault }) => fault === name)
      .map(({ judge, requirement, caughtIn = null }) => ({ judge, requirement, caughtIn }));
  const revision = '1.4';
  return {
    tool: TOOL,
    revision,
    catalogue: { cases: cases.length, variants: variantCount, digest: catalogueDigest(cases, monitors) },
    requirements: coveredRequirements(revision),
    faults: Object.entries(STAGED_FAULTS).map(([name, says]) => ({ name, says, catches: catchesOf(name) })),
    characters: Object.entries(DRIVER_CHARACTERS).map(([name, { habits }]) => ({ name, habits: [...habits] })),
    complaints,
  };
}

function lineFor({ fault, judge, requirement, caughtIn }: SelftestRow): string {
  return caughtIn === undefined
    ? `MISSED  ${fault}  by ${judge}, for ${requirement}\n`
    : `caught  ${fault}  by ${judge}, for ${requirement}${caughtIn === judge ? '' : `, in ${caughtIn}`}\n`;
}
