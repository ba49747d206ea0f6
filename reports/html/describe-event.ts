/** Says in words what a trace event is. Events come from a log and may hold anything; unknown kinds are shown as JSON. */
import type { LoggedTraceEvent } from '../record/model.ts';
import { counted } from '../../reference-device/counted.ts';
import { amount, bits, boundedJson, type Fields, hex, integer, isFields, range, shown, span } from './event-fields.ts';
import { probeProperties } from './probe-properties.ts';
import {
  attachFlagNames,
  deviceStatusNames,
  faultFlagNames,
  faultReasonName,
  featureNames,
  mapFlagNames,
  statusName,
} from './wire-names.ts';

export interface Description {
  /** Who acted: `driver`, `harness`, `memory`, or the device's or endpoint's name in the machine. */
  readonly from: string;
  /** On whom, if on anybody else. */
  readonly to?: string;
  readonly what: string;
  /** Raw bytes as hex digits, if the event has any. */
  readonly bytes?: string;
}

type Describe = (event: Fields) => Omit<Description, 'bytes'>;

/** `driver → iommu` */
export const who = ({ from, to }: Description): string => (to === undefined ? from : `${from} → ${to}`);

type Ends = Pick<Description, 'from' | 'to'>;

const fromDriver = (event: Fields): Ends => ({ from: 'driver', to: shown(event['device']) });
const toDriver = (event: Fields): Ends => ({ from: shown(event['device']), to: 'driver' });

/** Steps of a suspension that the device tells the driver of; the others are the driver's orders. */
const TOLD_BY_DEVICE: ReadonlySet<string> = new Set(['suspended', 'resumed', 'failed']);

/** Instead of an MSI-X vector. */
const NO_VECTOR = 0xffff;

const KINDS: ReadonlyMap<string, Describe> = new Map<string, Describe>([
  ['register-read', (e) => ({ ...fromDriver(e), what: `read ${registerName(e)}: ${registerValue(e)}` })],
  ['register-write', (e) => ({ ...fromDriver(e), what: `wrote ${registerName(e)} = ${registerValue(e)}` })],
  [
    'reset',
    (e) => ({
      ...fromDriver(e),
      ...(e['cause'] === 'staging' && { from: 'harness' }),
      what: `reset (${shown(e['cause'])})`,
    }),
  ],
  ['features', (e) => ({ ...fromDriver(e), what: features(e) })],
  ['queue-enabled', (e) => ({ ...fromDriver(e), what: queueEnabled(e) })],
  ['notification', (e) => ({ ...fromDriver(e), what: `notified queue ${shown(e['queue'])}${ringState(e)}` })],
  [
    'notification-suppression',
    (e) => ({ ...toDriver(e), what: `has polled queue ${shown(e['queue'])}${ringState(e)}` }),
  ],
  [
    'unannounced-buffers',
    (e) => ({
      ...fromDriver(e),
      what: `has not announced what lies in queue ${shown(e['queue'])} (${shown(e['because'])})${ringState(e)}`,
    }),
  ],
  ['chain', (e) => ({ ...fromDriver(e), what: chain(e) })],
  [
    'ring-break',
    (e) => ({
      ...fromDriver(e),
      what: `broken ring, queue ${shown(e['queue'])} (${shown(e['reason'])}): ${shown(e['says'])}`,
    }),
  ],
  ['request', (e) => ({ ...fromDriver(e), what: request(e) })],
  ['completion', (e) => ({ ...toDriver(e), what: completion(e) })],
  [
    'interrupt',
    (e) => ({
      ...toDriver(e),
      what: `interrupt, ${e['vector'] === NO_VECTOR ? 'INTx' : `vector ${shown(e['vector'])}`} (${shown(e['because'])})`,
    }),
  ],
  [
    'window-access',
    (e) => ({
      ...fromDriver(e),
      what: `${shown(e['access'])} through PCI_CFG: ${span(e['offset'], e['length'])} of BAR ${shown(e['bar'])}`,
    }),
  ],
  [
    'unanswered-access',
    (e) => ({
      ...fromDriver(e),
      what: `${shown(e['access'])} ${span(e['offset'], e['width'])} of BAR ${shown(e['bar'])}: unanswered, Memory Space Enable is off`,
    }),
  ],
  [
    'unserved-queue',
    (e) => ({ ...toDriver(e), what: `looks at no queue, not ${shown(e['queue'])} either: Bus Master Enable is off` }),
  ],
  ['exposed', (e) => ({ from: 'driver', to: shown(e['endpoint']), what: exposed(e) })],
  [
    'message',
    (e) => ({
      from: shown(e['endpoint']),
      to: 'driver',
      what: `interrupts by a write to ${shown(e['address'])}${e['reachable'] === true ? '' : ', which does not lead to the doorbell'}`,
    }),
  ],
  [
    'returned',
    (e) => ({
      from: shown(e['endpoint']),
      to: 'driver',
      what: `returned the buffer ${span(e['address'], e['length'])} (${shown(e['access'])})`,
    }),
  ],
  ['dma', (e) => ({ from: shown(e['endpoint']), to: 'memory', what: dma(e) })],
  ['fault-report', (e) => ({ ...toDriver(e), what: faultReport(e) })],
  ['config-change', (e) => ({ ...toDriver(e), what: `configuration change: ${shown(e['says'])}` })],
  [
    'suspension',
    (e) => ({
      ...(TOLD_BY_DEVICE.has(shown(e['step'])) ? toDriver(e) : fromDriver(e)),
      what: `suspension: ${shown(e['step'])}`,
    }),
  ],
  [
    'plug',
    (e) => ({ from: 'harness', what: `${shown(e['slot'])} was ${e['present'] === true ? 'put in' : 'pulled out'}` }),
  ],
  ['staged', (e) => ({ from: 'harness', what: `test machine set up: ${shown(e['says'])}` })],
  ['verb', (e) => ({ from: 'harness', to: 'driver', what: verb(e) })],
  ['answer', (e) => ({ from: 'driver', to: 'harness', what: answer(e) })],
  ['cut', (e) => ({ from: 'harness', what: shown(e['says']) })],
]);

