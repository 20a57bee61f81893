import { chmodSync, mkdirSync, statSync, symlinkSync } from "node:fs";
import { userInfo } from "node:os";
import { join, relative } from "node:path";
import { expect, test } from "vitest";
import { createDefaultSocketPath } from "../../src/cli/default-socket.js";
import { tempDirectory } from "../support/temp-directory.js";

test("lies in a private directory under the runtime directory", () => {
  const runtime = tempDirectory();
  const path = createDefaultSocketPath({ XDG_RUNTIME_DIR: runtime }, "/unused");
  expect(path).toBe(join(runtime, "gestalt-cache-memory", "cache.sock"));
  expect(statSync(join(path, "..")).mode & 0o777).toBe(0o700);
  expect(createDefaultSocketPath({ XDG_RUNTIME_DIR: runtime }, "/unused")).toBe(path);
});

test.each([undefined, "", "relative", "/does/not/exist", "/etc/hosts"])(
  "with the runtime directory %j it lies under the temporary one, apart from other users'",
  (runtime) => {
    const temporary = tempDirectory();
    expect(createDefaultSocketPath({ XDG_RUNTIME_DIR: runtime }, temporary)).toBe(
      join(temporary, `gestalt-cache-memory-${userInfo().uid}`, "cache.sock"),
    );
  },
);

test("a relative temporary directory does not make the path relative", () => {
  const temporary = tempDirectory();
  expect(createDefaultSocketPath({}, relative(process.cwd(), temporary))).toBe(
    createDefaultSocketPath({}, temporary),
  );
});

test("a directory that others may enter is refused", () => {
  const runtime = tempDirectory();
  const directory = join(runtime, "gestalt-cache-memory");
  mkdirSync(directory);
  chmodSync(directory, 0o711);
  expect(() => createDefaultSocketPath({ XDG_RUNTIME_DIR: runtime })).toThrow(
    `${directory} is not a directory that only you can use`,
  );
});

test("a link to somewhere else is refused", () => {
  const runtime = tempDirectory();
  symlinkSync(tempDirectory(), join(runtime, "gestalt-cache-memory"));
  expect(() => createDefaultSocketPath({ XDG_RUNTIME_DIR: runtime })).toThrow("only you can use");
});
