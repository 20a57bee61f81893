import { createHash } from "node:crypto";
import { machOFile, type MachOFile } from "./mach-o-file.js";

const SUPER_BLOB_MAGIC = 0xfade0cc0;
const SUPER_BLOB_BYTES = 20;
const CODE_DIRECTORY_MAGIC = 0xfade0c02;
const CODE_DIRECTORY_BYTES = 88;
/** The first version with the fields about the code segment. */
const CODE_DIRECTORY_VERSION = 0x20400;
/** Signed by nobody, as a linker does it. */
const AD_HOC_BY_LINKER = 0x20002;
const MAIN_EXECUTABLE = 1n;
const PAGE_BITS = 12;
const PAGE_BYTES = 2 ** PAGE_BITS;
const HASH_BYTES = 32;
const HASH_SHA256 = 2;
const IDENTIFIER = "gestalt-plugin\0";
/** What a segment's size in memory is a multiple of, on either processor. */
const MEMORY_PAGE_BYTES = 2 ** 14;

/**
 * Gives a Mach-O executable an ad-hoc signature: a hash of each of its pages,
 * signed by nobody. macOS ends a program whose pages do not fit its signature, and
 * a compiler that puts a program into a signed runtime leaves such a one behind.
 *
 * @returns the file with a signature that fits, in place of the one it had
 * @throws Error when it is no Mach-O file or its signature is not at its end
 */
export function signMachO(file: Buffer): Buffer {
  const layout = machOFile(file);
  if (layout === undefined) throw new Error("not a Mach-O executable with a place for a signature");
  const { linkEdit, signatureCommandOffset, signatureOffset, signatureBytes } = layout;
  if (linkEdit.fileOffset + linkEdit.fileBytes !== signatureOffset + signatureBytes) {
    throw new Error("the signature is not the end of the Mach-O file");
  }
  const pages = Math.ceil(signatureOffset / PAGE_BYTES);
  const directoryBytes = CODE_DIRECTORY_BYTES + IDENTIFIER.length + pages * HASH_BYTES;
  // Sixteen is what the tools of the system align it to.
  const reservedBytes = Math.ceil((SUPER_BLOB_BYTES + directoryBytes) / 16) * 16;
  const signed = Buffer.alloc(signatureOffset + reservedBytes);
  file.copy(signed, 0, 0, signatureOffset);

  // First the sizes, which are in the first page and so under the signature too.
  signed.writeUInt32LE(reservedBytes, signatureCommandOffset + 12);
  const linkEditBytes = signed.length - linkEdit.fileOffset;
  const memoryBytes = Math.ceil(linkEditBytes / MEMORY_PAGE_BYTES) * MEMORY_PAGE_BYTES;
  signed.writeBigUInt64LE(BigInt(memoryBytes), linkEdit.commandOffset + 32);
  signed.writeBigUInt64LE(BigInt(linkEditBytes), linkEdit.commandOffset + 48);

  const superBlob = [SUPER_BLOB_MAGIC, SUPER_BLOB_BYTES + directoryBytes, 1, 0, SUPER_BLOB_BYTES];
  superBlob.forEach((word, index) => signed.writeUInt32BE(word, signatureOffset + index * 4));
  const directory = signed.subarray(signatureOffset + SUPER_BLOB_BYTES);
  writeCodeDirectory(directory, layout, directoryBytes, pages);
  for (let page = 0; page < pages; page++) {
    pageHash(signed, page, signatureOffset).copy(directory, hashOffset(page));
  }
  return signed;
}

function writeCodeDirectory(
  directory: Buffer,
  { text, signatureOffset }: MachOFile,
  length: number,
  pages: number,
): void {
  const hashes = hashOffset(0);
  const words = [
    ...[CODE_DIRECTORY_MAGIC, length, CODE_DIRECTORY_VERSION, AD_HOC_BY_LINKER],
    ...[hashes, CODE_DIRECTORY_BYTES, 0, pages, signatureOffset],
  ];
  words.forEach((word, index) => directory.writeUInt32BE(word, index * 4));
  directory.set([HASH_BYTES, HASH_SHA256, 0, PAGE_BITS], 36);
  directory.writeBigUInt64BE(BigInt(text.fileOffset), 64);
  directory.writeBigUInt64BE(BigInt(text.fileBytes), 72);
  directory.writeBigUInt64BE(MAIN_EXECUTABLE, 80);
  directory.write(IDENTIFIER, CODE_DIRECTORY_BYTES, "latin1");
}

/**
 * Says whether every page of a Mach-O executable fits its signature.
 *
 * @returns what is wrong; undefined for a good signature
 */
export function machOSignatureProblem(file: Buffer): string | undefined {
  const layout = machOFile(file);
  if (layout === undefined) return "has no signature";
  const { signatureOffset } = layout;
  const directory = codeDirectory(file.subarray(signatureOffset));
  if (directory === undefined) return "has a signature without a code directory";
  const hashes = directory.readUInt32BE(16);
  const pages = directory.readUInt32BE(28);
  if (directory.readUInt32BE(32) !== signatureOffset) return "is not covered by its signature";
  if (directory[37] !== HASH_SHA256 || directory[39] !== PAGE_BITS) {
    return "has a signature of an unknown kind";
  }
  for (let page = 0; page < pages; page++) {
    const start = hashes + page * HASH_BYTES;
    const hash = directory.subarray(start, start + HASH_BYTES);
    if (!hash.equals(pageHash(file, page, signatureOffset))) {
      return `does not fit its signature at byte ${page * PAGE_BYTES}`;
    }
  }
  return undefined;
}

function codeDirectory(signature: Buffer): Buffer | undefined {
  if (signature.length < SUPER_BLOB_BYTES || signature.readUInt32BE(0) !== SUPER_BLOB_MAGIC) {
    return undefined;
  }
  for (let index = 0; index < signature.readUInt32BE(8); index++) {
    const blob = signature.subarray(signature.readUInt32BE(16 + index * 8));
    if (blob.length >= CODE_DIRECTORY_BYTES && blob.readUInt32BE(0) === CODE_DIRECTORY_MAGIC) {
      return blob;
    }
  }
  return undefined;
}

function hashOffset(page: number): number {
  return CODE_DIRECTORY_BYTES + IDENTIFIER.length + page * HASH_BYTES;
}

/** The last page ends where the signature begins. */
function pageHash(file: Buffer, page: number, end: number): Buffer {
  const start = page * PAGE_BYTES;
  const bytes = file.subarray(start, Math.min(start + PAGE_BYTES, end));
  return createHash("sha256").update(bytes).digest();
}
