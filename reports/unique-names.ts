/** A name that was met before gets a number from 2 on, since readers drop or merge what has one name. */
export function uniqueNames(numbered: (name: string, number: number) => string): (name: string) => string {
  const met = new Set<string>();
  return (name) => {
    let unique = name;
    for (let number = 2; met.has(unique); number++) unique = numbered(name, number);
    met.add(unique);
    return unique;
  };
}
