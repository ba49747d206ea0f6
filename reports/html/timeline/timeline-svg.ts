/**
 * What the machine was like over time, as a picture: the commands, the queues, and for each domain the IOVA space with
 * its mappings as bars and the accesses of endpoints as marks. The page's script moves a cursor over it.
 */
import type { LoggedTraceEvent } from '../../record/model.ts';
import { counted } from '../../../reference-device/counted.ts';
import { clipped } from '../../printable.ts';
import { html, type Markup } from '../escape.ts';
import { addressAxis, type AddressAxis } from './address-axis.ts';
import { type History, historyOf } from './history.ts';
import type { AccessMark, DomainHistory, IovaHistory, Region } from './iova-history.ts';
import type { QueueHistory } from './queue-history.ts';
import type { Mark, Span } from './spans.ts';

const WIDTH = 1000;
/** Left of it stand the names. */
const GUTTER = 190;
const RIGHT = 8;
const LANE_HEIGHT = 22;
const BAR_HEIGHT = 14;
const MARK_RADIUS = 5;
const LETTER_WIDTH = 6.6;
/** Longer histories are cut at the end, and wider domains at the first so many mappings and accesses. */
const STEPS_MAX = 1500;
const RANGES_MAX = 40;
const TITLE_MAX = 300;

const LEGEND =
  'Solid on requestq: a request that the device has. Short line: a notification, a buffer taken, a fault reported. Green: mapped. Blue: attached. Dashed yellow: reserved. Grey: outside ' +
  'of input_range. r and w: an access that was done. A cross: an access that was blocked, or a ring that is wrong. The ' +
  'dashed line: the evidence.';

/** Where a step lies, in pixels. */
interface TimeAxis {
  readonly count: number;
  /** Steps at which something proves a finding. */
  readonly proven: ReadonlySet<number>;
  /** Left edge of a step. */
  x(step: number): number;
  centre(step: number): number;
}

/** A piece of the picture and how high it is. */
interface Panel {
  readonly height: number;
  draw(y: number, time: TimeAxis): Markup;
}

/** The picture, or undefined if nothing happened that it could show. `proofs` are the `seq`s of events to be marked. */
export function timeline(trace: readonly LoggedTraceEvent[], proofs: readonly number[]): Markup | undefined {
  const history = historyOf(trace);
  const steps = history.steps.slice(0, STEPS_MAX);
  if (steps.length < 2) return undefined;
  const panels = panelsOf(history);
  const proven = new Set(
    proofs.map((seq) => steps.findLastIndex((step) => step.seq <= seq)).filter((step) => step >= 0),
  );
  const time = timeAxis(steps.length, proven);
  const height = panels.reduce((sum, panel) => sum + panel.height, LANE_HEIGHT);
  let y = 0;
  const drawn = panels.map((panel) => {
    const piece = panel.draw(y, time);
    y += panel.height;
    return piece;
  });
  const proofLines = [...proven].map((step) => proofLine(step, { height, time }));
  const says = `${counted(steps.length, 'step')} of time from left to right, ${counted(history.commands.length, 'command')}, ${counted(history.spaces.size === 0 ? 0 : mappingCount(history), 'mapping')}`;
  return html`<figure class="timeline"><div class="scroll" tabindex="0" role="group" aria-label="Queues and IOVA space over time, can be scrolled"><svg viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${says}" data-left="${GUTTER}" data-step="${stepWidth(steps.length).toFixed(3)}" data-seqs="${steps.map(({ seq }) => seq).join(' ')}">${drawn}${proofLines}${seqAxis(steps, y, time)}</svg></div><figcaption class="note">${LEGEND}</figcaption></figure>
`;
}

const mappingCount = ({ spaces }: History): number =>
  [...spaces.values()].flatMap(({ domains }) => domains).reduce((sum, { mappings }) => sum + mappings.length, 0);

const stepWidth = (count: number): number => (WIDTH - GUTTER - RIGHT) / count;

function timeAxis(count: number, proven: ReadonlySet<number>): TimeAxis {
  const width = stepWidth(count);
  const x = (step: number): number => GUTTER + Math.min(step, count) * width;
  return { count, proven, x, centre: (step) => x(step) + width / 2 };
}

function panelsOf(history: History): Panel[] {
  const queues = history.queues.map((queue) => queuePanel(queue));
  const spaces = [...history.spaces].flatMap(([name, space]) =>
    space.domains.map((domain) => domainPanel(history.spaces.size > 1 ? `${name} ` : '', domain, space)),
  );
  return [commandPanel(history), ...queues, ...spaces];
}

