import { expect, test } from "vitest";
import {
  ALL_PLATFORMS,
  bunTarget,
  currentPlatform,
  formatPlatform,
  parseLibc,
  parsePlatform,
} from "../../src/release/build/target-platform.js";

test("the platform all means every platform that the host releases for, in sorted order", () => {
  const names = ALL_PLATFORMS.map(formatPlatform);
  expect(names).toEqual(["darwin/amd64", "darwin/arm64", "linux/amd64", "linux/arm64"]);
  expect(names.map((name) => formatPlatform(parsePlatform(name)))).toEqual(names);
  expect(names).toContain(formatPlatform(currentPlatform()));
});

test.each(["", "linux", "linux/386", "Linux/amd64", "linux/amd64/musl", "windows/amd64"])(
  "the error for the platform %j lists the valid ones",
  (text) => {
    expect(() => parsePlatform(text)).toThrow(
      `unknown platform "${text}": expected one of darwin/amd64, darwin/arm64, linux/amd64, linux/arm64`,
    );
  },
);

test.each([
  ["linux/amd64", undefined, "bun-linux-x64"],
  ["linux/amd64", "musl", "bun-linux-x64-musl"],
  ["linux/arm64", "glibc", "bun-linux-arm64"],
  ["linux/arm64", "musl", "bun-linux-arm64-musl"],
  ["darwin/amd64", "musl", "bun-darwin-x64"],
  ["darwin/arm64", undefined, "bun-darwin-arm64"],
] as const)("the platform %s with the C library %s is bun's %s", (platform, libc, target) => {
  expect(bunTarget(parsePlatform(platform), libc)).toBe(target);
});

test("the C library is glibc, also named gnu, or musl", () => {
  expect(["gnu", "glibc", "musl"].map(parseLibc)).toEqual(["glibc", "glibc", "musl"]);
  expect(() => parseLibc("bionic")).toThrow('unknown libc "bionic": expected one of glibc, musl');
});
