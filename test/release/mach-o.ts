/** A Mach-O executable as small as can be: header, code, and a place for a signature. */
export function smallMachO(cpu: "amd64" | "arm64"): Buffer {
  const codeBytes = 3 * 4096;
  const symbolBytes = 100;
  const signatureOffset = codeBytes + symbolBytes;
  const file = Buffer.alloc(signatureOffset + 16);
  [0xfeedfacf, cpu === "amd64" ? 0x01000007 : 0x0100000c, 3, 2, 3, 72 * 2 + 16, 0, 0].forEach(
    (word, index) => file.writeUInt32LE(word, index * 4),
  );
  segment(file, 32, "__TEXT", 0, codeBytes);
  segment(file, 32 + 72, "__LINKEDIT", codeBytes, file.length - codeBytes);
  [0x1d, 16, signatureOffset, 16].forEach((word, index) =>
    file.writeUInt32LE(word, 32 + 72 * 2 + index * 4),
  );
  file.fill("code", 1024, codeBytes);
  file.fill("symbols", codeBytes, signatureOffset);
  return file;
}

function segment(file: Buffer, at: number, name: string, offset: number, bytes: number): void {
  file.writeUInt32LE(0x19, at);
  file.writeUInt32LE(72, at + 4);
  file.write(name, at + 8, "latin1");
  [offset, bytes, offset, bytes].forEach((value, index) =>
    file.writeBigUInt64LE(BigInt(value), at + 24 + index * 8),
  );
}
