/**
 * The name of an argument as an error message shows it.
 *
 * @param name - such as `key`, `keys[]` or `entries[].value`
 * @param index - the place in a list, written into the brackets of `name`
 */
export function argumentName(name: string, index: number | undefined): string {
  return index === undefined ? name : name.replace("[]", `[${index}]`);
}
