/** Bytes as lower-case hex, two digits a byte: the form in which the trace and commands carry them. */

const DIGITS: readonly string[] = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

export function toHex(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at++) text += DIGITS[bytes[at]!];
  return text;
}

/** The bytes that `text` stands for. Throws a RangeError if it is not hex, two digits a byte. */
export function fromHex(text: string): Uint8Array {
  if (!/^(?:[0-9a-fA-F]{2})*$/.test(text)) throw new RangeError(`'${text.slice(0, 40)}' is not hex, two digits a byte`);
  return Uint8Array.from({ length: text.length / 2 }, (_, at) => Number.parseInt(text.slice(2 * at, 2 * at + 2), 16));
}
