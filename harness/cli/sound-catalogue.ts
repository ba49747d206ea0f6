/** The catalogue, as commands use it: looked over first. */
import { existsSync } from 'node:fs';
import type { Case } from '../../cases/api/define-case.ts';
import type { Monitor } from '../../cases/api/define-monitor.ts';
import { CASES, MONITORS } from '../../cases/catalogue.ts';
import { packageFile } from '../package-files.ts';
import { checkCatalogue } from '../runner/catalogue-check.ts';
import { DRIVER_FAULTS } from '../drivers/sample-driver/driver-faults.ts';

/** An installed package has no case files, so there is nothing to compare with. */
const hasSources = existsSync(packageFile('cases/catalogue.ts'));

/** All cases and monitors. Throws a `HarnessError` that names file and field if one of them is malformed. */
export function soundCatalogue(): { readonly cases: readonly Case[]; readonly monitors: readonly Monitor[] } {
  checkCatalogue({
    cases: CASES,
    monitors: MONITORS,
    driverFaults: new Set(Object.keys(DRIVER_FAULTS)),
    hasFile: (id) => !hasSources || existsSync(packageFile(`cases/${id}.case.ts`)),
  });
  return { cases: CASES, monitors: MONITORS };
}
