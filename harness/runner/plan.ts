/** Which variants run, and in which order: every situation with its machine, its control and what decides of its survival. */
import { machineOf } from '../../cases/api/default-machine.ts';
import type { Case, Variant } from '../../cases/api/define-case.ts';
import type { Given } from '../../cases/api/vocabulary.ts';
import type { RequirementId } from '../../cases/requirements/index.ts';
import { DEVICE_FAULTS } from '../../reference-device/device-faults.ts';
import type { MachineSetup } from '../../reference-device/machine-setup.ts';
import type { ProfileName } from '../../reference-device/profiles.ts';
import { isExperimental } from '../../reference-device/topology/topologies.ts';
import { didYouMean } from '../../reports/words/nearest.ts';
import { descriptionKey } from '../driver-contract/driver-session.ts';
import { EXIT, HarnessError } from '../harness-error.ts';
import { matchesGlob } from '../scoring/expectations.ts';
import { controlGiven } from './control.ts';
import { SeededRandom } from './random.ts';

/** The same steps without what is odd about them. */
export interface Control {
  readonly planned: PlannedVariant;
  /** A row of the case: what it shows is needed before anything can be said of the others. Else the control is derived. */
  readonly isNamed: boolean;
}

export interface PlannedVariant {
  /** `map/end-after-start:equal`; the variant's name is left out if it is the only one, or empty. */
  readonly id: string;
  readonly case: Case;
  readonly variant: Variant;
  /** The machine as it will be staged. */
  readonly setup: MachineSetup;
  /** By which requirement a driver is judged that does not live through it. */
  readonly survival: RequirementId;
  /** Left out where nothing is odd. */
  readonly control?: Control;
}

/** Every variant of the catalogue, in the catalogue's order, in front of a device with that profile. */
export const allVariants = (catalogue: readonly Case[], profile: ProfileName = 'spec'): PlannedVariant[] =>
  catalogue.flatMap((entry) => entry.variants.map((variant) => planned(entry, variant, profile)));

/** What makes the machine of a case: the profile, and what `besides` fills in where the case leaves something open. */
interface Surroundings {
  readonly profile: ProfileName;
  readonly besides: (given: Given) => Given;
}

/** One variant with all that can be said of it before it is played. `besides` holds for its control as well. */
export function planned(
  entry: Case,
  variant: Variant,
  profile: ProfileName = 'spec',
  besides: (given: Given) => Given = (given) => given,
): PlannedVariant {
  const surroundings = { profile, besides };
  const plain = situation(entry, variant, surroundings);
  const control = controlOf(entry, variant, surroundings);
  return control === undefined ? plain : { ...plain, control };
}

const idOf = (entry: Case, variant: Variant): string =>
  entry.variants.length === 1 || variant.name === '' ? entry.id : `${entry.id}:${variant.name}`;

function situation(entry: Case, variant: Variant, { profile, besides }: Surroundings): PlannedVariant {
  const setup = machineOf(besides(variant.given), profile, entry.needs);
  return { id: idOf(entry, variant), case: entry, variant, setup, survival: survivalIn(setup) };
}

function controlOf(entry: Case, variant: Variant, surroundings: Surroundings): Control | undefined {
  if (entry.control === 'none' || entry.control === variant.name) return undefined;
  const named = entry.variants.find(({ name }) => name === entry.control);
  if (named) return { planned: situation(entry, named, surroundings), isNamed: true };
  const given: Given | undefined = controlGiven(variant.given);
  if (given === undefined) return undefined;
  const derived = situation(entry, { ...variant, given }, surroundings);
  return { planned: { ...derived, id: `${derived.id} in an ordinary machine` }, isNamed: false };
}

/** A driver must survive any device that is merely odd; one that means harm is another matter, and scored as such. */
function survivalIn({ topology, faults }: MachineSetup): RequirementId {
  if (isExperimental(topology)) return 'experimental/survives';
  const hostile = faults.some(({ name }) => DEVICE_FAULTS[name].legality === 'hostile');
  return hostile ? 'platform/robustness/survives-hostile' : 'platform/robustness/survives';
}

export interface PlanOptions {
  /** Variants that match any of them; all if there are none. */
  readonly globs: readonly string[];
  readonly seed: number;
  readonly shuffle: boolean;
  readonly profile?: ProfileName | undefined;
}

/**
 * The variants that match any of `globs` or whose case does, in the catalogue's order; all if there are none. Throws a
 * `HarnessError` for a glob that matches nothing.
 */
export function chosenVariants(
  catalogue: readonly Case[],
  globs: readonly string[],
  profile?: ProfileName,
): PlannedVariant[] {
  const variants = allVariants(catalogue, profile);
  const matches = (glob: string, variant: PlannedVariant): boolean =>
    matchesGlob(glob, variant.id) || matchesGlob(glob, variant.case.id);
  for (const glob of globs) {
    if (variants.some((variant) => matches(glob, variant))) continue;
    const names = [...catalogue, ...variants].map(({ id }) => id);
    throw new HarnessError(`No case matches '${glob}'.`, {
      exitCode: EXIT.usage,
      hint: didYouMean(glob, new Set(names)) ?? 'viommuspec list shows every case.',
    });
  }
  return globs.length === 0 ? variants : variants.filter((it) => globs.some((glob) => matches(glob, it)));
}

/**
 * The chosen variants in the order of playing. Those that need the same description come together, since a new one costs a
 * new boot, and those that may cost the driver's life come last; `shuffle` mixes them within each group by the seed.
 */
export function planRun(catalogue: readonly Case[], options: PlanOptions): PlannedVariant[] {
  const { globs, seed, shuffle, profile } = options;
  const chosen = chosenVariants(catalogue, globs, profile);
  const random = new SeededRandom(seed);
  return describedGroups(chosen).flatMap((group) => {
    return shuffle ? random.shuffled(group) : [...group.filter(isPeaceful), ...group.filter((it) => !isPeaceful(it))];
  });
}

/**
 * One variant of each case of `plan`, in its order: the first that `isPlayable`, a control only where it has nothing else, or the
 * first of all where none can be played.
 */
export function oneOfEachCase(
  plan: readonly PlannedVariant[],
  isPlayable: (planned: PlannedVariant) => boolean,
): PlannedVariant[] {
  const isControl = ({ case: entry, variant }: PlannedVariant): boolean => entry.control === variant.name;
  const chosenOf = (entry: Case): PlannedVariant | undefined => {
    const variants = plan.filter((planned) => planned.case === entry);
    const playable = variants.filter(isPlayable);
    return playable.find((planned) => !isControl(planned)) ?? playable[0] ?? variants[0];
  };
  const chosen = new Set([...new Set(plan.map((planned) => planned.case))].map(chosenOf));
  return plan.filter((planned) => chosen.has(planned));
}

/** Whether the device does nothing that only a device which means harm would do. */
const isPeaceful = ({ survival }: PlannedVariant): boolean => survival !== 'platform/robustness/survives-hostile';

type Group = readonly [PlannedVariant, ...PlannedVariant[]];

/** The variants by what the platform's description says in front of them, in the order of the first of each. */
export function describedGroups(variants: readonly PlannedVariant[]): Group[] {
  const groups = new Map<string, [PlannedVariant, ...PlannedVariant[]]>();
  for (const variant of variants) {
    const key = descriptionKey(variant.setup);
    const group = groups.get(key);
    if (group) group.push(variant);
    else groups.set(key, [variant]);
  }
  return [...groups.values()];
}
