import { expect, it } from 'vitest';
import { changedVariants, type Round } from '../runner/verify.ts';
import { verifyText } from './verify-command.ts';

const pass = { verdict: 'pass', broken: [] } as const;
const fail = { verdict: 'fail', broken: ['x/y'] } as const;

it('names what changed, in which rounds, and the command that repeats one that differs', () => {
  const rounds: Round[] = [pass, fail, pass].map((outcome, index) => ({
    seed: 7 + index,
    outcomes: new Map([
      ['map/a', outcome],
      ['map/b', pass],
    ]),
  }));
  const result = { rounds, changed: changedVariants(rounds), errors: [], isComplete: true };
  expect(verifyText(result, (seed) => `npx viommuspec run --shuffle --seed ${seed}`)).toBe(
    [
      'CHANGES  map/a',
      '  rounds 1, 3: pass',
      '  round 2: fail, breaks x/y',
      '  Repeat round 2: npx viommuspec run --shuffle --seed 8',
      '3 rounds of 2 variants: 1 verdict changed.',
      '',
    ].join('\n'),
  );
});
