/** The bytes of a message on demand: field by field where they are known, and raw bytes. */
import type { LoggedTraceEvent } from '../record/model.ts';
import { counted } from '../../reference-device/counted.ts';
import { html, type Markup } from './escape.ts';
import { type WireField, wireFields } from './wire-layouts.ts';

const BYTES_MAX = 256;
const BYTES_A_LINE = 16;
/** Of a long field only so many bytes are shown. */
const FIELD_BYTES_MAX = 8;

/** A `<details>` with the bytes, every field named if anybody defines them; `digits` two a byte. */
export function annotatedBytes(event: LoggedTraceEvent, digits: string, isOpen: boolean): Markup {
  const fields = wireFields(event.kind, event);
  if (fields.length === 0) {
    return html` <details class="bytes"><summary>${sizeOf(digits)}</summary>${rawBytes(digits)}</details>`;
  }
  return html` <details class="bytes"${isOpen && html` open`}><summary>${sizeOf(digits)}, field by field</summary>${fieldTable(fields)}<details class="bytes"><summary>raw bytes</summary>${rawBytes(digits)}</details></details>`;
}

/** Offset, bytes, field, value. */
export function fieldTable(fields: readonly WireField[]): Markup {
  return html`<table class="fields"><thead><tr><th scope="col">byte</th><th scope="col">on the wire</th><th scope="col">field</th><th scope="col">value</th></tr></thead><tbody>${fields.map(fieldRow)}</tbody></table>`;
}

function fieldRow({ name, offset, digits, value, odd }: WireField): Markup {
  const size = digits.length / 2;
  const more = size > FIELD_BYTES_MAX ? ` … ${counted(size, 'byte')}` : '';
  return html`<tr${odd && html` class="odd"`}><td>${offset}</td><td><code>${spaced(digits.slice(0, FIELD_BYTES_MAX * 2))}${more}</code></td><td>${name}</td><td>${value}</td></tr>`;
}

const sizeOf = (digits: string): string => counted(Math.floor(digits.length / 2), 'byte');

/** `01 00 00 00` */
const spaced = (digits: string): string => digits.replace(/(..)(?=.)/g, '$1 ');

function rawBytes(digits: string): Markup {
  const size = Math.floor(digits.length / 2);
  const lines: string[] = [];
  for (let from = 0; from < Math.min(size, BYTES_MAX); from += BYTES_A_LINE) {
    lines.push(spaced(digits.slice(from * 2, Math.min(from + BYTES_A_LINE, BYTES_MAX) * 2)));
  }
  const more = size > BYTES_MAX ? `\n… ${size - BYTES_MAX} more` : '';
  return html`<pre>${lines.join('\n')}${more}</pre>`;
}
