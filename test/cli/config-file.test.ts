import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { readConfigFile } from "../../src/cli/config-file.js";
import { tempDirectory } from "../support/temp-directory.js";

function configFile(content: string | Uint8Array): string {
  const file = join(tempDirectory(), "config.yaml");
  writeFileSync(file, content);
  return file;
}

test.each([
  ["", {}],
  ["# nothing yet\n", {}],
  ["---\n", {}],
  ["null", {}],
  ['{"maxBytes": "64MiB", "maxEntries": 5}', { maxBytes: "64MiB", maxEntries: 5 }],
  ["\uFEFFmaxEntries: 5\n", { maxEntries: 5 }],
  ["%YAML 1.2\n---\nmaxEntries: 5\n...\n", { maxEntries: 5 }],
  ["maxBytes: &size 64MiB\nmaxEntryBytes: *size", { maxBytes: "64MiB", maxEntryBytes: "64MiB" }],
  ["<<: {maxEntries: 5, maxBytes: 1}\nmaxBytes: 2", { maxEntries: 5, maxBytes: 2 }],
  ["!!map {maxEntries: !!int 5, maxBytes: !!str 64}", { maxEntries: 5, maxBytes: "64" }],
  // YAML 1.1 would read it as octal.
  ["%YAML 1.1\n---\nmaxEntries: 010", { maxEntries: 10 }],
  ["1: a\ntrue: b", { "1": "a", true: "b" }],
])("readConfigFile reads %j", async (text, config) => {
  expect(await readConfigFile(configFile(text))).toEqual(config);
});

test.each([
  ["!!omap [maxBytes: 1]", "Unresolved tag: tag:yaml.org,2002:omap at line 1"],
  ["!!omap {maxBytes: 1}", "Unresolved tag: tag:yaml.org,2002:omap at line 1"],
  ["!!set {maxBytes}", "Unresolved tag: tag:yaml.org,2002:set at line 1"],
  ["!!pairs [maxBytes: 1]", "Unresolved tag: tag:yaml.org,2002:pairs at line 1"],
  ["%YAML 1.1\n---\n!!set {maxBytes}", "Unresolved tag: tag:yaml.org,2002:set at line 3"],
  ["\nmaxBytes: !!binary aGk=", "Unresolved tag: tag:yaml.org,2002:binary at line 2"],
  ["maxBytes: !!timestamp 2001-01-01", "Unresolved tag: tag:yaml.org,2002:timestamp at line 1"],
  ["maxEntries: !!int many", "Unresolved tag: tag:yaml.org,2002:int at line 1"],
  ["!mine {maxBytes: 1}", "Unresolved tag: !mine at line 1"],
  ["maxBytes: !size 64MiB", "Unresolved tag: !size at line 1"],
  ["maxBytes: *missing", "Unresolved alias (the anchor must be set before the alias): missing"],
  ["a: &a 1\nb: [" + "*a, ".repeat(200) + "]", "Excessive alias count"],
  ["maxBytes: &a [*a]", "circular structure"],
  ["<<: 5", "Merge sources must be maps"],
  ["maxBytes: 1\nmaxBytes: 2", "Map keys must be unique at line 2"],
  ['{"maxBytes": 1, "maxBytes": 2}', "Map keys must be unique at line 1"],
  ["maxBytes: 1\n---\nmaxBytes: 2", "contains more than one YAML document; keep one"],
  ["[maxBytes]: 1", "all keys must be strings at line 1"],
  ["\tmaxBytes: 1", "neither YAML nor JSON: Tabs are not allowed"],
  ["[]", "must contain keys and values"],
  ["maxBytes", "must contain keys and values"],
  [Buffer.from("maxBytes: \xff", "latin1"), "is not UTF-8 text"],
  [Buffer.from("\uFEFFmaxBytes: 1", "utf16le"), "is not UTF-8 text"],
])("readConfigFile fails for %j with one line that names the file", async (content, problem) => {
  const warned = vi.spyOn(process, "emitWarning").mockImplementation(() => {});
  const file = configFile(content);
  const error = await readConfigFile(file).catch((reason: unknown) => reason as Error);
  expect(error).toBeInstanceOf(Error);
  expect((error as Error).message).toContain(problem);
  expect((error as Error).message.startsWith(file)).toBe(true);
  expect((error as Error).message).not.toContain("\n");
  expect(warned).not.toHaveBeenCalled();
});
