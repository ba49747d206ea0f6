/**
 * Workflow commands of GitHub Actions: printed by a step, they become annotations. GitHub shows ten errors and ten
 * warnings of a step, so each cause is told once, and the last one says how many more there are. No file is named: the
 * cases are not part of the repository that is tested.
 */
import type { Finding, RequirementRow, RunRecord } from '../record/model.ts';
import { counted } from '../../reference-device/counted.ts';
import { headlineOf, headlineText } from '../headline.ts';
import { clipped, oneLine } from '../printable.ts';
import type { Reporter } from '../reporter.ts';
import { rootCauses } from '../root-causes.ts';
import {
  bySentence,
  casesByOutcome,
  conclusionOf,
  incompleteness,
  isRedWithoutCause,
  originOf,
  placeOf,
  requirementsById,
  wentWrong,
} from '../run-view.ts';
import { specificationUrl } from '../words/specification.ts';

/** What GitHub shows of each level, of one step. */
const SHOWN_MAX = 10;
const TITLE_MAX = 150;
const MESSAGE_MAX = 1000;

export const githubAnnotations: Reporter = { fileName: 'annotations.txt', render };

type Level = 'error' | 'warning' | 'notice';

function render(run: RunRecord, baseline?: RunRecord): string {
  const incomplete = incompleteness(run);
  const whole = [
    ...(incomplete === undefined ? [] : [command('error', 'INCOMPLETE', [incomplete])]),
    ...(isRedWithoutCause(run) ? [command('error', 'viommuspec', [conclusionOf(run).says])] : []),
  ];
  const { errors, warnings } = causeCommands(run);
  const lines = [
    ...shown('error', [...whole, ...unexplained(run), ...errors]),
    ...shown('warning', warnings),
    command('notice', 'viommuspec', [headlineText(headlineOf(run, baseline))]),
  ];
  return lines.map((line) => `${line}\n`).join('');
}

/** Each cause once, with what its requirement is called, its section and its name; then what went wrong beside. */
function causeCommands(run: RunRecord): { readonly errors: string[]; readonly warnings: string[] } {
  const rows = requirementsById(run);
  const all = rootCauses(run).filter(({ isExpected }) => !isExpected);
  const lines = (verdict: Finding['verdict'], level: Level): string[] =>
    all
      .filter(({ findings: [finding] }) => finding.verdict === verdict)
      .map(({ findings: [finding], first, others }) =>
        command(level, `virtio-iommu ${placeOf(rows, finding)} ${finding.requirement}`, [
          `${finding.says}${sameIn(others)}`,
          ...sourceOf(rows.get(finding.requirement)),
          ...(first.judgement ? [first.judgement.repeat] : []),
        ]),
      );
  return { errors: lines('fail', 'error'), warnings: lines('warn', 'warning') };
}

const sameIn = (others: readonly unknown[]): string =>
  others.length === 0 ? '' : ` The same in ${counted(others.length, 'more variant')}.`;

function unexplained(run: RunRecord): string[] {
  const cases = [...wentWrong(run), ...(casesByOutcome(run).get('unfinished') ?? [])];
  return bySentence(cases).map(({ says, records: [first, ...others] }) =>
    command('error', first.started.id, [
      `${says}${sameIn(others)}`,
      ...(first.judgement ? [first.judgement.repeat] : []),
    ]),
  );
}

/** Where it stands that this is demanded, or on what agreement it rests. */
function sourceOf(row: RequirementRow | undefined): string[] {
  const source = row && (specificationUrl(row) ?? originOf(row));
  return source === undefined ? [] : [source];
}

function shown(level: Level, commands: readonly string[]): string[] {
  if (commands.length <= SHOWN_MAX) return [...commands];
  const more = commands.length - SHOWN_MAX + 1;
  return [
    ...commands.slice(0, SHOWN_MAX - 1),
    command(level, 'viommuspec', [`And ${more} more; the report has them.`]),
  ];
}

function command(level: Level, title: string, lines: readonly string[]): string {
  const message = lines.map((line) => clipped(oneLine(line), MESSAGE_MAX)).join('\n');
  return `::${level} title=${property(clipped(oneLine(title), TITLE_MAX))}::${data(message)}`;
}

/** What would end the command, or begin an escape, is escaped; a line feed shows as one. */
const data = (text: string): string => text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');

/** In a property, what would end it as well. */
const property = (text: string): string => data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
