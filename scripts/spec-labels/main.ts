/**
 * Says how the tables of requirements stand to a checkout of the specification (oasis-tcs/virtio-spec):
 *
 *     npm run spec-labels -- path/to/virtio-spec
 *     npm run spec-labels -- path/to/virtio-spec --anchors
 *
 * which of their labels it no longer has, and which of its normative statements about drivers have no row. Exits 1 if there
 * is either, 2 if the folder is no checkout. The tables are those of virtio 1.4. The second writes down where the published edition of that version has
 * the sections that the tables name.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { REQUIREMENTS } from '../../cases/requirements/index.ts';
import { type Checkout, checkLabels, type CountDifference } from './label-check.ts';
import { headingsOf, strayAnchors } from './headings.ts';
import { normativeBlocks, plainLabels } from './normative-blocks.ts';

/** What the tables are about. Of chapters that they do not name at all, such as other device types, nothing is asked. */
const OURS = [
  'Basic Facilities of a Virtio Device',
  'General Initialization And Device Operation',
  'Reserved Feature Bits',
  'Virtio Transport Options / Virtio Over PCI Bus',
  'Virtio Transport Options / Virtio Over MMIO',
  'Device Types / IOMMU Device',
];

/** Parts of those that bind no driver of an IOMMU. */
const NOT_OURS = [
  'Basic Facilities of a Virtio Device / Administration virtqueues',
  'Basic Facilities of a Virtio Device / Device groups',
  'Basic Facilities of a Virtio Device / Shared Memory Regions',
  'Virtio Transport Options / Virtio Over PCI Bus / PCI-specific Initialization And Device Operation / Shared memory capability',
];

const isOurs = (label: string): boolean => {
  const title = label.replace(/^drivernormative:/, '');
  const isIn = (part: string): boolean => title === part || title.startsWith(`${part} /`);
  return label.startsWith('drivernormative:') && OURS.some(isIn) && !NOT_OURS.some(isIn);
};

/** Change logs quote what was, and the chapter on conformance only refers. */
const IS_ASIDE = /(^|\/)(cl-|changelog|conformance)[^/]*$/;

function readCheckout(folder: string): Checkout {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  const files = names
    .filter((name) => name.endsWith('.tex') && !IS_ASIDE.test(name))
    .toSorted()
    .map((name) => ({ name, text: readFileSync(join(folder, name), 'utf8') }));
  return {
    blocks: files.flatMap(({ name, text }) => normativeBlocks(text, name)),
    plainLabels: files.flatMap(({ text }) => plainLabels(text)),
  };
}

const line = ({ block, keyword, lines, rowCount }: CountDifference): string =>
  `  ${block.file}:${block.line}  ${block.label}\n` +
  `    ${lines.length} ${keyword}${lines.length > 0 ? `, on line ${lines.join(', ')}` : ''}; ${rowCount} of our rows\n`;

const section = (title: string, lines: readonly string[]): string =>
  lines.length === 0 ? '' : `${title}\n\n${lines.join('')}\n`;

function report(checkout: Checkout): { readonly text: string; readonly isClean: boolean } {
  const { lost, withoutRow, surplus } = checkLabels(REQUIREMENTS, checkout, isOurs);
  const text = [
    section(
      'Labels of our tables that the checkout does not have:',
      lost.map(({ label, ids }) => `  ${label}\n${ids.map((id) => `    ${id}\n`).join('')}`),
    ),
    section('Statements without a row (more of them than rows):', withoutRow.map(line)),
    section('More rows than statements:', surplus.map(line)),
    `${lost.length} labels are gone; in ${withoutRow.length} places there are statements without a row.\n`,
  ].join('');
  return { text, isClean: lost.length === 0 && withoutRow.length === 0 };
}

const ANCHORS = 'reports/words/section-anchors.ts';

/** Writes the anchors of all sections that a row names; what speaks against it, if anything does. */
function writeAnchors(folder: string): string | undefined {
  const read = (name: string): string | undefined => {
    const path = [name, `${name}.tex`].map((file) => join(folder, file)).find((file) => existsSync(file));
    return path === undefined ? undefined : readFileSync(path, 'utf8');
  };
  const headings = headingsOf('main.tex', read);
  const strays = strayAnchors(headings);
  if (strays.length > 0)
    return `The headings are not those of virtio 1.4: ${strays.join(', ')} would have other anchors.`;
  const named = new Set(REQUIREMENTS.map(({ section }) => section));
  const rows = headings.flatMap(({ section, anchor }) =>
    section !== undefined && named.has(section) ? [`  '${section}': '${anchor}',\n`] : [],
  );
  const says =
    'Made by `npm run spec-labels -- path/to/virtio-spec --anchors`: sections in the HTML edition of virtio 1.4.';
  writeFileSync(
    ANCHORS,
    `/** ${says} */\nexport const SECTION_ANCHORS: Readonly<Record<string, string>> = {\n${rows.join('')}};\n`,
  );
  return undefined;
}

function main([folder, option]: readonly string[]): number {
  if (folder === undefined) {
    process.stderr.write('spec-labels needs the path of a checkout of the specification.\n');
    return 2;
  }
  let checkout: Checkout;
  try {
    checkout = readCheckout(folder);
  } catch (error) {
    process.stderr.write(`${folder} cannot be read: ${error instanceof Error ? error.message : String(error)}.\n`);
    return 2;
  }
  if (checkout.blocks.length === 0) {
    process.stderr.write(
      `${folder} has no normative blocks in its .tex files; it is no checkout of the specification.\n`,
    );
    return 2;
  }
  if (option === '--anchors') {
    const wrong = writeAnchors(folder);
    process.stderr.write(wrong === undefined ? '' : `${wrong}\n`);
    return wrong === undefined ? 0 : 1;
  }
  const { text, isClean } = report(checkout);
  process.stdout.write(text);
  return isClean ? 0 : 1;
}

process.exitCode = main(process.argv.slice(2));
