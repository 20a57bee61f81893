import { describe, expect, test, vi } from "vitest";
import { formatEntryLine, parseEntryLines } from "../../src/cli/client/entry-lines.js";
import { startCachesForCommands } from "./run-command.js";

// Real processes, which take their time on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

const parse = (text: string): ReturnType<typeof parseEntryLines> =>
  parseEntryLines(Buffer.from(text));

describe("set-many names a wrong line and its problem", () => {
  const FORMS = 'is not {"key": "...", "value": "text"} or {"key": "...", "base64": "..."}';
  test.each([
    ["nonsense", FORMS],
    ["[]", FORMS],
    ["null", FORMS],
    ["{}", FORMS],
    ['{"key":1,"value":""}', FORMS],
    ['{"key":"a"}', FORMS],
    ['{"key":"a","value":null}', FORMS],
    ['{"key":"a","value":"b","base64":""}', FORMS],
    ['{"key":"a","value":"b","base64":null}', FORMS],
    ['{"key":"a","value":"b"', FORMS],
    ['{"key":"a","value":"b"} {"key":"c","value":"d"}', FORMS],
    ['{"key":"a","value":"b","ttl":"5m"}', 'has the unknown member "ttl"'],
    ['{"key":"a","value":"b","__proto__":1}', 'has the unknown member "__proto__"'],
    ['{"key":"a","base64":"!"}', 'has a "base64" that is not base64'],
    ['{"key":"a","base64":"AP/_"}', 'has a "base64" that is not base64'],
    ['{"key":"a","base64":"AAA==="}', 'has a "base64" that is not base64'],
    ['{"key":"a","base64":"A\\nA=="}', 'has a "base64" that is not base64'],
    ['{"key":"\\ud800","value":""}', 'has a lone surrogate in "key"'],
    ['{"key":"a","value":"x\\udfffx"}', 'has a lone surrogate in "value"'],
  ])("%s", (line, problem) => {
    const wrong = (): unknown => parse(`{"key":"a","value":"b"}\n\n${line}\n`);
    expect(wrong).toThrow(`line 3 ${problem}`);
  });

  test("for bytes that are not UTF-8", () => {
    const line = Buffer.from('{"key":"a\xff","value":"b"}', "latin1");
    expect(() => parseEntryLines(Buffer.concat([Buffer.from("\r\n"), line]))).toThrow(
      "line 2 is not UTF-8 text",
    );
  });
});

test("set-many reads entries with empty lines, both line breaks and a byte order mark", () => {
  const text =
    '\uFEFF{"key":"a","value":"\uFEFF"}\r\n\n  \n{"key":"","base64":"/w"}\n{"value":"","key":"c"}';
  expect(parse(text)).toEqual([
    { key: "a", value: Buffer.from("\uFEFF") },
    { key: "", value: Buffer.from([255]) },
    { key: "c", value: Buffer.alloc(0) },
  ]);
});

test("formatEntryLine escapes control characters for a terminal", () => {
  const entry = { key: "\u0000\u001b\u007f\u009b\u202e", value: Buffer.from("\u0085\u2028\u2066") };
  const line = formatEntryLine(entry, { isTerminal: true });
  expect(line).toMatch(/^[\x20-\x7e]*\n$/);
  for (const text of [line, formatEntryLine(entry, { isTerminal: false })]) {
    expect(parse(text)).toEqual([entry]);
  }
});

test("set-many reads more lines than a function call has arguments", async () => {
  const { runProcess, caches } = await startCachesForCommands();
  const lines = Array.from({ length: 150_000 }, (_, index) => `{"key":"${index}","value":""}\n`);
  const { code, stderr } = await runProcess(["set-many", "-"], lines.join(""));
  expect(stderr).toBe("");
  expect(code).toBe(0);
  const { sets } = caches.statistics().get("cache") ?? {};
  expect(sets).toBe(150_000);
});

test("set-many writes nothing when a line is wrong", async () => {
  const { runProcess, caches } = await startCachesForCommands();
  const { code, stderr } = await runProcess(["set-many", "a=1", "-"], '{"key":"b","base64":"?"}');
  expect(stderr).toContain('line 1 has a "base64" that is not base64');
  expect(code).toBe(2);
  expect(caches.statistics().get("cache")?.sets).toBe(0);
});

test("too many arguments fail with a way out", async () => {
  const { run } = await startCachesForCommands();
  const many = Array<string>(120_000).fill("a");
  for (const args of [
    ["get-many", ...many],
    ["delete", "--", ...many],
    ["exec", "--", "true", ...many],
  ]) {
    const { code, stderr } = await run(args);
    expect(stderr).toContain(
      "arguments, above the limit of 100000; split them, for example with xargs",
    );
    expect(code).toBe(2);
  }
  expect((await run(["delete", ...many.slice(0, 30_000)])).code).toBe(1);
});
