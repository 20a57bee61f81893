/**
 * The name of an argument as error messages show it: `key`, `keys[3]`, `entries[3].value`.
 *
 * @param name - such as `key`, `keys[]` or `entries[].value`
 * @param index - the position in a list, from 0; it is written between the brackets of `name`
 */
export function argumentName(name: string, index: number | undefined): string {
  return index === undefined ? name : name.replace("[]", `[${index}]`);
}
