/** What the Linux kernel says to be wrong with it, read from its log: which check, what, and in whose code. The log is hostile. */
import { type Frame, framesIn, type KernelPart, nearestFrame } from './backtrace.ts';
import { LINE_BEGINNING, REPORT_FORMS } from './kernel-report-forms.ts';

export interface KernelReport {
  /** What found it, such as `KASAN` or `lockdep`. */
  readonly kind: string;
  /** The kernel's own words: the first line, without a full stop. */
  readonly says: string;
  readonly isCrash: boolean;
  /** Whose code stands in the backtraces, nearest to the driver under test; undefined if there is none to be read. */
  readonly part: KernelPart | undefined;
  /** The function by which that is known. */
  readonly by: string | undefined;
}

const SAYS_MAX = 200;
const LINE_MAX = 600;
/** Lines that belong to one report at most. */
const REPORT_LINES = 300;
const REPORTS_MAX = 50;

const BEGINNINGS = REPORT_FORMS.map(({ kind, isCrash, untilRule = false, begins }) => ({
  kind,
  isCrash,
  untilRule,
  form: new RegExp(`${LINE_BEGINNING}((?:${begins.join('|')}).*)`),
}));
const END = /---\[ end (?:trace|Kernel panic)|<\/TASK>/;
const RULE = new RegExp(`${LINE_BEGINNING}={20,}$`);

interface OpenReport {
  readonly kind: string;
  readonly says: string;
  isCrash: boolean;
  readonly untilRule: boolean;
  readonly frames: Frame[];
  lineCount: number;
  hasEnded: boolean;
}

/** The reports in `log`, in their order, at most 50 of them. A panic that ends what was reported before is no report of its own. */
export function kernelReports(log: string): KernelReport[] {
  const reports: OpenReport[] = [];
  for (const whole of log.split('\n')) {
    const line = whole.slice(0, LINE_MAX).trimEnd();
    const last = reports.at(-1);
    const begun = beginningIn(line);
    if (begun && !continues(last, begun)) {
      if (reports.length >= REPORTS_MAX) break;
      reports.push({ ...begun, frames: framesIn(line), lineCount: 1, hasEnded: false });
    } else if (last && !last.hasEnded) {
      last.isCrash ||= begun?.isCrash ?? false;
      last.frames.push(...framesIn(line));
      last.lineCount++;
      last.hasEnded = last.lineCount >= REPORT_LINES || (last.untilRule ? RULE : END).test(line);
    }
  }
  return reports.map(finished);
}

type Beginning = Pick<OpenReport, 'kind' | 'says' | 'isCrash' | 'untilRule'>;

function beginningIn(line: string): Beginning | undefined {
  for (const { kind, isCrash, untilRule, form } of BEGINNINGS) {
    const says = form.exec(line)?.[1];
    if (says !== undefined)
      return { kind, isCrash, untilRule, says: says.trim().slice(0, SAYS_MAX).replace(/\.$/, '') };
  }
  return undefined;
}

/** Whether `next` belongs to what was begun before it: one fault is announced by several lines, and ended by a panic. */
function continues(last: OpenReport | undefined, next: Beginning): boolean {
  if (!last) return false;
  if (next.kind === 'panic') return last.isCrash;
  return !last.hasEnded && (last.frames.length === 0 || next.kind === 'oops' || next.kind === 'warning');
}

function finished({ kind, says, isCrash, frames }: OpenReport): KernelReport {
  const nearest = nearestFrame(frames);
  return { kind, says, isCrash, part: nearest?.part, by: nearest?.name };
}

const WHERE: Readonly<Record<KernelPart, string>> = {
  driver: 'in the driver',
  virtio: "in the kernel's virtio code",
  iommu: "in the kernel's IOMMU code",
  elsewhere:
    'in another part of the kernel: no function of the driver, of virtio or of the IOMMU core is in its backtrace',
};

/** `in the driver (viommu_map_pages [virtio_iommu])`, as far as it can be told. */
export function whereText({ part, by, says }: KernelReport): string {
  if (part === undefined) return 'without a backtrace';
  const isNamed = part === 'elsewhere' || by === undefined || says.includes(by);
  return isNamed ? WHERE[part] : `${WHERE[part]} (${by})`;
}