/** Longest JSON of an event whose kind nobody knows. */
const UNKNOWN_MAX = 400;

export function describeEvent(event: LoggedTraceEvent): Description {
  const describe = KINDS.get(event.kind);
  if (!describe) return { from: '?', what: boundedJson(event).slice(0, UNKNOWN_MAX) };
  // A fault record that no buffer took was never on the wire.
  const bytes = event['delivered'] === false ? undefined : event['bytes'];
  return { ...describe(event), ...(typeof bytes === 'string' && bytes !== '' && { bytes }) };
}

function registerName(event: Fields): string {
  const field = event['field'] === '' ? `no register at ${hex(event['offset'])}` : shown(event['field']);
  const queue = event['queue'] === undefined ? '' : ` of queue ${shown(event['queue'])}`;
  return `${shown(event['structure'])}.${field}${queue}`;
}

function registerValue(event: Fields): string {
  const named = event['field'] === 'device_status' ? ` (${bits(event['value'], deviceStatusNames)})` : '';
  return `${hex(event['value'])}${named}`;
}

function features(event: Fields): string {
  const offered = integer(event['offered']);
  const accepted = integer(event['accepted']);
  const kept = event['kept'] === false ? '; the device cleared FEATURES_OK' : '';
  if (offered === undefined || accepted === undefined) {
    return `accepted ${shown(event['accepted'])} of ${shown(event['offered'])}${kept}`;
  }
  const left = offered & ~accepted;
  const beyond = accepted & ~offered;
  const parts = [`accepted ${featureNames(accepted)}`];
  if (beyond !== 0n) parts.push(`of which ${featureNames(beyond)} was not offered`);
  parts.push(left === 0n ? 'declined nothing' : `declined ${featureNames(left)}`);
  return `${parts.join(', ')}${kept}`;
}

function queueEnabled(event: Fields): string {
  return (
    `enabled queue ${shown(event['queue'])} with ${shown(event['size'])} of ${amount(event['maxSize'], 'entry', 'entries')}, ` +
    `descriptors at ${hex(event['desc'])}`
  );
}

/** How far a ring is filled, and by which fields the device says what it wants to be notified of. */
export function ringState({ ring }: Fields): string {
  if (!isFields(ring)) return '';
  const { position, flags, event } = ring;
  return `, filled up to ${shown(position)}; the device's flags ${shown(flags)}, event ${shown(event)}`;
}

function chain(event: Fields): string {
  const descriptors = Array.isArray(event['descriptors']) ? event['descriptors'].length : 0;
  return (
    `chain at head ${shown(event['headIndex'])} of queue ${shown(event['queue'])}: ${counted(descriptors, 'descriptor')}, ` +
    `${amount(event['readableLength'], 'byte')} to read, ${shown(event['writableLength'])} to write`
  );
}

function request(event: Fields): string {
  const fields = isFields(event['fields']) ? event['fields'] : {};
  const short = event['complete'] === false ? ' (too short for its type)' : '';
  return `${requestText(event, fields)}${short}`;
}

