/** The catalogue, as commands use it: looked over first. */
import { existsSync } from 'node:fs';
import type { Case } from '../../cases/api/define-case.ts';
import type { Monitor } from '../../cases/api/define-monitor.ts';
import { CASES, MONITORS } from '../../cases/catalogue.ts';
import { checkCatalogue } from '../runner/catalogue-check.ts';
import { DRIVER_FAULTS } from '../sample-driver/driver-faults.ts';

/** Case files lie at the same place beside this one in the sources and in a build. */
const ENDING = import.meta.url.endsWith('.ts') ? 'case.ts' : 'case.js';

/** All cases and monitors. Throws a `HarnessError` that names file and field if one of them is malformed. */
export function soundCatalogue(): { readonly cases: readonly Case[]; readonly monitors: readonly Monitor[] } {
  checkCatalogue({
    cases: CASES,
    monitors: MONITORS,
    driverFaults: new Set(Object.keys(DRIVER_FAULTS)),
    hasFile: (id) => existsSync(new URL(`../../cases/${id}.${ENDING}`, import.meta.url)),
  });
  return { cases: CASES, monitors: MONITORS };
}
