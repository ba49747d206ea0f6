/** The catalogue, as commands use it: looked over first. */
import { existsSync } from 'node:fs';
import type { Case } from '../../cases/api/define-case.ts';
import type { Monitor } from '../../cases/api/define-monitor.ts';
import { CASES, MONITORS } from '../../cases/catalogue.ts';
import { packageFile } from '../package-files.ts';
import { isDraft } from '../scoring/requirement-set.ts';
import { checkCatalogue } from '../runner/catalogue-check.ts';
import { fileOfOwnCase } from './own-cases.ts';
import { DRIVER_FAULTS } from '../drivers/sample-driver/driver-faults.ts';

/** An installed package has no case files, so there is nothing to compare with. */
const hasSources = existsSync(packageFile('cases/catalogue.ts'));

/** All that is scored and proven: what is a draft is left out. */
export function provenCatalogue(): ReturnType<typeof soundCatalogue> {
  const { cases, monitors } = soundCatalogue();
  return { cases: cases.filter((it) => !isDraft(it, '1.4')), monitors };
}

/** All cases and monitors. Throws a `HarnessError` that names file and field if one of them is malformed. */
export function soundCatalogue(): { readonly cases: readonly Case[]; readonly monitors: readonly Monitor[] } {
  checkCatalogue({
    cases: CASES,
    monitors: MONITORS,
    driverFaults: new Set(Object.keys(DRIVER_FAULTS)),
    fileOf: (id) => fileOfOwnCase(id) ?? `cases/${id}.case.ts`,
    hasFile: (id) => fileOfOwnCase(id) !== undefined || !hasSources || existsSync(packageFile(`cases/${id}.case.ts`)),
  });
  return { cases: CASES, monitors: MONITORS };
}
