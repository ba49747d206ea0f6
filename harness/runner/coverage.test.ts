import { describe, expect, it } from 'vitest';
import { REQUIREMENTS, type Requirement } from '../../cases/requirements/index.ts';
import { type Coverage, coverageOf } from './coverage.ts';

/** A row with an id of the tables; only what coverage reads matters. */
function row(index: number, text: Partial<Requirement>): Requirement {
  const { id } = REQUIREMENTS[index]!;
  return {
    id,
    keyword: 'MUST',
    section: '2.7.10',
    since: '1.0',
    when: [],
    says: 'Something.',
    origin: 'virtio',
    ...text,
  };
}

const sectionsOf = ({ sections }: Coverage): string[] => sections.map(({ section }) => section);

describe('coverage', () => {
  it('tells what is judged from what is missing and from what nobody can judge', () => {
    const rows = [row(0, {}), row(1, {}), row(2, { notTestable: 'Not visible.' })];
    const { classes, sections } = coverageOf(rows, new Set([rows[0]!.id]), '1.4');
    expect(classes.MUST).toEqual({ judged: 1, notTestable: 1, missing: 1 });
    expect(sections).toEqual([
      {
        section: '2.7.10',
        origin: 'virtio',
        count: { judged: 1, notTestable: 1, missing: 1 },
        notTestable: [rows[2]],
        missing: [rows[1]],
      },
    ]);
  });

  it('counts each keyword apart, and never mixes implied rows with them', () => {
    const rows = [
      row(0, { keyword: 'MUST NOT' }),
      row(1, { keyword: 'SHOULD' }),
      row(2, { keyword: 'SHOULD NOT' }),
      row(3, { origin: 'implied' }),
    ];
    const { classes } = coverageOf(rows, new Set(), '1.4');
    expect(Object.values(classes).map(({ missing }) => missing)).toEqual([0, 1, 1, 1, 1]);
  });

  it('leaves out what counts from a later revision on', () => {
    const rows = [row(0, {}), row(1, { since: '1.3' }), row(2, { scoredFrom: '1.4' })];
    const missing = (['1.2', '1.3', '1.4'] as const).map(
      (revision) => coverageOf(rows, new Set(), revision).classes.MUST.missing,
    );
    expect(missing).toEqual([1, 2, 3]);
  });

  it('orders sections by their numbers, then names, and puts implied ones last', () => {
    const rows = [
      row(0, { section: 'Bring-up', origin: 'implied' }),
      row(1, { section: '2.7.10' }),
      row(2, { section: '2.7.9' }),
      row(3, { section: '5.13.6', origin: 'implied' }),
      row(4, { section: '-', origin: 'implied' }),
    ];
    expect(sectionsOf(coverageOf(rows, new Set(), '1.4'))).toEqual(['2.7.9', '2.7.10', '5.13.6', '-', 'Bring-up']);
  });
});
