/** What the kernel of a Linux guest said to be wrong with it in the course of a run, read from the log of each variant. */
import type { CaseRecord, RunRecord } from './record/model.ts';
import { type KernelReport, kernelReports, whereText } from './words/kernel-reports.ts';

export interface KernelTrouble {
  readonly report: KernelReport;
  /** Variants in the course of which it was said. */
  readonly cases: readonly CaseRecord[];
}

/** What was said in the course of one variant. */
export const reportsIn = ({ judgement }: CaseRecord): KernelReport[] => kernelReports(judgement?.driverLog ?? '');

/** Each report once, in the order of the run, with all variants that brought it about: those that differ in addresses only are one. */
export function kernelTroubles(run: RunRecord): KernelTrouble[] {
  const troubles = new Map<string, { report: KernelReport; cases: CaseRecord[] }>();
  for (const record of run.cases) {
    for (const report of reportsIn(record)) {
      const key = [report.kind, report.by, report.says.replaceAll(/[0-9a-f]{6,}|\d+/g, '#')].join(' ');
      const known = troubles.get(key);
      if (!known) troubles.set(key, { report, cases: [record] });
      else if (known.cases.at(-1) !== record) known.cases.push(record);
    }
  }
  return [...troubles.values()];
}

/** `lockdep: WARNING: inconsistent lock state, in the driver (viommu_send_reqs_sync [virtio_iommu])` */
export function reportText(report: KernelReport): string {
  const { kind, says } = report;
  const isSaid = says.toLowerCase().startsWith(kind.toLowerCase());
  return `${isSaid ? '' : `${kind}: `}${says}, ${whereText(report)}`;
}