function commandPanel({ commands }: History): Panel {
  return {
    height: LANE_HEIGHT,
    draw: (y, time) =>
      html`${laneName('commands', y)}${commands.map((command) => bar(command, { y: y + 4, height: BAR_HEIGHT, look: command.failed ? 'command failed' : 'command', label: command.verb }, time))}`,
  };
}

function queuePanel({ name, enabled, inFlight, marks }: QueueHistory): Panel {
  return {
    height: LANE_HEIGHT,
    draw: (y, time) =>
      html`${laneName(name, y)}${enabled.map((span) => bar(span, { y: y + 4, height: BAR_HEIGHT, look: 'enabled' }, time))}${inFlight.map(
        (span) => bar(span, { y: y + 7, height: BAR_HEIGHT - 6, look: 'flight' }, time),
      )}${marks.map((mark) => (mark.bad ? cross(mark, y + 11, time) : tick(mark, y, time)))}`,
  };
}

/** Attachments as a strip, and below it the address space, if anything was mapped or accessed there. */
function domainPanel(prefix: string, domain: DomainHistory, space: IovaHistory): Panel {
  const mappings = domain.mappings.slice(0, RANGES_MAX);
  const accesses = domain.accesses.slice(0, RANGES_MAX);
  const regions = mappings.length + accesses.length > 0 ? space.reserved.slice(0, RANGES_MAX) : [];
  const axis = addressAxis([...mappings, ...accesses, ...regions].filter(({ start, end }) => end >= start));
  const left = domain.mappings.length + domain.accesses.length - mappings.length - accesses.length;
  const name = domain.domain === undefined ? `${prefix}in no domain` : `${prefix}domain ${domain.domain}`;
  const rest = left > 0 ? ` (${left} ranges more)` : '';
  return {
    height: LANE_HEIGHT + axis.height + 8,
    draw: (y, time) => {
      const top = y + LANE_HEIGHT;
      return html`${laneName(`${name}${rest}`, y)}${domain.attachments.map((span) =>
        bar(
          span,
          {
            y: y + 4,
            height: BAR_HEIGHT,
            look: 'attached',
            label: span.says.replace(/^endpoint | in domain \d+/g, ''),
          },
          time,
        ),
      )}${addressNames(axis, top)}${outsides(space.apertures, { axis, top, time })}${regions.map((region) => rangeBar(region, 'reserved', { axis, top, time }))}${mappings.map(
        (region) => rangeBar(region, 'mapping', { axis, top, time }),
      )}${accesses.map((mark) => accessMark(mark, { axis, top, time }))}`;
    },
  };
}

interface Place {
  readonly axis: AddressAxis;
  /** Where the axis begins. */
  readonly top: number;
  readonly time: TimeAxis;
}

const laneName = (name: string, y: number): Markup =>
  html`<text class="name" x="0" y="${y + 15}">${clipped(name, 26)}</text><line class="rule" x1="0" x2="${WIDTH}" y1="${y}" y2="${y}"/>`;

/** The first address of each range in use, and a dotted gap between. */
function addressNames(axis: AddressAxis, top: number): Markup {
  return html`${axis.bands.map(({ start, y, height, used }) =>
    used
      ? html`<text class="address" x="${GUTTER - 8}" y="${top + y + 12}">0x${start.toString(16)}</text><line class="row" x1="${GUTTER}" x2="${WIDTH - RIGHT}" y1="${top + y}" y2="${top + y}"/>`
      : html`<line class="gap" x1="${GUTTER}" x2="${WIDTH - RIGHT}" y1="${top + y + height / 2}" y2="${top + y + height / 2}"/>`,
  )}`;
}

/** Rows outside of input_range are shaded, as long as it was so. */
function outsides(apertures: readonly Region[], { axis, top, time }: Place): Markup {
  return html`${apertures.flatMap((aperture) =>
    axis.bands
      .filter(({ start, end, used }) => used && (end < aperture.start || start > aperture.end))
      .map(({ y, height }) =>
        bar({ ...aperture, says: `outside of ${aperture.says}` }, { y: top + y, height, look: 'outside' }, time),
      ),
  )}`;
}

function rangeBar(region: Region, look: string, { axis, top, time }: Place): Markup | undefined {
  const { y, height } = axis.place(region);
  const label = region.says
    .replace(/^domain \d+: \S+ /, '')
    .replace(/^.*?: (?=RESV)/, '')
    .replace(/ 0x\S+$/, '');
  return bar(region, { y: top + y + 1, height: Math.max(2, height - 2), look, label }, time);
}

