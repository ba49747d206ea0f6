/** `viommuspec selftest`: the matrix of driver faults against the cases that have to catch them. */
import { EXIT, type ExitCode } from '../harness-error.ts';
import { sampleDriver } from '../in-process/sample-driver.ts';
import { judgedRequirements } from '../runner/catalogue-facts.ts';
import { thinProofs } from '../runner/killers.ts';
import { type SelftestRow, selftest } from '../runner/selftest.ts';
import { DRIVER_FAULTS } from '../sample-driver/driver-faults.ts';
import { soundCatalogue } from './sound-catalogue.ts';
import type { Terminal } from './terminal.ts';

/** Prints a line for every fault and judge; 0 if all were caught and the faultless driver passed everything. */
export async function selftestCommand(terminal: Terminal): Promise<ExitCode> {
  const { cases, monitors } = soundCatalogue();
  const { rows, falseAlarms, variantCount } = await selftest({
    catalogue: cases,
    monitors,
    driver: (faults) => sampleDriver({ faults }),
    tell: (row) => terminal.print(lineFor(row)),
  });
  const missed = rows.filter(({ caughtIn }) => caughtIn === undefined);
  const named = new Set(rows.map(({ fault }) => fault));
  const idle = Object.keys(DRIVER_FAULTS).filter((name) => !named.has(name));
  for (const { id, verdict, says } of falseAlarms) terminal.print(`FALSE ALARM  ${id}: ${verdict}: ${says}\n`);
  terminal.print(
    `\n${named.size} faults, ${rows.length - missed.length} of ${rows.length} catches as stated; ` +
      `the faultless driver passed ${variantCount - falseAlarms.length} of ${variantCount} variants.\n`,
  );
  if (idle.length > 0) terminal.print(`No case names these faults yet: ${idle.join(', ')}.\n`);
  const caught = rows.filter(({ caughtIn }) => caughtIn !== undefined);
  for (const { requirement, killers, wantedCount } of thinProofs(judgedRequirements(cases, monitors), caught)) {
    terminal.print(
      `Too few faults are caught for ${requirement}: ${killers.length} of ${wantedCount}` +
        `${killers.length > 0 ? `, ${killers.join(', ')}` : ''}.\n`,
    );
  }
  return missed.length + falseAlarms.length === 0 ? EXIT.asExpected : EXIT.unexpected;
}

function lineFor({ fault, judge, requirement, caughtIn }: SelftestRow): string {
  return caughtIn === undefined
    ? `MISSED  ${fault}  by ${judge}, for ${requirement}\n`
    : `caught  ${fault}  by ${judge}, for ${requirement}${caughtIn === judge ? '' : `, in ${caughtIn}`}\n`;
}
