import { describe, expect, it } from 'vitest';
import { DEVICE_FAULTS } from './device-faults.ts';
import { faultsOf, isProfileName, legalityOf, PROFILES, type Profile, TO_BE_IGNORED } from './profiles.ts';

const profiles: readonly (readonly [string, Profile])[] = Object.entries(PROFILES);

describe('profiles', () => {
  it('are known by their names and by nothing else', () => {
    expect(profiles.every(([name]) => isProfileName(name))).toBe(true);
    expect(['', 'QEMU', 'toString'].some(isProfileName)).toBe(false);
  });

  it('are as legal as the worst of their switches', () => {
    expect(Object.fromEntries(profiles.map(([name, profile]) => [name, legalityOf(profile)]))).toEqual({
      spec: 'legal-variation',
      'awkward-legal': 'legal-variation',
      'large-pages': 'legal-variation',
      packed: 'legal-variation',
      qemu: 'violation',
      crosvm: 'violation',
      'cloud-hypervisor': 'violation',
      kvmtool: 'violation',
    });
    expect(legalityOf({ says: '', faults: ['never-complete', 'empty-events'] })).toBe('hostile');
  });

  it('of which awkward-legal does what no device may only where drivers have to put up with it', () => {
    const broken = faultsOf(PROFILES['awkward-legal']).filter(
      ({ name }) => DEVICE_FAULTS[name].legality !== 'legal-variation',
    );
    expect(broken.map(({ name }) => name).toSorted()).toEqual(Object.keys(TO_BE_IGNORED).toSorted());
  });
});
