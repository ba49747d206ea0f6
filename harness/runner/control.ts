/**
 * The control of an experiment. What happens without the oddity as well says nothing about the oddity: it is no breach there,
 * and nothing that held there was put to the test.
 */
import { rootsOf } from '../../reports/record/root-findings.ts';
import type { Given } from '../../cases/api/vocabulary.ts';
import type { CaseResult } from '../scoring/judge-play.ts';

/**
 * The given of the same steps in front of a device that does nothing odd, looks like others, and is described plainly;
 * undefined where that is so. Its configuration, its features and its endpoints stay: they are what the steps are about.
 */
export function controlGiven({ faults = [], oddities = [], ...rest }: Given): Given | undefined {
  const { foreignFeatureBits, vectors, capabilities, configLength, ...given } = rest;
  const isOdd = [foreignFeatureBits, vectors, capabilities, configLength].some((oddity) => oddity !== undefined);
  return isOdd || faults.length > 0 || oddities.length > 0 ? given : undefined;
}

/** Whether `result` says anything that its control could take back. */
export const needsControl = ({ own }: CaseResult, isNamed: boolean): boolean =>
  isNamed ? own.judged.length > 0 : rootsOf(own.findings).length > 0;

/** `result` without what its control shows to be no matter of the oddity. `name` is the control's. */
export function withControl(result: CaseResult, control: CaseResult, { name, isNamed }: ControlName): CaseResult {
  const broken = rootsOf(control.own.findings);
  const [reason] = broken;
  const hasShown = reason === undefined && control.refused === undefined && control.own.judged.length > 0;
  const isUnfit = isNamed && !hasShown;
  const isVoid = (requirement: string): boolean =>
    isUnfit || broken.some((finding) => finding.requirement === requirement);
  const judged = result.own.judged.filter(({ requirement }) => !isVoid(requirement));
  if (judged.length === result.own.judged.length) return result;
  return {
    ...result,
    own: { judged, findings: result.own.findings.filter(({ requirement }) => !isVoid(requirement)) },
    unanswered: result.unanswered ?? {
      verdict: 'untested',
      says: `In ${name} it is the same: ${reason?.says ?? control.refused ?? control.unanswered?.says ?? 'nothing could be judged.'}`,
    },
  };
}

export interface ControlName {
  readonly name: string;
  readonly isNamed: boolean;
}
