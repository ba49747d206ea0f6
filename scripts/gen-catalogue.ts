/** Writes cases/catalogue.ts; `npm run tidy` fails while it is out of date. */
import { writeFileSync } from 'node:fs';
import { CATALOGUE, catalogueText } from './catalogue-text.ts';

writeFileSync(CATALOGUE, catalogueText());
