import { describe, expect, it } from 'vitest';
import { commandLine, MAX_COMMAND_BYTES } from './command-line.ts';

describe('a command', () => {
  it('is one line of words', () => {
    const args = { domain: 'd1', iova: '0x100000', length: '8192', access: 'rw', buffer: 'b1' };
    expect(commandLine({ verb: 'map', args })).toBe('map domain=d1 iova=0x100000 length=8192 access=rw buffer=b1\n');
  });

  it('may have no arguments', () => {
    expect(commandLine({ verb: 'start', args: {} })).toBe('start\n');
  });

  it.each([
    ['a blank in the verb', { verb: 'st art', args: {} }],
    ['an empty verb', { verb: '', args: {} }],
    ['a newline in a value', { verb: 'map', args: { domain: 'd1\nstop' } }],
    ['a blank in a value', { verb: 'map', args: { domain: 'd 1' } }],
    ['an empty value', { verb: 'map', args: { domain: '' } }],
    ['an equals sign in a key', { verb: 'map', args: { 'a=b': 'c' } }],
    ['a value that is too long', { verb: 'poke', args: { bytes: '0'.repeat(MAX_COMMAND_BYTES) } }],
  ])('is refused with %s', (_why, command) => {
    expect(() => commandLine(command)).toThrow(/^assertion: /);
  });
});
