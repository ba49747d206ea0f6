/** The result of a round of mutants, in Markdown. */
import type { Killer } from './killing.ts';
import type { Mutant } from './mutant.ts';

export interface Outcome {
  readonly mutant: Mutant;
  readonly killers: readonly Killer[];
  readonly seconds: number;
}

const variantCount = (killers: readonly Killer[]): number => new Set(killers.map(({ variant }) => variant)).size;

function row({ mutant, killers, seconds }: Outcome): string {
  const [first] = killers;
  const by = first ? `${first.variant} (${first.verdict === 'warn' ? 'SHOULD' : 'MUST'}, ${first.requirement})` : '–';
  const fate = first
    ? `caught in ${variantCount(killers)}`
    : `**survives**: ${mutant.survives ?? 'no reason is given'}`;
  return `| ${mutant.name} | ${mutant.configuration ?? 'strict'} | ${fate} | ${by} | ${seconds.toFixed(1)} s |`;
}

/** A line for each mutant, and the count below. `driver` says whose mutants they are. */
export function killTable(driver: string, outcomes: readonly Outcome[]): string {
  const caughtCount = outcomes.filter(({ killers }) => killers.length > 0).length;
  return [
    `# Mutants of ${driver}`,
    '',
    '| mutant | configuration | fate | first of the variants that catch it | build and run |',
    '|---|---|---|---|---|',
    ...outcomes.map(row),
    '',
    `${caughtCount} of ${outcomes.length} are caught.`,
    '',
  ].join('\n');
}

/** What is not as the table of mutants says: survivors without a reason, and reasons that are no longer true. */
export function surprisesIn(outcomes: readonly Outcome[]): string[] {
  return outcomes.flatMap(({ mutant: { name, survives }, killers }) => {
    if (killers.length === 0 && survives === undefined) return [`${name} survives, and no reason is given.`];
    return killers.length > 0 && survives !== undefined
      ? [`${name} is caught, and a reason is given why it is not.`]
      : [];
  });
}
