/**
 * The type of a value as error messages name it: `undefined`, `a string`, `a Date`. It never
 * shows the value, which may be cached bytes or a secret.
 */
export function describeType(value: unknown): string {
  if (value === undefined || value === null) return String(value);
  if (typeof value !== "object") return `a ${typeof value}`;
  const name = Object.prototype.toString.call(value).slice("[object ".length, -1);
  return `${/^[AEIO]/.test(name) ? "an" : "a"} ${name}`;
}
