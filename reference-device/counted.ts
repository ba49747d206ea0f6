/** `1 case`, `2 cases`, `0 cases`; `many` is for plurals that are not made by an s. */
export function counted(count: number | bigint, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 || count === 1n ? one : many}`;
}
