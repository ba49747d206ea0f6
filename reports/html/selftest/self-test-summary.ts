import type { SelfTest } from '../../record/self-test.ts';
import { html, type Markup } from '../escape.ts';
import { plantedMistakes } from './fault-matrix.ts';
import { counted } from '../../../reference-device/counted.ts';

/** How the self-test went, and what it was. */
export function selfTestSummary(selfTest: SelfTest): Markup {
  const { faults, characters, catalogue, complaints } = selfTest;
  const isSound = complaints.length === 0;
  const catches = plantedMistakes(selfTest);
  const caught = catches.filter(({ caughtIn }) => caughtIn !== null).length;
  const judgeCount = new Set(catches.map(({ judge }) => judge)).size;
  return html`<p class="conclusion ${isSound ? 'pass' : 'fail'}">${isSound ? 'Every planted mistake is caught as stated, and no legal driver is blamed.' : `The self-test has ${counted(complaints.length, 'complaint')}.`}</p>
<p>${counted(faults.length, 'mistake')}, planted in the sample driver one at a time; ${caught} of ${counted(catches.length, 'catch', 'catches')} by ${judgeCount} cases and monitors; ${characters.length + 1} drivers without a mistake before ${counted(catalogue.variants, 'variant')}.</p>
`;
}
