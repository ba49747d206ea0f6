/** Commands as they go down the shim's stdin. */
import type { Command } from './driver-session.ts';
import { counted } from '../../reference-device/counted.ts';

/** Long enough for a `poke` of 16 KiB; a shim may read lines into a buffer of this many bytes. */
export const MAX_COMMAND_BYTES = 32_768;

/** Printable ASCII but the blank: a C program can split the line with `strtok`. */
const WORD = /^[!-~]+$/;
const KEY = /^[a-z][a-z0-9_-]*$/;

/**
 * `command` as one line that ends with a newline: the verb, then `key=value` in the order of `args`.
 * Throws an assertion for a word that is empty or not printable ASCII, a key that is not one plain word, or a line
 * that is too long: such a command is the harness's own mistake.
 */
export function commandLine(command: Command): string {
  const words = [word('verb', command.verb)];
  for (const [key, value] of Object.entries(command.args)) {
    if (!KEY.test(key)) throw new Error(`assertion: ${JSON.stringify(key)} is no argument's name`);
    words.push(`${key}=${word(key, value)}`);
  }
  const line = `${words.join(' ')}\n`;
  if (line.length > MAX_COMMAND_BYTES) {
    throw new Error(
      `assertion: the command ${command.verb} is ${counted(line.length, 'byte')} long, more than ${MAX_COMMAND_BYTES}`,
    );
  }
  return line;
}

function word(what: string, text: string): string {
  if (!WORD.test(text)) throw new Error(`assertion: ${what} ${JSON.stringify(text)} is not one printable word`);
  return text;
}
