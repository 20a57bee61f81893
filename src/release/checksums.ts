/** SHA-256 by the path of a file in the release. */
export type Checksums = ReadonlyMap<string, string>;

const LINE = /^(?<sha256>[0-9a-f]{64}) {2}(?!.*\.\.\/)(?<file>[^/\s]+(?:\/[^/\s]+)*)$/;

/** Checksums as `sha256sum --check` reads them, sorted by file name. */
export function formatChecksums(checksums: Checksums): string {
  return [...checksums]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([file, sha256]) => `${sha256}  ${file}\n`)
    .join("");
}

/**
 * Reads what {@link formatChecksums} wrote, and nothing else.
 *
 * @throws Error quoting the first line that is wrong
 */
export function parseChecksums(text: string): Checksums {
  const checksums = new Map<string, string>();
  for (const line of text.split("\n").slice(0, -1)) {
    const { sha256, file } = LINE.exec(line)?.groups ?? {};
    if (sha256 === undefined || file === undefined) throw new Error(`not a checksum: "${line}"`);
    checksums.set(file, sha256);
  }
  if (formatChecksums(checksums) !== text) {
    throw new Error("expected one line for each file, sorted by name");
  }
  return checksums;
}
