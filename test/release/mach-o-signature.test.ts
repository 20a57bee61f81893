import { expect, test } from "vitest";
import { machOFile } from "../../src/release/build/mach-o-file.js";
import { machOSignatureProblem, signMachO } from "../../src/release/build/mach-o-signature.js";
import { smallMachO } from "./mach-o.js";

const unsigned = smallMachO("amd64");
const signed = signMachO(unsigned);

test("a signed executable fits its signature, and signing again changes nothing", () => {
  expect(machOSignatureProblem(unsigned)).toBe("has a signature without a code directory");
  expect(machOSignatureProblem(signed)).toBeUndefined();
  expect(signMachO(signed).equals(signed)).toBe(true);
});

test("the sizes in the header are those of the signed file", () => {
  const { linkEdit, signatureOffset, signatureBytes } = machOFile(signed) ?? {};
  expect((linkEdit?.fileOffset ?? 0) + (linkEdit?.fileBytes ?? 0)).toBe(signed.length);
  expect((signatureOffset ?? 0) + (signatureBytes ?? 0)).toBe(signed.length);
});

test("any changed byte of the code is detected, with its position", () => {
  const end = machOFile(signed)?.signatureOffset ?? 0;
  for (const offset of [1500, 4095, 4096, 9000, end - 1]) {
    const tampered = Buffer.from(signed);
    tampered[offset] = (tampered[offset] ?? 0) ^ 1;
    expect(machOSignatureProblem(tampered)).toBe(
      `does not fit its signature at byte ${Math.floor(offset / 4096) * 4096}`,
    );
  }
});

test("code that was put in front of an older signature is not covered by it", () => {
  const longer = Buffer.concat([signed, Buffer.alloc(64)]);
  const layout = machOFile(signed);
  if (layout === undefined) throw new Error("no Mach-O file");
  const { signatureOffset, signatureCommandOffset } = layout;
  longer.copyWithin(signatureOffset + 64, signatureOffset, signed.length);
  longer.writeUInt32LE(signatureOffset + 64, signatureCommandOffset + 8);
  expect(machOSignatureProblem(longer)).toBe("is not covered by its signature");
});

test("a file that is not Mach-O is refused", () => {
  expect(machOSignatureProblem(Buffer.from("#!/bin/sh\n"))).toBe("has no signature");
  expect(() => signMachO(Buffer.alloc(1000))).toThrow("not a Mach-O executable");
});