function requestText(event: Fields, fields: Fields): string {
  const domain = `domain ${shown(fields['domain'])}`;
  const endpoint = `endpoint ${hex(fields['endpoint'])}`;
  const virtual = range(fields['virt_start'], fields['virt_end']);
  switch (event['name']) {
    case 'ATTACH': {
      const flags = integer(fields['flags']) === 0n ? '' : `, ${bits(fields['flags'], attachFlagNames)}`;
      return `ATTACH ${endpoint} to ${domain}${flags}`;
    }
    case 'DETACH':
      return `DETACH ${endpoint} from ${domain}`;
    case 'MAP':
      return `MAP ${domain}, ${virtual} → ${hex(fields['phys_start'])}, ${bits(fields['flags'], mapFlagNames)}`;
    case 'UNMAP':
      return `UNMAP ${domain}, ${virtual}`;
    case 'PROBE':
      return `PROBE ${endpoint}`;
    default:
      return `request of type ${hex(event['type'])}, which nobody defines`;
  }
}

function completion(event: Fields): string {
  const name = event['name'] === undefined ? '' : `${shown(event['name'])} `;
  const answer = `${name}${answerText(event['status'])}${completionFault(event)}, used length ${shown(event['usedLength'])}`;
  if (event['name'] !== 'PROBE' || typeof event['bytes'] !== 'string') return answer;
  return [answer, ...probeProperties(event['bytes'])].join('; ');
}

function answerText(status: unknown): string {
  if (status === undefined) return 'returned unwritten';
  return `answered ${typeof status === 'number' ? statusName(status) : shown(status)}`;
}

/** What the device would have said, had a case not told it otherwise. */
function completionFault(event: Fields): string {
  if (event['fault'] === undefined) return '';
  const honest = event['honestStatus'];
  const instead = typeof honest === 'number' && honest !== event['status'] ? ` instead of ${statusName(honest)}` : '';
  return `${instead} (device fault ${shown(event['fault'])})`;
}

function exposed(event: Fields): string {
  const reachable = event['reachable'] === false ? 'not reachable at this moment' : 'reachable';
  return `handed over ${shown(event['what'])} ${span(event['address'], event['length'])} (${shown(event['access'])}), ${reachable}`;
}

function dma(event: Fields): string {
  const label = event['label'] === undefined ? '' : `“${shown(event['label'])}”: `;
  const would = event['busMaster'] === false ? 'not made, since Bus Master Enable is off; it would be: ' : '';
  return `${label}${would}${shown(event['access'])} ${span(event['address'], event['length'])}${dmaOutcome(event)}`;
}

function dmaOutcome(event: Fields): string {
  if (event['outcome'] === 'fault') return `: blocked, fault ${shown(event['reason'])}`;
  if (event['outcome'] === 'no-memory') return ': went where no memory is';
  const segments = Array.isArray(event['segments']) ? event['segments'].filter(isFields) : [];
  const where = segments.slice(0, 4).map((segment) => span(segment['gpa'], segment['length']));
  const bypassed = event['bypassed'] === true ? ' (bypassed)' : '';
  return ` → ${where.join(', ')}${segments.length > 4 ? ', …' : ''}: done${bypassed}`;
}

function faultReport(event: Fields): string {
  const { reason } = event;
  const named = typeof reason === 'number' ? faultReasonName(reason) : shown(reason);
  const lost = event['delivered'] === false ? `; not delivered: ${undelivered(event)}` : '';
  const fault = event['fault'] === undefined ? '' : `; by device fault ${shown(event['fault'])}`;
  return (
    `fault report ${named}, endpoint ${hex(event['endpoint'])}, address ${hex(event['address'])}, ` +
    `${bits(event['flags'], faultFlagNames)}${lost}${fault}`
  );
}

function undelivered({ bufferLength }: Fields): string {
  if (bufferLength === undefined) return 'no event buffer was at hand';
  return `the event buffer of ${amount(bufferLength, 'byte')} came back with used length 0`;
}

function verb(event: Fields): string {
  return [shown(event['verb']), ...pairs(event['args'])].join(' ');
}

function answer(event: Fields): string {
  const outcome = event['outcome'] === 'skip' ? 'has no such ability' : shown(event['outcome']).replace('-', ' ');
  const reason = event['reason'] === undefined ? '' : `: ${shown(event['reason'])}`;
  const values = pairs(event['values']);
  return `${shown(event['verb'])}: ${outcome}${reason}${values.length > 0 ? ` (${values.join(', ')})` : ''}`;
}

/** `key=value`, at most a dozen. */
function pairs(value: unknown): string[] {
  return isFields(value)
    ? Object.entries(value)
        .slice(0, 12)
        .map(([key, item]) => `${shown(key)}=${shown(item)}`)
    : [];
}
