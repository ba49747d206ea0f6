import type { RunRecord } from '../record/model.ts';
import type { Reporter } from '../reporter.ts';
import { type Badge, badgeOf } from './badge.ts';

/** The badge as a picture, for places without a shields server. */
export const badgeSvg: Reporter = { fileName: 'badge.svg', render: (run: RunRecord) => svg(badgeOf(run)) };

const COLOURS: Readonly<Record<Badge['color'], string>> = {
  brightgreen: '#2f7d32',
  red: '#b3261e',
  lightgrey: '#6b6b6b',
};

/** Widths in pixels. The text is stretched to its place, so that no font has to be measured. */
const CHARACTER_WIDTH = 6.6;
const MARGIN = 6;
const HEIGHT = 20;

/** Nothing in it comes from outside: label and message are our own words and numbers. */
function svg({ label, message, color }: Badge): string {
  const left = widthOf(label);
  const right = widthOf(message);
  const width = left + right;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${HEIGHT}" role="img" aria-label="${label}: ${message}">`,
    `<title>${label}: ${message}</title>`,
    `<rect width="${left}" height="${HEIGHT}" fill="#444"/>`,
    `<rect x="${left}" width="${right}" height="${HEIGHT}" fill="${COLOURS[color]}"/>`,
    `<g fill="#fff" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11">${placed(label, 0, left)}${placed(message, left, right)}</g>`,
    '</svg>\n',
  ].join('');
}

const widthOf = (text: string): number => Math.round(text.length * CHARACTER_WIDTH) + 2 * MARGIN;

const placed = (text: string, from: number, room: number): string =>
  `<text x="${from + MARGIN}" y="14" textLength="${room - 2 * MARGIN}" lengthAdjust="spacingAndGlyphs">${text}</text>`;
