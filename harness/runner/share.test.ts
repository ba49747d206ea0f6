import { describe, expect, it } from 'vitest';
import { CASES } from '../../cases/catalogue.ts';
import type { TopologyName } from '../../reference-device/machine-setup.ts';
import { descriptionKey } from '../driver-contract/driver-session.ts';
import { allVariants, type PlannedVariant } from './plan.ts';
import { Share } from './share.ts';

const VARIANTS = allVariants(CASES);
const inFrontOf = (topology: TopologyName, count: number): PlannedVariant[] =>
  VARIANTS.filter(({ setup }) => descriptionKey(setup) === topology).slice(0, count);

const PLAIN = { topology: 'plain' } as const;
const MMIO = { topology: 'mmio' } as const;

describe('a plan that is shared out', () => {
  it('goes in its order to whoever asks, where a driver starts at once', () => {
    const plan = [...inFrontOf('plain', 2), ...inFrontOf('mmio', 2)];
    const share = new Share(plan, false);
    const given = [PLAIN, undefined, PLAIN, PLAIN].map((described) => share.next(described));
    expect(given).toEqual(plan);
    expect(share.next(MMIO)).toBeUndefined();
  });

  it('keeps a job in front of its machine as long as there is something to play there', () => {
    const [plain, mmio] = [inFrontOf('plain', 2), inFrontOf('mmio', 2)];
    const share = new Share([...plain, ...mmio], true);
    expect(share.next(MMIO)).toBe(mmio[0]);
    expect(share.next(MMIO)).toBe(mmio[1]);
    expect(share.next(MMIO)).toBe(plain[0]);
  });

  it('gives a machine that another job has begun to a driver that starts slowly only where much is left of it', () => {
    const [many, mmio] = [inFrontOf('plain', 31), inFrontOf('mmio', 1)];
    const share = new Share([...many, ...mmio], true);
    expect(share.next(undefined)).toBe(many[0]);
    expect(share.next(undefined)).toBe(many[1]);
    expect(share.next(undefined)).toBe(mmio[0]);
    expect(share.next(MMIO)).toBeUndefined();
    expect(share.next(PLAIN)).toBe(many[2]);
  });
});
