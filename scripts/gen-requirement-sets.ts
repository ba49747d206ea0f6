/** Writes cases/requirements/sets.ts; `npm run tidy` fails while it is out of date. */
import { writeFileSync } from 'node:fs';
import { SETS, setsText } from './requirement-sets-text.ts';

writeFileSync(SETS, setsText());
