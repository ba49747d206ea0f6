/** What a driver wrote is hostile until it has passed here: no control characters reach a terminal or a report. */

// Tab and newline stay; escape sequences lose the escape, and with it their effect.
// oxlint-disable-next-line no-control-regex -- finding control characters is this expression's purpose
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;

/** `text` without control characters other than tab and newline; CR LF becomes newline. */
export const withoutControls = (text: string): string => text.replaceAll('\r\n', '\n').replaceAll(CONTROL, '\u{fffd}');

/** `text` on one line, at most `maxLength` characters long; a cut shows as `…`. */
export function oneLine(text: string, maxLength = 200): string {
  const line = withoutControls(text.slice(0, 4 * maxLength))
    .replaceAll(/\s+/g, ' ')
    .trim();
  return line.length > maxLength ? `${line.slice(0, maxLength - 1)}…` : line;
}
