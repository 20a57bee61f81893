import { packTar, unpackTar } from "modern-tar";

/** A regular file in an archive. */
export interface ArchiveFile {
  /** Relative, with forward slashes, at most 100 bytes. */
  readonly path: string;
  readonly bytes: Uint8Array;
  readonly isExecutable: boolean;
}

const BLOCK_BYTES = 512;
const MAX_PATH_BYTES = 100;
const EXECUTABLE_MODE = 0o755;
const PLAIN_MODE = 0o644;

/**
 * Writes a ustar archive of regular files that depends only on their paths, their bytes
 * and their executable flags: sorted by path, time and owner 0, no user names. The host's
 * own release command writes the same bytes.
 *
 * @throws Error for a path that is too long or that occurs twice
 */
export async function writeTar(files: readonly ArchiveFile[]): Promise<Buffer> {
  const sorted = [...files].sort((a, b) => (a.path < b.path ? -1 : 1));
  sorted.forEach(({ path }, index) => {
    if (path === sorted[index + 1]?.path) throw new Error(`"${path}" occurs twice`);
    if (Buffer.byteLength(path) > MAX_PATH_BYTES) {
      throw new Error(`"${path}" is longer than ${MAX_PATH_BYTES} bytes`);
    }
  });
  const packed = await packTar(
    sorted.map(({ path, bytes, isExecutable }) => ({
      header: {
        name: path,
        size: bytes.length,
        mode: isExecutable ? EXECUTABLE_MODE : PLAIN_MODE,
        mtime: new Date(0),
        uid: 0,
        gid: 0,
        uname: "",
        gname: "",
      },
      body: bytes,
    })),
  );
  const tar = Buffer.from(packed.buffer, packed.byteOffset, packed.byteLength);
  let offset = 0;
  for (const { bytes } of sorted) {
    writeDeviceNumbers(tar.subarray(offset, offset + BLOCK_BYTES));
    offset += BLOCK_BYTES + Math.ceil(bytes.length / BLOCK_BYTES) * BLOCK_BYTES;
  }
  return tar;
}

/**
 * Fills in the two device numbers of a header. modern-tar leaves them empty; Go's archive/tar,
 * and so the host, writes zeros. The header's checksum is the sum of its bytes.
 */
function writeDeviceNumbers(header: Buffer): void {
  const zero = "0000000\0";
  header.write(zero + zero, 329, "latin1");
  header.write(" ".repeat(8), 148, "latin1");
  const sum = header.reduce((total, byte) => total + byte);
  header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "latin1");
}

/**
 * Reads an archive of {@link writeTar}. Any other archive fails: one that would come out
 * differently if it were written again was not written reproducibly.
 *
 * @throws Error with the reason
 */
export async function readTar(tar: Buffer): Promise<ArchiveFile[]> {
  const entries = await unpackTar(tar, { strict: true });
  const files = entries.map(({ header: { name, mode }, data = new Uint8Array() }) => ({
    path: name,
    bytes: data,
    isExecutable: mode === EXECUTABLE_MODE,
  }));
  if (!(await writeTar(files)).equals(tar)) {
    throw new Error(
      "not written reproducibly: expected regular files sorted by path, mode 644 or 755, time and owner 0",
    );
  }
  return files;
}
