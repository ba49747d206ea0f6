/** What tells one mistake of a driver from another, whatever story shows it. */
import { rootsOf } from '../../reports/record/root-findings.ts';
import { isSlotName } from '../../reference-device/machine-setup.ts';
import type { Finding } from '../../reports/record/model.ts';

/** The requirement and what is wrong: numbers of queues, addresses, and which endpoint it is, are the story's. */
export const causeOf = ({ requirement, subject = '' }: Pick<Finding, 'requirement' | 'subject'>): string =>
  [requirement, ...subject.split(' ').filter((word) => !isSlotName(word) && !/^(0x[0-9a-f]+|\d+)$/.test(word))]
    .join(' ')
    .trim();

/** The causes among `findings`, each with the first that shows it. */
export function causesIn(findings: readonly Finding[]): ReadonlyMap<string, Finding> {
  const causes = new Map<string, Finding>();
  for (const finding of rootsOf(findings)) {
    const cause = causeOf(finding);
    if (!causes.has(cause)) causes.set(cause, finding);
  }
  return causes;
}
