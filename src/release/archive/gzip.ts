import { crc32, gzipSync, inflateRawSync } from "node:zlib";

/**
 * The ten bytes that every archive starts with: no time, no file name, an unknown
 * operating system. What zlib writes there depends on the machine.
 */
const HEADER = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff]);
/** Checksum and length of the plain bytes. */
const TRAILER_BYTES = 8;

/**
 * Compresses with gzip. The same bytes give the same result with the same zlib,
 * whenever and under whatever system it runs.
 */
export function compress(bytes: Uint8Array): Buffer {
  const compressed = gzipSync(bytes, { level: 6, memLevel: 9 });
  HEADER.copy(compressed);
  return compressed;
}

/**
 * Takes apart what {@link compress} made, and nothing else: any other header is
 * refused, and so are bytes behind the end, which gunzip would pass over.
 *
 * @param maxBytes - largest result
 * @throws Error saying what is wrong
 */
export function decompress(bytes: Buffer, maxBytes: number): Buffer {
  if (!HEADER.equals(bytes.subarray(0, HEADER.length))) {
    throw new Error("the gzip header is not the fixed one, without name, time and system");
  }
  const data = bytes.subarray(HEADER.length, -TRAILER_BYTES);
  const { buffer, engine } = inflate(data, maxBytes);
  const trailer = bytes.subarray(-TRAILER_BYTES);
  if (
    engine.bytesWritten !== data.length ||
    trailer.readUInt32LE(0) !== crc32(buffer) ||
    trailer.readUInt32LE(4) !== buffer.length % 2 ** 32
  ) {
    throw new Error("the gzip data is damaged, or something follows it");
  }
  return buffer;
}

/** With `info`, zlib also says how far it read, which its types leave out. */
function inflate(
  data: Buffer,
  maxOutputLength: number,
): { readonly buffer: Buffer; readonly engine: { readonly bytesWritten: number } } {
  const options = { info: true, maxOutputLength };
  return inflateRawSync(data, options) as unknown as ReturnType<typeof inflate>;
}
