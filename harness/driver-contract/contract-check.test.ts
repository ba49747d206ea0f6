import { describe, expect, it } from 'vitest';
import { checkContract, inventVerb } from './contract-check.ts';
import type { Answer, DriverSession } from './driver-session.ts';
import { fakeIdentity, fakeMachine } from './fixtures/fake-machine.ts';

const answering = (outcome: Answer['outcome']): DriverSession => ({
  machine: fakeMachine(),
  identity: fakeIdentity(),
  command: async () => ({ outcome, values: {} }),
  takeLog: () => '',
  close: async () => {},
});

describe('the check before any case', () => {
  it('asks for a word that is no verb', () => {
    expect(inventVerb()).toMatch(/^[a-z]{14}$/);
    expect(inventVerb((limit) => limit - 1)).toBe('zzzzzzzzzzzzzz');
  });

  it('is passed by SKIP, and by nothing else', async () => {
    expect(await checkContract(answering('skip'), 'word')).toBeUndefined();
    expect(await checkContract(answering('ok'), 'word')).toMatch(/none of its answers can be believed/);
    expect(await checkContract(answering('not-ok'), 'word')).toMatch(/has to answer "ok … # SKIP"/);
  });
});
