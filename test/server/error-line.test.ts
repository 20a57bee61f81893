import { expect, test } from "vitest";
import { errorLine } from "../../src/server/error-line.js";

test("an error is one line with its name, message and first stack frames", () => {
  const line = errorLine(new TypeError("bad\nvalue\r"), "internal error");
  expect(line).toMatch(/^internal error: TypeError: bad\\nvalue\\r at .*error-line\.test\.ts/);
  expect(line).not.toMatch(/[\r\n]/);
});

test("an error without a stack is shown by name and message", () => {
  const error = new Error("bare");
  delete error.stack;
  expect(errorLine(error, "here")).toBe("here: Error: bare");
});

test("a thrown string is shown, and thrown bytes are not", () => {
  expect(errorLine("text", "here")).toBe("here: text");
  expect(errorLine(undefined, "here")).toBe("here: a thrown undefined");
  expect(errorLine(Buffer.from("secret"), "here")).toBe("here: a thrown object");
});

test("an error with hostile properties does not throw", () => {
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

test("a long message is truncated", () => {
  expect(errorLine(new Error("x".repeat(100_000)), "here").length).toBeLessThan(2_100);
});
