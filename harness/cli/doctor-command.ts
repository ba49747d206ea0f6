/** `viommuspec doctor`: whether a shim honours the contract, step by step. */
import { doctor } from '../driver-contract/doctor.ts';
import { EXIT, type ExitCode } from '../harness-error.ts';
import { chooseDriver } from './drivers.ts';
import type { Given } from './options.ts';
import type { Terminal } from './terminal.ts';

/** Examines the chosen driver; 0 if every step is in order. */
export async function doctorCommand(given: Given, terminal: Terminal): Promise<ExitCode> {
  const { driver } = await chooseDriver(given, (line) => terminal.note(line));
  let broken = 0;
  for await (const { step, ok, says, hint } of doctor(driver)) {
    terminal.print(`${ok ? 'ok    ' : 'BROKEN'}  ${step}: ${says}\n`);
    if (!ok && hint !== undefined) terminal.print(`        ${hint}\n`);
    if (!ok) broken++;
  }
  terminal.print(broken === 0 ? '\nThe driver honours the contract.\n' : `\n${broken} steps are not in order.\n`);
  return broken === 0 ? EXIT.asExpected : EXIT.unexpected;
}
