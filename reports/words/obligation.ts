/**
 * What a requirement is called wherever one is named. The specification's keyword stands for the specification alone; what is
 * implied by prose, platforms and agreed behaviour binds by another word.
 */
import { counted } from '../../reference-device/counted.ts';

/** From what binds most to what binds least. */
export const OBLIGATIONS = ['must', 'rule', 'should', 'advice'] as const;
export type Obligation = (typeof OBLIGATIONS)[number];

/** What is known of a requirement; `virtio` is the specification, and is meant where nothing is said. */
interface Bound {
  readonly keyword: string;
  readonly source?: string | undefined;
}

export function obligationOf({ keyword, source = 'virtio' }: Bound): Obligation {
  if (keyword.startsWith('MUST')) return source === 'virtio' ? 'must' : 'rule';
  return source === 'virtio' ? 'should' : 'advice';
}

/** For sorting: what binds most first. */
export const obligationRank = (bound: Bound): number => OBLIGATIONS.indexOf(obligationOf(bound));

/** `MUST NOT`, `SHOULD`, `platform rule`, `platform advice`. */
export function obligationWord(bound: Bound): string {
  switch (obligationOf(bound)) {
    case 'rule':
      return 'platform rule';
    case 'advice':
      return 'platform advice';
    case 'must':
    case 'should':
      return bound.keyword;
  }
}

export type ObligationCounts = Readonly<Record<Obligation, number>>;

/** `1 specification MUST and 4 platform rules broken, 2 SHOULDs not followed`. */
export function brokenWords({ must, rule, should, advice }: ObligationCounts): string {
  const broken = [
    ...(must > 0 ? [counted(must, 'specification MUST')] : []),
    ...(rule > 0 ? [counted(rule, 'platform rule')] : []),
  ];
  const missed = [
    ...(should > 0 ? [counted(should, 'SHOULD')] : []),
    ...(advice > 0 ? [counted(advice, 'piece of platform advice', 'pieces of platform advice')] : []),
  ];
  const parts = [
    broken.length > 0 ? `${broken.join(' and ')} broken` : 'no specification MUST or platform rule broken',
    ...(missed.length > 0 ? [`${missed.join(' and ')} not followed`] : []),
  ];
  return parts.join(', ');
}
