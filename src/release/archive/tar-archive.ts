/** A regular file in an archive. */
export interface ArchiveFile {
  /** Relative, forward slashes, at most 100 bytes. */
  readonly path: string;
  readonly bytes: Uint8Array;
  readonly isExecutable: boolean;
}

const BLOCK_BYTES = 512;
/** Two empty blocks end an archive. */
const END = Buffer.alloc(2 * BLOCK_BYTES);
const MAX_PATH_BYTES = 100;

/** Fields of a ustar header: name, offset, length. */
const FIELDS = {
  path: [0, 100],
  mode: [100, 8],
  uid: [108, 8],
  gid: [116, 8],
  size: [124, 12],
  mtime: [136, 12],
  checksum: [148, 8],
  type: [156, 1],
  magic: [257, 8],
  deviceMajor: [329, 8],
  deviceMinor: [337, 8],
} as const;

/**
 * Writes a ustar archive of regular files that depends on nothing but their
 * paths, bytes and whether they are executable: sorted by path, time and owner 0,
 * no names of users. The host's own release command writes the same bytes.
 *
 * @throws Error for a path that is too long or there twice
 */
export function writeTar(files: readonly ArchiveFile[]): Buffer {
  const sorted = [...files].sort((a, b) => (a.path < b.path ? -1 : 1));
  const blocks: Uint8Array[] = [];
  sorted.forEach(({ path, bytes, isExecutable }, index) => {
    if (path === sorted[index + 1]?.path) throw new Error(`"${path}" is there twice`);
    const padding = Buffer.alloc(-bytes.length & (BLOCK_BYTES - 1));
    blocks.push(header(path, bytes.length, isExecutable), bytes, padding);
  });
  return Buffer.concat([...blocks, END]);
}

function header(path: string, size: number, isExecutable: boolean): Buffer {
  const block = Buffer.alloc(BLOCK_BYTES);
  if (Buffer.byteLength(path) > MAX_PATH_BYTES) {
    throw new Error(`"${path}" is longer than ${MAX_PATH_BYTES} bytes`);
  }
  const put = ([offset, length]: readonly [number, number], text: string): void => {
    block.write(text, offset, length, "utf8");
  };
  const number = (value: number, digits: number): string =>
    `${value.toString(8).padStart(digits, "0")}\0`;
  put(FIELDS.path, path);
  put(FIELDS.mode, number(isExecutable ? 0o755 : 0o644, 7));
  put(FIELDS.uid, number(0, 7));
  put(FIELDS.gid, number(0, 7));
  put(FIELDS.size, number(size, 11));
  put(FIELDS.mtime, number(0, 11));
  put(FIELDS.type, "0");
  put(FIELDS.magic, "ustar\x0000");
  put(FIELDS.deviceMajor, number(0, 7));
  put(FIELDS.deviceMinor, number(0, 7));
  // The sum counts its own field as spaces, and is written as tar has always done it.
  put(FIELDS.checksum, " ".repeat(8));
  put(
    FIELDS.checksum,
    `${number(
      block.reduce((sum, byte) => sum + byte),
      6,
    )} `,
  );
  return block;
}

/**
 * Reads what {@link writeTar} wrote, and nothing else: an archive that would come
 * out differently if it were written again is refused.
 *
 * @throws Error saying what is wrong
 */
export function readTar(tar: Buffer): ArchiveFile[] {
  const files: ArchiveFile[] = [];
  let offset = 0;
  while (offset + BLOCK_BYTES <= tar.length && tar[offset] !== 0) {
    const text = ([start, length]: readonly [number, number]): string =>
      tar.toString("utf8", offset + start, offset + start + length).replace(/[\0 ]+$/, "");
    const size = Number.parseInt(text(FIELDS.size), 8);
    const start = offset + BLOCK_BYTES;
    const path = text(FIELDS.path);
    if (!(size >= 0) || start + size > tar.length) {
      throw new Error(`"${path}" does not fit into the archive`);
    }
    const isExecutable = Number.parseInt(text(FIELDS.mode), 8) === 0o755;
    files.push({ path, bytes: tar.subarray(start, start + size), isExecutable });
    offset = start + Math.ceil(size / BLOCK_BYTES) * BLOCK_BYTES;
  }
  if (!writeTar(files).equals(tar)) {
    throw new Error(
      "not written reproducibly: expected regular files sorted by path, mode 644 or 755, time and owner 0",
    );
  }
  return files;
}
