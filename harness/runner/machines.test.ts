import { expect, it } from 'vitest';
import { CASES } from '../../cases/catalogue.ts';
import { machineObjection } from '../../reference-device/machine-validation.ts';
import { PROFILES, type ProfileName } from '../../reference-device/profiles.ts';
import { allVariants } from './plan.ts';

it.each(Object.keys(PROFILES) as ProfileName[])(
  'every case stages a machine that somebody can have: profile %s',
  (profile) => {
    const objections = allVariants(CASES, profile).flatMap(({ id, setup }) => {
      const says = machineObjection(setup);
      return says === undefined ? [] : [`${id}: ${says}`];
    });
    expect(objections).toEqual([]);
  },
);
