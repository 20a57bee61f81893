import { execFile } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { machOSignatureProblem, signMachO } from "../../src/release/build/mach-o-signature.js";
import { isInstalled } from "../support/installed.js";
import { LOCKED_BUN } from "../support/compiled-executable.js";
import { tempDirectory } from "../support/temp-directory.js";

/** Another implementation of Apple's signatures: `cargo install apple-codesign`. */
const VERIFIER = "rcodesign";

/** The runtime of another platform is fetched once. */
const TIMEOUT = { timeout: 120_000 };

/** Compiles a program for a Mac, without the repair that builds of this package make. */
async function compile(target: string): Promise<Buffer> {
  const directory = tempDirectory();
  const source = join(directory, "program.ts");
  writeFileSync(source, 'console.log("ready");\n');
  const output = join(directory, "program");
  await promisify(execFile)(LOCKED_BUN, [
    "build",
    "--compile",
    `--target=${target}`,
    ...[source, "--outfile", output],
  ]);
  return readFileSync(output);
}

/** The digests that the verifier finds wrong. Of ad-hoc signatures it always says what they lack. */
async function wrongDigests(file: Buffer): Promise<number> {
  const path = join(tempDirectory(), "program");
  writeFileSync(path, file);
  const { stdout, stderr } = await promisify(execFile)(VERIFIER, ["verify", path]).catch(
    (error: unknown) => error as { stdout: string; stderr: string },
  );
  const output = stdout + stderr;
  expect(output).toContain("no cryptographic signature present");
  return output.match(/code digest mismatch/g)?.length ?? 0;
}

describe("an executable of Bun for an Intel Mac", () => {
  test("does not fit its signature until it is signed again", TIMEOUT, async () => {
    const compiled = await compile("bun-darwin-x64");
    expect(machOSignatureProblem(compiled)).toBe("does not fit its signature at byte 0");
    expect(machOSignatureProblem(signMachO(compiled))).toBeUndefined();
  });

  test.skipIf(!isInstalled(VERIFIER))(
    `has no wrong digest for ${VERIFIER} once it is signed again`,
    TIMEOUT,
    async () => {
      const signed = signMachO(await compile("bun-darwin-x64"));
      expect(await wrongDigests(signed)).toBe(0);
      const tampered = Buffer.from(signed);
      tampered[40_000_000] = (tampered[40_000_000] ?? 0) ^ 1;
      expect(await wrongDigests(tampered)).toBe(1);
    },
  );
});

test(
  "the signature that Bun itself makes, for a Mac with Apple silicon, is accepted",
  TIMEOUT,
  async () => {
    expect(machOSignatureProblem(await compile("bun-darwin-arm64"))).toBeUndefined();
  },
);
