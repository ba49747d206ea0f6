import { expect, it } from 'vitest';
import { compareSections, sectionTitle } from './section-titles.ts';

it('gives a section the title of the nearest section around it', () => {
  expect(sectionTitle('5.13.6.5.1')).toBe('5.13.6.5.1 MAP request');
  expect(sectionTitle('2.7.99')).toBe('2.7.99 Split virtqueues');
});

it('leaves a section outside the specification alone', () => {
  expect(sectionTitle('DMA lifetime')).toBe('DMA lifetime');
  expect(sectionTitle('constructor')).toBe('constructor');
  expect(sectionTitle('')).toBe('');
});

it('orders numbers as numbers, parents first, and names last', () => {
  const sections = ['DMA lifetime', '2.10', '5.13.6', '2.7.1', 'ACPI VIOT', '2.7', '5.13.6.3'];
  expect(sections.toSorted(compareSections)).toEqual([
    '2.7',
    '2.7.1',
    '2.10',
    '5.13.6',
    '5.13.6.3',
    'ACPI VIOT',
    'DMA lifetime',
  ]);
});
