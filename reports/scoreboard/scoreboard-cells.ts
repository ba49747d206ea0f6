/** What the cells of a scoreboard say, in every rendering of it. */
import type { RequirementStanding } from '../comparison.ts';
import type { RequirementState } from '../html/verdict-badge.ts';
import { SCORE_NAMES, SCORES } from '../run-view.ts';
import type { Scoreboard, ScoreboardRow, TopicCell } from './scoreboard.ts';

/** Scores are held of applicable, and how many were exercised at all, since the two together are what a score says. */
export const SCORE_HEAD: readonly string[] = [
  '',
  'driver',
  'MUSTs broken',
  'platform rules broken',
  'crashes, hangs',
  'not followed',
  'scored against',
  'variants',
  ...SCORES.map((name) => SCORE_NAMES[name]),
  'failed',
  'warned',
  'untested',
];

/** The run's row of the first table, but for its number and the driver's name. */
export function scoreCells(row: ScoreboardRow): string[] {
  const { requirementSet, variants, scores, counts, isComplete, broken, crashed } = row;
  const shown = SCORES.map((name) => {
    const score = scores?.[name];
    return score ? `${score.held} of ${score.applicable} held, ${score.exercised} exercised` : '–';
  });
  const failed = counts.fail + counts.expected + counts.error;
  return [
    `${broken.must}`,
    `${broken.rule}`,
    `${crashed}`,
    `${broken.should + broken.advice}`,
    requirementSet,
    `${variants.played} of ${variants.all}`,
    ...shown,
    isComplete ? String(failed) : `${failed}, INCOMPLETE`,
    String(counts.warn),
    String(counts.untested),
  ];
}

/** `12 passed`, `10 passed, 2 failed`; a dash for a run without the topic. */
export function topicCell(cell: TopicCell | undefined): string {
  if (!cell) return '–';
  const parts = [
    ...(cell.good > 0 ? [`${cell.good} passed`] : []),
    ...(cell.bad > 0 ? [`${cell.bad} failed`] : []),
    ...(cell.open > 0 ? [`${cell.open} not judged`] : []),
  ];
  return parts.join(', ');
}

/** The head of a table with a column for each run. */
export const runHead = (name: string, { rows }: Scoreboard): string[] => [
  name,
  ...rows.map(({ number }) => `${number}`),
];

const STATES: Readonly<Record<RequirementStanding, RequirementState>> = {
  broken: 'broken',
  held: 'held',
  'not-exercised': 'unexercised',
  'not-applicable': 'inapplicable',
  absent: 'absent',
};

/** A SHOULD is not followed, where a MUST is broken. */
export const stateOf = (standing: RequirementStanding, keyword: string): RequirementState =>
  standing === 'broken' && !keyword.startsWith('MUST') ? 'missed' : STATES[standing];