interface Look {
  readonly y: number;
  readonly height: number;
  readonly look: string;
  /** Stands in the bar if there is room. */
  readonly label?: string;
}

function bar(span: Span, { y, height, look, label }: Look, time: TimeAxis): Markup | undefined {
  if (span.from >= time.count) return undefined;
  const until = Math.min(span.until ?? time.count, time.count);
  const x = time.x(span.from);
  const width = Math.max(2, time.x(until) - x);
  const title = html`<title>${clipped(span.says, TITLE_MAX)}</title>`;
  return html`<rect class="${look}" data-span="${span.from} ${until}" x="${x.toFixed(1)}" y="${y}" width="${width.toFixed(1)}" height="${height}" rx="2">${title}</rect>${
    label !== undefined &&
    barLabel(label, { x, width, y: y + Math.min(height, 18) / 2 + 4, isBeside: look === 'mapping' })
  }`;
}

/** Inside the bar, or before it where marks lie in it; nowhere if there is no room. */
function barLabel(
  label: string,
  { x, width, y, isBeside }: { x: number; width: number; y: number; isBeside: boolean },
): Markup | undefined {
  const length = label.length * LETTER_WIDTH + 6;
  if (isBeside && x - length > GUTTER)
    return html`<text class="label before" x="${(x - 5).toFixed(1)}" y="${y}">${label}</text>`;
  return length <= width ? html`<text class="label" x="${(x + 4).toFixed(1)}" y="${y}">${label}</text>` : undefined;
}

/** A circle with r or w for an access that was done, a cross for one that was not. */
function accessMark(mark: AccessMark, { axis, top, time }: Place): Markup | undefined {
  const { y } = axis.place(mark);
  const middle = top + y + 9;
  if (mark.bad) return cross(mark, middle, time);
  if (mark.step >= time.count) return undefined;
  const x = time.centre(mark.step).toFixed(1);
  return html`<g class="access${time.proven.has(mark.step) && html` proven`}" data-at="${mark.step}"><circle cx="${x}" cy="${middle}" r="${MARK_RADIUS}"/><text x="${x}" y="${middle + 3}">${mark.access.charAt(0)}</text><title>${clipped(mark.says, TITLE_MAX)}</title></g>`;
}

/** A short line at the top of a lane, for what is as it should be. */
function tick(mark: Mark, y: number, time: TimeAxis): Markup | undefined {
  if (mark.step >= time.count) return undefined;
  const x = time.centre(mark.step).toFixed(1);
  return html`<path class="tick" data-at="${mark.step}" d="M${x} ${y + 2}v4"><title>${clipped(mark.says, TITLE_MAX)}</title></path>`;
}

function cross(mark: Mark, y: number, time: TimeAxis): Markup | undefined {
  if (mark.step >= time.count) return undefined;
  const x = time.centre(mark.step);
  const [left, right, up, down] = [x - MARK_RADIUS, x + MARK_RADIUS, y - MARK_RADIUS, y + MARK_RADIUS];
  return html`<g class="cross" data-at="${mark.step}"><path d="M${left.toFixed(1)} ${up}L${right.toFixed(1)} ${down}M${right.toFixed(1)} ${up}L${left.toFixed(1)} ${down}"/><title>${clipped(mark.says, TITLE_MAX)}</title></g>`;
}

function proofLine(step: number, { height, time }: { height: number; time: TimeAxis }): Markup {
  const x = time.centre(step).toFixed(1);
  return html`<line class="proof" x1="${x}" x2="${x}" y1="0" y2="${height - LANE_HEIGHT}"/>`;
}

/** Numbers of events, as many as fit; those that prove something are among them. */
function seqAxis(steps: History['steps'], y: number, time: TimeAxis): Markup {
  const every = Math.max(1, Math.ceil(60 / stepWidth(steps.length)));
  const isCrowded = (step: number): boolean =>
    [...time.proven].some((other) => other !== step && Math.abs(other - step) < every / 2);
  const numbers = steps.map(({ seq }, step) => {
    const isProof = time.proven.has(step);
    if (!isProof && (step % every !== 0 || isCrowded(step))) return undefined;
    return html`<text class="seq${isProof && html` proven`}" x="${time.centre(step).toFixed(1)}" y="${y + 15}">${seq}</text>`;
  });
  return html`${laneName('event', y)}${numbers}`;
}
