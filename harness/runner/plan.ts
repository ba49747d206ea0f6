/** Which variants run, and in which order. */
import type { Case, Variant } from '../../cases/api/define-case.ts';
import { DEVICE_FAULTS } from '../../reference-device/device-faults.ts';
import type { TopologyName } from '../../reference-device/machine-setup.ts';
import { didYouMean } from '../../words/nearest.ts';
import { EXIT, HarnessError } from '../harness-error.ts';
import { matchesGlob } from '../scoring/expectations.ts';
import { SeededRandom } from './random.ts';

export interface PlannedVariant {
  /** `map/end-after-start:equal`; the variant's name is left out if it is the only one. */
  readonly id: string;
  readonly case: Case;
  readonly variant: Variant;
}

/** Every variant of the catalogue, in the catalogue's order. */
export function allVariants(catalogue: readonly Case[]): PlannedVariant[] {
  return catalogue.flatMap((entry) =>
    entry.variants.map((variant) => ({
      id: entry.variants.length === 1 ? entry.id : `${entry.id}:${variant.name}`,
      case: entry,
      variant,
    })),
  );
}

/**
 * The variants that match any of `globs` or whose case does, in the catalogue's order; all if there are none. Throws a
 * `HarnessError` for a glob that matches nothing.
 */
export function chosenVariants(catalogue: readonly Case[], globs: readonly string[]): PlannedVariant[] {
  const variants = allVariants(catalogue);
  const matches = (glob: string, planned: PlannedVariant): boolean =>
    matchesGlob(glob, planned.id) || matchesGlob(glob, planned.case.id);
  for (const glob of globs) {
    if (variants.some((planned) => matches(glob, planned))) continue;
    const names = [...catalogue, ...variants].map(({ id }) => id);
    throw new HarnessError(`No case matches '${glob}'.`, {
      exitCode: EXIT.usage,
      hint: didYouMean(glob, new Set(names)) ?? 'viommuspec list shows every case.',
    });
  }
  return globs.length === 0 ? variants : variants.filter((it) => globs.some((glob) => matches(glob, it)));
}

/**
 * The chosen variants in the order of playing. Those that need the same topology come together,
 * since a new topology costs a new boot, and those that may cost the driver's life come last; `shuffle` mixes them within
 * each group by the seed.
 */
export function planRun(
  catalogue: readonly Case[],
  options: { readonly globs: readonly string[]; readonly seed: number; readonly shuffle: boolean },
): PlannedVariant[] {
  const { globs, seed, shuffle } = options;
  const chosen = chosenVariants(catalogue, globs);
  const random = new SeededRandom(seed);
  const topologies = [...new Set(chosen.map(topologyOf))];
  return topologies.flatMap((topology) => {
    const group = chosen.filter((planned) => topologyOf(planned) === topology);
    return shuffle ? random.shuffled(group) : [...group.filter(isPeaceful), ...group.filter((it) => !isPeaceful(it))];
  });
}

/** Whether the device does nothing that only a device which means harm would do. */
const isPeaceful = ({ variant }: PlannedVariant): boolean =>
  (variant.given.faults ?? []).every(
    (fault) => DEVICE_FAULTS[typeof fault === 'string' ? fault : fault.name].legality !== 'hostile',
  );

/** What the platform description says when `planned` is played. */
export const topologyOf = (planned: PlannedVariant): TopologyName => planned.variant.given.topology ?? 'plain';
