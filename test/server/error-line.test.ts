import { expect, test } from "vitest";
import { errorLine } from "../../src/server/error-line.js";

test("an error with its kind, its message and where it came from, in one line", () => {
  const line = errorLine(new TypeError("bad\nvalue\r"), "internal error");
  expect(line).toMatch(/^internal error: TypeError: bad\\nvalue\\r at .*error-line\.test\.ts/);
  expect(line).not.toMatch(/[\r\n]/);
});

test("an error without a stack", () => {
  const error = new Error("bare");
  delete error.stack;
  expect(errorLine(error, "here")).toBe("here: Error: bare");
});

test("thrown values that are no errors; bytes are not shown", () => {
  expect(errorLine("text", "here")).toBe("here: text");
  expect(errorLine(undefined, "here")).toBe("here: a thrown undefined");
  expect(errorLine(Buffer.from("secret"), "here")).toBe("here: a thrown object");
});

test("errors that cannot be shown", () => {
  const silent = Object.defineProperty(new Error(), "message", {
    get: () => {
      throw new TypeError("no message");
    },
  });
  const listed = Object.assign(new Error("with a stack that is a list"), { stack: ["at here"] });
  for (const error of [silent, listed]) {
    expect(errorLine(error, "here")).toBe("here: an error that cannot be shown");
  }
});

test("a message of any length stays a line that one can read", () => {
  expect(errorLine(new Error("x".repeat(100_000)), "here").length).toBeLessThan(2_100);
});
