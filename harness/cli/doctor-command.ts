/** `viommuspec doctor`: whether a shim honours the contract, step by step; what works, what is missing, what comes next. */
import type { DriverIdentity } from '../driver-contract/driver-session.ts';
import { doctor, type Examination } from '../driver-contract/doctor.ts';
import { EXIT, type ExitCode } from '../harness-error.ts';
import { allVariants } from '../runner/plan.ts';
import { unplayable } from '../runner/claims.ts';
import { chooseDriver } from './drivers.ts';
import type { Given } from './options.ts';
import { soundCatalogue } from './sound-catalogue.ts';
import type { Terminal } from './terminal.ts';
import { counted } from '../../reference-device/counted.ts';

/** Examines the chosen driver; 0 if no check fails. */
export async function doctorCommand(given: Given, terminal: Terminal): Promise<ExitCode> {
  const { driver, words } = await chooseDriver(given, (line) => terminal.note(line), { command: 'doctor' });
  let identity: DriverIdentity | undefined;
  const broken: Examination[] = [];
  for await (const examination of doctor(driver, { met: (it) => (identity = it) })) {
    terminal.print(stepText(examination));
    if (!examination.ok) broken.push(examination);
  }
  const [first] = broken;
  if (first === undefined) {
    terminal.print('\nThe driver honours the shim contract.\n');
    if (identity) terminal.print(abilitiesText(identity));
    terminal.print(`\nNext: npx viommuspec run${words.map((word) => ` ${word}`).join('')}\n`);
    return EXIT.asExpected;
  }
  terminal.print(`\n${counted(broken.length, 'check')} failed. Start with the first: ${first.step}.\n`);
  return EXIT.unexpected;
}

function stepText({ step, ok, says, hint, log }: Examination): string {
  const lines = [`${ok ? 'ok  ' : 'FAIL'}  ${step}: ${says}`];
  if (!ok && hint !== undefined) lines.push(`      Next: ${hint}`);
  for (const line of log?.split('\n') ?? []) lines.push(`      | ${line}`);
  return `${lines.join('\n')}\n`;
}

/** How much of the catalogue the driver can be taken through, and what would open the rest. */
function abilitiesText(identity: DriverIdentity): string {
  const variants = allVariants(soundCatalogue().cases);
  const counts = new Map<string, number>();
  for (const planned of variants) {
    const says = unplayable(planned, identity)?.says;
    if (says !== undefined) counts.set(says, (counts.get(says) ?? 0) + 1);
  }
  const closed = [...counts.values()].reduce((sum, count) => sum + count, 0);
  const playable = `It can play ${variants.length - closed} of ${counted(variants.length, 'variant')}.`;
  if (closed === 0) return `${playable}\n`;
  const rows = [...counts]
    .toSorted(([, a], [, b]) => b - a)
    .map(([says, count]) => `  ${String(count).padStart(5)}  ${says}\n`);
  return `${playable} The others need more:\n${rows.join('')}`;
}
