/** Makes a story smaller as long as it still shows what it shows. */
import type { StoryMachine } from './story-machine.ts';
import { type SingleStep, type Step } from './step.ts';
import { type Story, textOf, weightOf } from './story.ts';

/**
 * The smallest story that was found as long as `goesOn`, and still `shows`. Greedy: any smaller story that shows the same is the one
 * to go on from, the bravest first.
 */
export async function shrunk(
  story: Story,
  shows: (story: Story) => Promise<boolean>,
  goesOn: () => boolean,
): Promise<Story> {
  let best = story;
  const refuted = new Set<string>();
  const smaller = async (): Promise<Story | undefined> => {
    for (const candidate of smallerStories(best)) {
      const text = textOf(candidate);
      if (refuted.has(text)) continue;
      if (!goesOn()) return undefined;
      if (await shows(candidate)) return candidate;
      refuted.add(text);
    }
    return undefined;
  };
  for (let next = await smaller(); next !== undefined; next = await smaller()) best = next;
  return best;
}

/** Every story that is a little, or a lot, smaller; the smallest come first. */
export function* smallerStories(story: Story): Generator<Story> {
  const weight = weightOf(story);
  for (const smaller of candidates(story)) if (weightOf(smaller) < weight) yield smaller;
}

function* candidates({ machine, steps }: Story): Generator<Story> {
  for (const fewer of fewerSteps(steps)) yield { machine, steps: fewer };
  for (const simpler of simplerMachines(machine)) yield { machine: simpler, steps };
  for (const simpler of simplerSteps(steps)) yield { machine, steps: simpler };
}

/** Without a run of steps: halves, quarters, and at last single steps. */
function* fewerSteps(steps: readonly Step[]): Generator<Step[]> {
  for (let size = Math.ceil(steps.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let from = steps.length - size; from > -size; from -= size) {
      const start = Math.max(0, from);
      yield [...steps.slice(0, start), ...steps.slice(start + size)];
    }
  }
}

/** Without one of the machine's peculiarities, or with less of one. */
function* simplerMachines(machine: StoryMachine): Generator<StoryMachine> {
  yield {};
  for (const key of Object.keys(machine) as (keyof StoryMachine)[]) {
    const { [key]: _, ...rest } = machine;
    yield rest;
  }
  for (const key of ['offers', 'withholds', 'faults', 'foreignFeatureBits', 'oddities', 'capabilities'] as const) {
    for (const [at] of (machine[key] ?? []).entries()) yield { ...machine, [key]: machine[key]?.toSpliced(at, 1) };
  }
  for (const key of ['config', 'endpoints'] as const) {
    for (const name of Object.keys(machine[key] ?? {})) {
      const part = Object.fromEntries(Object.entries(machine[key] ?? {}).filter(([other]) => other !== name));
      yield { ...machine, [key]: part };
    }
  }
  yield* simplerEndpoints(machine);
  yield* simplerDeviations(machine);
}

function* simplerEndpoints(machine: StoryMachine): Generator<StoryMachine> {
  for (const [slot, { resvMem = [] }] of Object.entries(machine.endpoints ?? {})) {
    const withRegions = (regions: typeof resvMem | undefined): StoryMachine => ({
      ...machine,
      endpoints: { ...machine.endpoints, [slot]: regions === undefined ? {} : { resvMem: regions } },
    });
    yield withRegions(undefined);
    for (let size = Math.ceil(resvMem.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
      for (let from = 0; from < resvMem.length; from += size) yield withRegions(resvMem.toSpliced(from, size));
    }
  }
}

function* simplerDeviations(machine: StoryMachine): Generator<StoryMachine> {
  const faults = machine.faults ?? [];
  for (const [at, fault] of faults.entries()) {
    for (const key of ['nth', 'request', 'status', 'during', 'endpoint'] as const) {
      if (!(key in fault)) continue;
      const { [key]: _, ...rest } = fault;
      yield { ...machine, faults: faults.with(at, rest) };
    }
  }
}

/** With one step that is simpler, or a repetition that is shorter. */
function* simplerSteps(steps: readonly Step[]): Generator<Step[]> {
  for (const [at, step] of steps.entries()) {
    if (step.do !== 'repeat') {
      for (const simpler of simplerStep(step)) yield steps.with(at, simpler);
      continue;
    }
    yield [...steps.slice(0, at), ...step.steps, ...steps.slice(at + 1)];
    for (const times of [2, Math.floor(step.times / 2), step.times - 1]) {
      if (times >= 2 && times < step.times) yield steps.with(at, { ...step, times });
    }
    for (const [inner, one] of step.steps.entries()) {
      if (step.steps.length > 1) yield steps.with(at, { ...step, steps: step.steps.toSpliced(inner, 1) });
      for (const simpler of simplerStep(one)) yield steps.with(at, { ...step, steps: step.steps.with(inner, simpler) });
    }
  }
  yield* shorterRepeats(steps);
}

/** All repetitions of one length are often about the same things, and have to become shorter together. */
function* shorterRepeats(steps: readonly Step[]): Generator<Step[]> {
  const counts = new Set(steps.flatMap((step) => (step.do === 'repeat' ? [step.times] : [])));
  for (const count of counts) {
    for (const times of [2, Math.floor(count / 2), Math.floor((count * 3) / 4), count - 1]) {
      if (times < 2 || times >= count) continue;
      yield steps.map((step) => (step.do === 'repeat' && step.times === count ? { ...step, times } : step));
    }
  }
}

const PLAIN_ADDRESS = 0x10_0000n;
const PLAIN_LENGTH = 0x1000;

function* simplerStep(step: SingleStep): Generator<SingleStep> {
  if (step.do === 'io' && step.length !== 64) yield { ...step, length: 64 };
  if ((step.do === 'map' || step.do === 'alloc') && step.length !== PLAIN_LENGTH)
    yield { ...step, length: PLAIN_LENGTH };
  if (step.do === 'map' && step.iova !== PLAIN_ADDRESS) yield { ...step, iova: PLAIN_ADDRESS };
  if (step.do === 'dma' && step.length !== 1) yield { ...step, length: 1 };
}
