/**
 * The type of a value as an error message names it, such as `undefined`, `a string` or
 * `a Date`. Never the value itself, which may be cached bytes or a secret.
 */
export function describeType(value: unknown): string {
  if (value === undefined || value === null) return String(value);
  if (typeof value !== "object") return `a ${typeof value}`;
  const name = Object.prototype.toString.call(value).slice("[object ".length, -1);
  return `${/^[AEIO]/.test(name) ? "an" : "a"} ${name}`;
}
