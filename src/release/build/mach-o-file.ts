const MAGIC_64 = 0xfeedfacf;
const HEADER_BYTES = 32;
const COMMAND_SEGMENT = 0x19;
const COMMAND_SIGNATURE = 0x1d;

/** A segment of a Mach-O file: where its load command lies, and what it maps. */
export interface MachOSegment {
  readonly commandOffset: number;
  readonly fileOffset: number;
  readonly fileBytes: number;
}

/** Where the parts of a Mach-O file lie that its signature is about. */
export interface MachOFile {
  /** The program's code. */
  readonly text: MachOSegment;
  /** The last segment; the signature is its end. */
  readonly linkEdit: MachOSegment;
  /** Offset of the load command that says where the signature is. */
  readonly signatureCommandOffset: number;
  /** Where the signature starts, and what it covers ends. */
  readonly signatureOffset: number;
  readonly signatureBytes: number;
}

/**
 * Finds the parts of a 64-bit Mach-O executable.
 *
 * @returns undefined for any other file, and for one that has no place for a signature
 */
export function machOFile(file: Buffer): MachOFile | undefined {
  if (file.length < HEADER_BYTES || file.readUInt32LE(0) !== MAGIC_64) return undefined;
  const segments = new Map<string, MachOSegment>();
  let signatureCommandOffset: number | undefined;
  let offset = HEADER_BYTES;
  for (let left = file.readUInt32LE(16); left > 0; left--) {
    const command = file.readUInt32LE(offset);
    if (command === COMMAND_SIGNATURE) signatureCommandOffset = offset;
    if (command === COMMAND_SEGMENT) {
      const name = file.toString("latin1", offset + 8, offset + 24).replace(/\0+$/, "");
      segments.set(name, {
        commandOffset: offset,
        fileOffset: Number(file.readBigUInt64LE(offset + 40)),
        fileBytes: Number(file.readBigUInt64LE(offset + 48)),
      });
    }
    offset += file.readUInt32LE(offset + 4);
  }
  const text = segments.get("__TEXT");
  const linkEdit = segments.get("__LINKEDIT");
  if (!text || !linkEdit || signatureCommandOffset === undefined) return undefined;
  return {
    text,
    linkEdit,
    signatureCommandOffset,
    signatureOffset: file.readUInt32LE(signatureCommandOffset + 8),
    signatureBytes: file.readUInt32LE(signatureCommandOffset + 12),
  };
}
