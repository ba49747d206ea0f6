/** A device profile in prose. */
import { DEVICE_FAULTS, type DeviceFault } from '../../reference-device/device-faults.ts';
import { faultsOf, legalityOf, PROFILES, type Profile, type ProfileName } from '../../reference-device/profiles.ts';

/** What the device is like with the profile `name`, and what it does that `spec` does not. */
export function explainProfile(name: ProfileName): string {
  const profile: Profile = PROFILES[name];
  const { config = {}, queueSizes, features, alsoOffers, resvMem } = profile;
  const facts = [
    ...Object.entries(config).map(([field, value]) => `  ${field}: ${shown(value)}\n`),
    ...(queueSizes ? [`  queue sizes: ${queueSizes.join(' and ')}\n`] : []),
    ...(features ? [`  features: ${features.join(', ')}\n`] : []),
    ...(alsoOffers ? [`  features besides: ${alsoOffers.join(', ')}\n`] : []),
    ...(resvMem ?? []).map(({ subtype, start, end }) => `  RESV_MEM of subtype ${subtype}: ${shown({ start, end })}\n`),
  ];
  const faults = faultsOf(profile);
  return [
    `${name}, a device profile (${legalityOf(profile)})\n${profile.says}\n`,
    facts.length > 0 ? `\nWhere a case does not say, the device has\n${facts.join('')}` : '',
    faults.length > 0 ? `\nIt does these things otherwise:\n${faults.map(lineOf).join('')}` : '',
    `\nRun with it: npx viommuspec run --profile ${name}\n`,
  ].join('');
}

function lineOf({ name, request, nth }: DeviceFault): string {
  const which = [...(request === undefined ? [] : [request]), ...(nth === undefined ? [] : [`number ${nth}`])];
  const { legality, says } = DEVICE_FAULTS[name];
  return `  ${name}${which.length > 0 ? ` (${which.join(' ')})` : ''}: ${says} (${legality})\n`;
}

function shown(value: unknown): string {
  if (typeof value === 'bigint') return `0x${value.toString(16)}`;
  if (typeof value !== 'object' || value === null) return String(value);
  const { start, end } = value as { readonly start?: unknown; readonly end?: unknown };
  return `${shown(start)} to ${shown(end)}`;
}
