/** A story: a machine, and steps in front of it. It is played, judged and logged like a variant of a case. */
import { type Case, defineCase } from '../../cases/api/define-case.ts';
import { machineOf } from '../../cases/api/default-machine.ts';
import type { RequirementId } from '../../cases/api/vocabulary.ts';
import type { ProfileName } from '../../reference-device/profiles.ts';
import { planned, type PlannedVariant } from '../runner/plan.ts';
import { takeSteps } from './stage.ts';
import { type Step, stepCount } from './step.ts';
import type { StoryMachine } from './story-machine.ts';

export interface Story {
  readonly machine: StoryMachine;
  readonly steps: readonly Step[];
}

/** What a reader has to take in: steps count most, then what is unusual about the machine, then rounds and crooked numbers. */
export function weightOf({ machine, steps }: Story): number {
  const rounds = steps.reduce((sum, step) => sum + (step.do === 'repeat' ? step.times : 0), 0);
  return 100_000 * stepCount(steps) + 200 * textOf(machine).length + 20 * rounds + heaviness(textOf(steps));
}

/** A round number is easier to read than another of its length. */
const heaviness = (text: string): number => 5 * text.length - 4 * (text.match(/0/g)?.length ?? 0);

/** As JSON, with 64-bit numbers in hex. */
export const textOf = (value: unknown): string =>
  JSON.stringify(value, (_, field: unknown) => (typeof field === 'bigint' ? `0x${field.toString(16)}` : field));

/** How a story appears in logs and reports. */
export interface StoryTitle {
  /** A path, as those of cases: `explore/story-12`. */
  readonly id: string;
  readonly title: string;
}

/** What may be unusual about a device and is no reason to give it up, with the rule that says so. */
const NO_REASONS = [
  {
    aspect: 'configLength',
    words: 'the length of its configuration',
    rule: 'core/driver/config/check-minimum-size-only',
  },
  {
    aspect: 'capabilities',
    words: 'its list of capabilities',
    rule: 'pci/legacy/detection/non-transitional-scan-caps',
  },
] as const satisfies readonly { aspect: keyof StoryMachine; words: string; rule: RequirementId }[];

/** The only thing that is unusual, of what a control would be without. */
function onlyOddityOf({ faults = [], oddities = [], vectors, ...machine }: StoryMachine) {
  const [first, ...others] = NO_REASONS.filter(({ aspect }) => machine[aspect] !== undefined);
  const isOnly = faults.length === 0 && oddities.length === 0 && vectors === undefined && others.length === 0;
  return isOnly ? first : undefined;
}

/**
 * The story as a variant. Its own question is whether the driver gives a device up for what is no reason, and starts without that;
 * monitors judge the rest.
 */
export function plannedStory(
  { machine, steps }: Story,
  { id, title }: StoryTitle,
  profile: ProfileName,
): PlannedVariant {
  const setup = machineOf(machine, profile);
  const oddity = onlyOddityOf(machine);
  const entry: Case = defineCase({
    id,
    title,
    demands: 'A story that was drawn by lot: every rule that holds in any situation is judged in this one.',
    requirements: [
      'platform/robustness/survives',
      'platform/robustness/survives-hostile',
      ...(oddity ? [oddity.rule] : []),
    ],
    given: () => machine,
    when: (scene) => takeSteps(steps, scene, setup),
    then: (seen) => {
      const [first] = seen.calls();
      if (oddity === undefined || first?.verb !== 'start') return;
      const says = `The driver gives up a device for ${oddity.words}: ${first.answer.reason ?? 'no reason given'}.`;
      seen.check(oddity.rule, first.ok, first.answer, says);
    },
    mustCatch: {},
  });
  const [variant] = entry.variants;
  if (variant === undefined) throw new Error('assertion: a case without a table has one variant');
  return planned(oddity === undefined ? { ...entry, control: 'none' } : entry, variant, profile);
}
