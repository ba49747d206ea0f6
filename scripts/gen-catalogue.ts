/** Writes the generated files of the catalogue; `npm run tidy` fails while one is out of date. */
import { writeFileSync } from 'node:fs';
import { catalogueTexts } from './catalogue-text.ts';

for (const [path, text] of Object.entries(catalogueTexts())) writeFileSync(path, text);
