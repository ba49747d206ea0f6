/** What a comparison found, as text. */
import type { Comparison, Difference, ReviewedDifference } from './comparison.ts';
import { REVIEWED_DIFFERENCES, REVIEWED_WITH } from './reviewed-differences.ts';
import type { RunOptions } from './run.ts';
import type { Step } from './steps.ts';

/** Differences that are told in full; the others are counted. */
const TOLD_MAX = 20;
/** Steps before a difference that are told. */
const BEFORE_MAX = 8;

const valueText = (value: unknown): string =>
  typeof value === 'bigint' ? `0x${value.toString(16)}` : typeof value === 'string' ? value : JSON.stringify(value);

const pairs = (of: object): string[] =>
  Object.entries(of).map(([name, value]: [string, unknown]) => `${name}=${valueText(value)}`);

/** A step on one line. */
function stepText(step: Step): string {
  if (step.do !== 'request') {
    const { do: what, ...rest } = step;
    return [what, ...pairs(rest)].join(' ');
  }
  const { do: _, request, ...how } = step;
  const { type, ...fields } = request;
  return [typeof type === 'number' ? `type ${type}` : type, ...pairs(fields), ...pairs(how)].join(' ');
}

function differenceText({ scenario, index, step, facet, qemu, ours, before }: Difference): string[] {
  const from = Math.max(0, before.length - BEFORE_MAX);
  const lead = before
    .slice(from)
    .map((earlier, at) => `      ${index - before.length + from + at}: ${stepText(earlier.step)}`);
  return [
    `  ${scenario}, ${step === undefined ? 'in the end' : `step ${index}`}: ${facet}`,
    ...lead,
    ...(step === undefined ? [] : [`    > ${index}: ${stepText(step)}`]),
    `    QEMU  ${qemu}`,
    `    ours  ${ours}`,
  ];
}

function entryText(entry: ReviewedDifference, count: number, explain: boolean): string[] {
  const line = `  ${String(count).padStart(5)}  ${entry.right.padEnd(4)}  ${entry.name.padEnd(40)}  ${entry.requirement}`;
  if (!explain) return [line];
  return [
    line,
    `           QEMU  ${entry.qemu}`,
    `           ours  ${entry.ours}`,
    `           why   ${entry.why}`,
    '',
  ];
}

/** Whether QEMU and ours differ as reviewed and not otherwise. After a partial run nothing can be said of stale entries. */
export const isAsReviewed = (comparison: Comparison, { only }: RunOptions): boolean =>
  comparison.unreviewed.length === 0 && (only !== undefined || comparison.stale.length === 0);

/** The whole report. `version` is QEMU's own line about itself. */
export function reportText(
  comparison: Comparison,
  options: RunOptions,
  { version, explain }: { readonly version: string; readonly explain: boolean },
): string {
  const { met, unreviewed, stale, scenarioCount, stepCount } = comparison;
  const { seed, streamCount, streamLength, only } = options;
  const told = unreviewed.slice(0, TOLD_MAX);
  const lines = [
    `${version}; the list was reviewed with ${REVIEWED_WITH}.`,
    only === undefined
      ? `${scenarioCount} scenarios, of which ${streamCount} are streams of ${streamLength} steps from seed ${seed} on; ${stepCount} steps on each device.`
      : `${only}: ${stepCount} steps on each device.`,
    '',
    'Reviewed differences that were met:',
    '  times  right name                                      requirement',
    ...REVIEWED_DIFFERENCES.flatMap((entry) => {
      const count = met.get(entry.name);
      return count === undefined ? [] : entryText(entry, count, explain);
    }),
    '',
    ...(only === undefined && stale.length > 0
      ? ['STALE, no difference like this was met:', ...stale.map(({ name }) => `  ${name}`), '']
      : []),
    ...(unreviewed.length > 0 ? ['NOT ON THE LIST:', ...told.flatMap(differenceText)] : []),
    ...(unreviewed.length > told.length ? [`  and ${unreviewed.length - told.length} more`] : []),
    isAsReviewed(comparison, options)
      ? 'As reviewed: apart from these the two devices say the same.'
      : `Not as reviewed: ${unreviewed.length} differences that are not on the list, ${only === undefined ? stale.length : 0} stale entries.`,
  ];
  return `${lines.join('\n')}\n`;
}
