/** Draws stories: new ones, and others made of those that have shown something. */
import { machineOf } from '../../cases/api/default-machine.ts';
import type { ProfileName } from '../../reference-device/profiles.ts';
import type { Described } from '../driver-contract/driver-session.ts';
import { Activity } from './activity.ts';
import { nextSteps } from './phrases.ts';
import { type Bounds, describedSo, drawnMachine, otherMachine } from './drawn-machine.ts';
import type { Lots } from './lots.ts';
import { type SingleStep, type Step, stepCount } from './step.ts';
import type { Story } from './story.ts';

export interface Drawing {
  readonly lots: Lots;
  readonly bounds: Bounds;
  readonly profile: ProfileName;
  /** Of every machine that is drawn now. */
  readonly described: Described;
}

const LENGTHS = [6, 12, 20, 20, 30, 60] as const;
/** Longer ones are slow to play, and show little more. */
const STEPS_MAX = 120;

export function drawnStory({ lots, bounds, profile, described }: Drawing): Story {
  const machine = drawnMachine(described, lots, bounds);
  const steps: Step[] = [];
  const activity = new Activity(machineOf(machine, profile));
  for (const length = lots.of(LENGTHS); stepCount(steps) < length; ) {
    const drawn = nextSteps(activity, lots);
    activity.apply(drawn);
    steps.push(...drawn);
  }
  return { machine, steps };
}

/** `story` with a change, or with the end of `other`. */
export function changedStory(story: Story, other: Story, drawing: Drawing): Story {
  const { lots } = drawing;
  let changed = story;
  for (let count = lots.of([1, 1, 2, 3]); count > 0; count--) changed = lots.weighted(CHANGES)(changed, other, drawing);
  return { machine: describedSo(changed.machine, drawing.described), steps: changed.steps.slice(0, STEPS_MAX) };
}

type Change = (story: Story, other: Story, drawing: Drawing) => Story;

const CHANGES: readonly (readonly [number, Change])[] = [
  [
    5,
    ({ machine, steps }, _, { lots, profile }) => {
      const at = lots.below(steps.length + 1);
      const activity = new Activity(machineOf(machine, profile), steps.slice(0, at));
      return { machine, steps: [...steps.slice(0, at), ...nextSteps(activity, lots), ...steps.slice(at)] };
    },
  ],
  [
    3,
    ({ machine, steps }, _, { lots, profile }) => {
      const activity = new Activity(machineOf(machine, profile), steps);
      const more: Step[] = [];
      for (let count = lots.of([2, 4, 8]); count > 0; count--) {
        const drawn = nextSteps(activity, lots);
        activity.apply(drawn);
        more.push(...drawn);
      }
      return { machine, steps: [...steps, ...more] };
    },
  ],
  [
    2,
    ({ machine, steps }, _, { lots }) => {
      const from = lots.below(steps.length + 1);
      return { machine, steps: steps.toSpliced(from, lots.of([1, 1, 2, 5])) };
    },
  ],
  [
    1,
    ({ machine, steps }, _, { lots }) => {
      const from = lots.below(steps.length + 1);
      const repeated = steps
        .slice(from, from + lots.of([1, 2, 4]))
        .filter((step): step is SingleStep => step.do !== 'repeat');
      if (repeated.length === 0) return { machine, steps };
      const round: Step = { do: 'repeat', times: lots.of([2, 3, 9, 20]), steps: repeated };
      return { machine, steps: steps.toSpliced(from, repeated.length, round) };
    },
  ],
  [
    2,
    ({ machine, steps }, other, { lots }) => ({
      machine,
      steps: [
        ...steps.slice(0, lots.below(steps.length + 1)),
        ...other.steps.slice(lots.below(other.steps.length + 1)),
      ],
    }),
  ],
  [4, ({ machine, steps }, _, { lots, bounds }) => ({ machine: otherMachine(machine, lots, bounds), steps })],
  [1, ({ steps }, other) => ({ machine: other.machine, steps })],
];
