/**
 * Workflow commands of GitHub Actions: printed by a step, they become annotations. GitHub shows ten errors and ten
 * warnings of a step, so each cause is told once, and the last one says how many more there are. No file is named: the
 * cases are not part of the repository that is tested.
 */
import type { CaseRecord, RequirementRow, RunRecord } from '../record/model.ts';
import { counted } from '../../reference-device/counted.ts';
import { clipped, oneLine } from '../printable.ts';
import type { Reporter } from '../reporter.ts';
import {
  byCause,
  casesByOutcome,
  conclusionOf,
  findingsOf,
  incompleteness,
  isRedWithoutCause,
  keywordOf,
  originOf,
  requirementsById,
  sectionOf,
  sentenceOf,
} from '../run-view.ts';
import { specificationUrl } from '../words/specification.ts';

/** What GitHub shows of each level, of one step. */
const SHOWN_MAX = 10;
const TITLE_MAX = 150;
const MESSAGE_MAX = 1000;

export const githubAnnotations: Reporter = { fileName: 'annotations.txt', render };

type Level = 'error' | 'warning' | 'notice';

function render(run: RunRecord): string {
  const groups = casesByOutcome(run);
  const rows = requirementsById(run);
  const incomplete = incompleteness(run);
  const whole = [
    ...(incomplete === undefined ? [] : [command('error', 'INCOMPLETE', incomplete)]),
    ...(isRedWithoutCause(run) ? [command('error', 'viommuspec', conclusionOf(run).says)] : []),
  ];
  const errors = ['error', 'fail', 'unfinished'] as const;
  const untested = groups.get('untested') ?? [];
  const lines = [
    ...shown('error', [...whole, ...errors.flatMap((outcome) => causes('error', groups.get(outcome) ?? [], rows))]),
    ...shown('warning', causes('warning', groups.get('warn') ?? [], rows)),
    ...(untested.length === 0
      ? []
      : [
          command(
            'notice',
            'untested',
            `${counted(untested.length, 'variant')} could not be judged; the report says why.`,
          ),
        ]),
  ];
  return lines.map((line) => `${line}\n`).join('');
}

type Rows = ReadonlyMap<string, RequirementRow>;

function causes(level: Level, cases: readonly CaseRecord[], rows: Rows): string[] {
  return byCause(cases).map(({ first, others }) => {
    const also = others.length === 0 ? '' : ` and ${counted(others.length, 'more variant')}`;
    const lines = [
      clipped(oneLine(sentenceOf(first)), MESSAGE_MAX),
      `Found in ${first.started.id}${also}.`,
      ...sourceOf(first, rows),
      ...(first.judgement ? [first.judgement.repeat] : []),
    ];
    return command(level, titleOf(first, rows), lines.join('\n'));
  });
}

/** `virtio-iommu MUST 5.13.6.5.1 iommu/driver/map/end-above-start`, or the variant where no requirement is broken. */
function titleOf(record: CaseRecord, rows: Rows): string {
  const [worst] = findingsOf(record);
  if (worst === undefined) return record.started.id;
  const { requirement } = worst;
  return ['virtio-iommu', keywordOf(rows, worst), sectionOf(rows, requirement) ?? '', requirement].join(' ');
}

/** Where it stands that this is demanded, or on what agreement it rests. */
function sourceOf(record: CaseRecord, rows: Rows): string[] {
  const row = rows.get(findingsOf(record)[0]?.requirement ?? '');
  const source = row && (specificationUrl(row) ?? originOf(row));
  return source === undefined ? [] : [source];
}

function shown(level: Level, commands: readonly string[]): string[] {
  if (commands.length <= SHOWN_MAX) return [...commands];
  const more = commands.length - SHOWN_MAX + 1;
  return [...commands.slice(0, SHOWN_MAX - 1), command(level, 'viommuspec', `And ${more} more; the report has them.`)];
}

function command(level: Level, title: string, message: string): string {
  const lines = message.split('\n').map((line) => clipped(oneLine(line), MESSAGE_MAX));
  return `::${level} title=${property(clipped(oneLine(title), TITLE_MAX))}::${data(lines.join('\n'))}`;
}

/** What would end the command, or begin an escape, is escaped; a line feed shows as one. */
const data = (text: string): string => text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');

/** In a property, what would end it as well. */
const property = (text: string): string => data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
