import { describe, expect, it } from 'vitest';
import { columnsOf, onlyColumn } from './columns.ts';
import { DRIVER_OPTIONS } from './drivers.ts';
import { type Given, readOptions } from './options.ts';

const given = (...args: string[]): Given => readOptions(args, [...DRIVER_OPTIONS, 'profile'], 'run');
const names = (...args: string[]): string[] => columnsOf(given(...args)).map(({ name }) => name);

describe('the columns of a command line', () => {
  it('are one without a name where nothing is named twice', () => {
    expect(columnsOf(given())).toEqual([{ name: '', guest: 'strict', profile: 'spec', words: [] }]);
    expect(names('--kernel', '/k', '--modules', '/m', '--configuration', 'lazy')).toEqual(['']);
  });

  it('are every kernel with every configuration', () => {
    const columns = names('--kernel', 'trixie', '--kernel', 'trixie-backports', '--configuration', 'strict,packed');
    expect(columns).toEqual(['trixie strict', 'trixie packed', 'trixie-backports strict', 'trixie-backports packed']);
  });

  it('give each image the modules that stand in its place', () => {
    const columns = columnsOf(
      given('--kernel', '/boot/a', '--modules', '/m/6.1', '--kernel', 'trixie', '--kernel', '/b', '--modules', '/m/7'),
    );
    expect(columns.map(({ name, modules }) => [name, modules])).toEqual([
      ['6.1', '/m/6.1'],
      ['trixie', undefined],
      ['7', '/m/7'],
    ]);
  });

  it('know by which words they are chosen again', () => {
    const [, lazy] = columnsOf(given('--configuration', 'strict,lazy'));
    expect(lazy?.words).toEqual([['configuration', 'lazy']]);
  });

  it.each([
    [['--configuration', 'strict,loose'], "--configuration is 'loose'; it can be strict, lazy, passthrough, packed."],
    [['--configuration', 'lazy,lazy'], "Two runs would be called 'lazy'."],
    [['--configuration', 'packed', '--profile', 'qemu'], '--configuration packed says what the device is like'],
    [['--kernel', 'trixie', '--kernel', '/k', '--modules', '/a', '--modules', '/b'], '--modules is given more often'],
  ])('are refused where they say nothing clear: %j', (args, sentence) => {
    expect(() => columnsOf(given(...args))).toThrow(sentence);
  });

  it('are too many for a command that plays one driver', () => {
    expect(() => onlyColumn(given('--configuration', 'strict,lazy'), 'verify')).toThrow(
      'verify takes one kernel and one configuration.',
    );
  });
});
