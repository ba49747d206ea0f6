/** What a machine's deviations make it impossible to tell. */
import { type Blur, DEVICE_FAULTS, type DeviceFaultName } from '../../reference-device/device-faults.ts';
import type { EventOf } from '../../reference-device/trace-events.ts';

const isDeviation = (name: string): name is DeviceFaultName => Object.hasOwn(DEVICE_FAULTS, name);

/** What is blurred for as long as these deviations are switched on. */
export const blursOf = (deviations: readonly { readonly name: string }[]): ReadonlySet<Blur> =>
  new Set(
    deviations
      .map(({ name }) => name)
      .filter(isDeviation)
      .map((name) => DEVICE_FAULTS[name].blurs),
  );

/** The deviations that struck a completion or a fault report, by name. */
export const deviationsOf = ({ fault }: { readonly fault?: string }): DeviceFaultName[] =>
  (fault?.split(', ') ?? []).filter(isDeviation);

/** Whether a deviation that blurs `blur` struck this completion. */
export const isStruck = (completion: Pick<EventOf<'completion'>, 'fault'>, blur: Blur): boolean =>
  deviationsOf(completion).some((name) => DEVICE_FAULTS[name].blurs === blur);
