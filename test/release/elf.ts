/** An ELF executable as small as can be: a header, and the name of its loader. */
export function smallElf(arch: "amd64" | "arm64", loader: string): Buffer {
  const file = Buffer.alloc(64 + 56 + 100);
  file.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  file.writeUInt16LE(arch === "amd64" ? 62 : 183, 18);
  file.writeBigUInt64LE(64n, 32);
  file.writeUInt16LE(56, 54);
  file.writeUInt16LE(1, 56);
  file.writeUInt32LE(3, 64);
  file.writeBigUInt64LE(120n, 64 + 8);
  file.writeBigUInt64LE(BigInt(loader.length + 1), 64 + 32);
  file.write(loader, 120, "latin1");
  return file;
}
