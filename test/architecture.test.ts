import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { describe, expect, test } from "vitest";

const SRC = join(import.meta.dirname, "../src");

/** Which rooms a room may import; every room may import from itself. */
const MAY_IMPORT: Record<string, readonly string[]> = {
  contract: [],
  memory: ["contract"],
  rpc: ["contract"],
  server: ["contract", "rpc"],
  client: ["contract", "rpc"],
  conformance: ["contract", "rpc", "client"],
  release: [],
};

/** Packages that stay in one room, so that the others do not depend on their ways. */
const AT_HOME: readonly (readonly [module: RegExp, rooms: readonly string[]])[] = [
  [/^node:(http2?|net|tls)$/, ["server", "client", "conformance", "cli"]],
  [/^@connectrpc\/connect-node$/, ["server", "client", "conformance", "cli"]],
  [/^ajv/, ["release"]],
  [/^(commander|yaml)$/, ["cli", "release"]],
];

interface Import {
  readonly file: string;
  readonly room: string;
  readonly specifier: string;
}

function importsOf(path: string): Import[] {
  const file = relative(SRC, path);
  const room = file.includes("/") ? (file.split("/")[0] ?? "") : "";
  const source = readFileSync(path, "utf8");
  const found = source.matchAll(/(?:\bfrom|^import|\bimport\()\s*["']([^"']+)["']/gm);
  return [...found].map(([, specifier = ""]) => ({ file, room, specifier }));
}

const imports = readdirSync(SRC, { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".ts") && !file.startsWith("rpc/gen/"))
  .flatMap((file) => importsOf(join(SRC, file)));

function targetRoom({ file, specifier }: Import): string {
  const target = relative(SRC, join(SRC, dirname(file), specifier));
  return target.includes("/") ? (target.split("/")[0] ?? "") : "";
}

test("the house is read", () => {
  expect(imports.length).toBeGreaterThan(100);
});

describe.each(Object.entries(MAY_IMPORT))("%s", (room, allowed) => {
  test(`imports nothing but itself${allowed.map((each) => ` and ${each}`).join("")}`, () => {
    const wrong = imports
      .filter((each) => each.room === room && each.specifier.startsWith("."))
      .filter((each) => ![room, ...allowed].includes(targetRoom(each)))
      .map(({ file, specifier }) => `${file} imports ${specifier}`);
    expect(wrong).toEqual([]);
  });
});

test("nobody imports the command line", () => {
  const wrong = imports.filter(
    (each) => each.specifier.startsWith(".") && each.room !== "cli" && targetRoom(each) === "cli",
  );
  expect(wrong.map(({ file, specifier }) => `${file} imports ${specifier}`)).toEqual([]);
});

test.each(AT_HOME)("%s stays in %j", (module, rooms) => {
  const wrong = imports.filter(
    ({ room, specifier }) => module.test(specifier) && !rooms.includes(room),
  );
  expect(wrong.map(({ file, specifier }) => `${file} imports ${specifier}`)).toEqual([]);
});
