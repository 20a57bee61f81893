import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { executableFormat } from "../../src/release/archive/executable-format.js";
import { currentPlatform } from "../../src/release/build/target-platform.js";
import { smallElf } from "./elf.js";
import { smallMachO } from "./mach-o.js";

test("the program that runs this test is of this platform", () => {
  expect(executableFormat(readFileSync(process.execPath))).toMatchObject(currentPlatform());
});

test.each([
  ["/lib64/ld-linux-x86-64.so.2", "amd64", "glibc"],
  ["/lib/ld-musl-x86_64.so.1", "amd64", "musl"],
  ["/lib/ld-musl-aarch64.so.1", "arm64", "musl"],
] as const)("the platform of an ELF file with the loader %s is detected", (loader, arch, libc) => {
  expect(executableFormat(smallElf(arch, loader))).toEqual({ os: "linux", arch, libc });
});

test.each(["amd64", "arm64"] as const)(
  "the platform of a Mach-O file for %s is detected",
  (arch) => {
    expect(executableFormat(smallMachO(arch))).toEqual({ os: "darwin", arch });
  },
);

test.each([
  ["nothing", Buffer.alloc(0)],
  ["a script", Buffer.from("#!/bin/sh\n".padEnd(100))],
  ["another processor", smallElf("amd64", "").fill(8, 18, 19)],
  ["zeros", Buffer.alloc(200)],
])("a file with %s is of no known platform", (_, file) => {
  expect(executableFormat(file)).toBeUndefined();
});
