import type { Libc, TargetPlatform } from "../build/target-platform.js";

/** What an executable file says it runs on. */
export interface ExecutableFormat extends TargetPlatform {
  /** Linux only. */
  readonly libc?: Libc;
}

const ELF_MAGIC = 0x7f454c46;
const ELF_64_LITTLE_ENDIAN = 0x0201;
const ELF_ARCHITECTURES = new Map<number, TargetPlatform["arch"]>([
  [62, "amd64"],
  [183, "arm64"],
]);
/** Program header that names the loader; the loader belongs to the C library. */
const ELF_INTERPRETER = 3;

const MACH_O_64_MAGIC = 0xfeedfacf;
const MACH_O_ARCHITECTURES = new Map<number, TargetPlatform["arch"]>([
  [0x01000007, "amd64"],
  [0x0100000c, "arm64"],
]);

/**
 * Reads from its first bytes what an executable runs on.
 *
 * @returns undefined for anything but a 64-bit ELF or Mach-O file of a platform
 *   that releases are made for
 */
export function executableFormat(file: Buffer): ExecutableFormat | undefined {
  if (file.length < 64) return undefined;
  if (file.readUInt32BE(0) === ELF_MAGIC && file.readUInt16BE(4) === ELF_64_LITTLE_ENDIAN) {
    const arch = ELF_ARCHITECTURES.get(file.readUInt16LE(18));
    if (arch === undefined) return undefined;
    const loader = elfInterpreter(file);
    return { os: "linux", arch, libc: loader.includes("/ld-musl-") ? "musl" : "glibc" };
  }
  if (file.readUInt32LE(0) === MACH_O_64_MAGIC) {
    const arch = MACH_O_ARCHITECTURES.get(file.readUInt32LE(4));
    return arch === undefined ? undefined : { os: "darwin", arch };
  }
  return undefined;
}

function elfInterpreter(file: Buffer): string {
  const table = Number(file.readBigUInt64LE(32));
  const entryBytes = file.readUInt16LE(54);
  const count = file.readUInt16LE(56);
  for (let index = 0; index < count; index++) {
    const entry = table + index * entryBytes;
    if (entry + 56 > file.length) break;
    if (file.readUInt32LE(entry) !== ELF_INTERPRETER) continue;
    const offset = Number(file.readBigUInt64LE(entry + 8));
    const length = Number(file.readBigUInt64LE(entry + 32));
    return file.toString("latin1", offset, offset + length - 1);
  }
  return "";
}
