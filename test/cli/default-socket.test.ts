import { chmodSync, existsSync, mkdirSync, statSync, symlinkSync } from "node:fs";
import { userInfo } from "node:os";
import { join, relative } from "node:path";
import { expect, test } from "vitest";
import { createDefaultSocketPath } from "../../src/cli/default-socket.js";
import { tempDirectory } from "../support/temp-directory.js";

test("the default socket lies in a private directory under XDG_RUNTIME_DIR", () => {
  const runtime = tempDirectory();
  const path = createDefaultSocketPath({ XDG_RUNTIME_DIR: runtime }, "/unused");
  expect(path).toBe(join(runtime, "gestalt-cache-memory", "cache.sock"));
  expect(statSync(join(path, "..")).mode & 0o777).toBe(0o700);
  expect(createDefaultSocketPath({ XDG_RUNTIME_DIR: runtime }, "/unused")).toBe(path);
});

test.each([undefined, "", "relative", "/does/not/exist", "/etc/hosts"])(
  "with XDG_RUNTIME_DIR=%j the default socket lies under TMPDIR, in a directory per user",
  (runtime) => {
    const temporary = tempDirectory();
    expect(createDefaultSocketPath({ XDG_RUNTIME_DIR: runtime }, temporary)).toBe(
      join(temporary, `gestalt-cache-memory-${userInfo().uid}`, "cache.sock"),
    );
  },
);

test("the default socket is absolute for a relative temporary directory", () => {
  const temporary = tempDirectory();
  expect(createDefaultSocketPath({}, relative(process.cwd(), temporary))).toBe(
    createDefaultSocketPath({}, temporary),
  );
});

test("the default socket fails in a directory that other users can access", () => {
  const runtime = tempDirectory();
  const directory = join(runtime, "gestalt-cache-memory");
  mkdirSync(directory);
  chmodSync(directory, 0o711);
  expect(() => createDefaultSocketPath({ XDG_RUNTIME_DIR: runtime })).toThrow(
    `${directory} must be a directory that only you can access`,
  );
});

test("the default socket fails without a temporary directory, and does not create one", () => {
  const temporary = join(tempDirectory(), "caf\uFFFD");
  expect(() => createDefaultSocketPath({}, temporary)).toThrow(
    `there is no directory ${temporary}; set TMPDIR to a directory that you can write to`,
  );
  expect(existsSync(temporary)).toBe(false);
});

test("the default socket fails in a directory that is a symbolic link", () => {
  const runtime = tempDirectory();
  symlinkSync(tempDirectory(), join(runtime, "gestalt-cache-memory"));
  expect(() => createDefaultSocketPath({ XDG_RUNTIME_DIR: runtime })).toThrow(
    "only you can access",
  );
});
