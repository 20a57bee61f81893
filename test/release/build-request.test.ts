import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { readBuildRequest } from "../../src/release/build/build-request.js";
import { bunTarget, currentPlatform } from "../../src/release/build/target-platform.js";
import { tempDirectory } from "../support/temp-directory.js";

const own = currentPlatform();
const target = { module: "./cache.ts", exportName: "cache" };

function packageWith(files: Readonly<Record<string, string>>): string {
  const root = tempDirectory();
  for (const [file, text] of Object.entries(files)) writeFileSync(join(root, file), text);
  return root;
}

const description = JSON.stringify({
  gestalt: { provider: { kind: "cache", target: "./cache.ts#cache" } },
});
const manifest = "kind: cache\nsource: github.com/acme/providers/cache/fast\n";

describe("a build without arguments", () => {
  const goodPackage = () => packageWith({ "package.json": description, "manifest.yaml": manifest });
  const platform = (env: Record<string, string>) =>
    readBuildRequest([], env, goodPackage()).bunTarget;

  test("takes the target from package.json and the executable's name from the manifest", () => {
    const root = goodPackage();
    expect(readBuildRequest([], {}, root)).toEqual({
      root,
      target,
      outputPath: join(root, ".gestaltd/bin/fast"),
      bunTarget: bunTarget(own, "musl"),
    });
  });

  test.each([
    [{ GESTALT_TARGET_OS: "linux", GESTALT_TARGET_ARCH: "arm64" }, "bun-linux-arm64-musl"],
    [{ GOOS: "darwin", GOARCH: "arm64" }, "bun-darwin-arm64"],
    [{ GESTALT_TARGET_PLATFORM: "darwin/amd64" }, "bun-darwin-x64"],
    [
      { GOOS: "darwin", GOARCH: "arm64", GESTALT_TARGET_OS: "linux", GESTALT_TARGET_ARCH: "amd64" },
      "bun-linux-x64-musl",
    ],
    [{ GOOS: "linux", GOARCH: "amd64", GESTALT_TARGET_LIBC: "glibc" }, "bun-linux-x64"],
    [{ GOOS: "linux", GOARCH: "amd64", GESTALT_TARGET_LIBC: "gnu" }, "bun-linux-x64"],
    [{ GOOS: "linux", GOARCH: "amd64", GESTALT_TARGET_LIBC: " " }, "bun-linux-x64-musl"],
  ])("selects with the variables %j the platform %s", (env, expected) => {
    expect(platform(env)).toBe(expected);
  });

  test.each([
    [{ GESTALT_TARGET_OS: "plan9" }, 'unknown platform "plan9/'],
    [{ GESTALT_TARGET_PLATFORM: "linux/amd64/musl" }, 'unknown platform "linux/amd64/musl"'],
    [{ GESTALT_TARGET_LIBC: "bionic" }, 'unknown libc "bionic"'],
  ])("fails with the variables %j", (env, problem) => {
    expect(() => platform(env)).toThrow(problem);
  });

  test("accepts a package with only the newer manifest", () => {
    const files = { "package.json": description, "manifest.v8.yaml": manifest };
    const only = packageWith(files);
    expect(readBuildRequest([], {}, only).outputPath).toBe(join(only, ".gestaltd/bin/fast"));
  });

  test.each([
    [{ "package.json": description }, "no manifest in "],
    [{ "package.json": description, "manifest.yaml": "kind: cache\n" }, "has no source such as"],
    [{ "package.json": "{}", "manifest.yaml": manifest }, "has no gestalt.provider with a kind"],
    [
      { "package.json": description.replace('"cache"', '"s3"'), "manifest.yaml": manifest },
      'the kind must be cache, not "s3"',
    ],
  ])("fails for a package with %j", (files, problem) => {
    expect(() => readBuildRequest([], {}, packageWith(files))).toThrow(problem);
  });
});

describe("a build with six arguments", () => {
  const request = (os: string, arch: string, env = {}) =>
    readBuildRequest(["/p", "cache:./cache.ts#cache", "/o/x", "fast", os, arch], env, "/elsewhere");

  test("for this machine's platform uses its own C library", () => {
    expect(request(own.os, own.arch)).toEqual({ root: "/p", target, outputPath: "/o/x" });
  });

  test("for another platform uses glibc", () => {
    const arch = own.arch === "amd64" ? "arm64" : "amd64";
    expect(request("linux", arch).bunTarget).toBe(bunTarget({ os: "linux", arch }, "glibc"));
  });

  test("uses the C library in GESTALT_TARGET_LIBC", () => {
    const { bunTarget: chosen } = request("linux", "arm64", { GESTALT_TARGET_LIBC: "musl" });
    expect(chosen).toBe("bun-linux-arm64-musl");
  });
});

test.each([1, 5, 7])("a build with %d arguments fails", (count) => {
  const args = Array.from({ length: count }, () => "x");
  expect(() => readBuildRequest(args, {}, "/")).toThrow(
    `expected six arguments: ROOT TARGET OUTPUT NAME GOOS GOARCH (got ${count}), or none`,
  );
});
