import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import { printedFormOf } from "../../src/conformance/process/printed-form.js";

const VALUE = "conformance-secret-value";
const bytes = Buffer.from(VALUE);

const TEXT = "as text";
const HEX = "in hexadecimal";
const DECIMAL = "as decimal numbers";
const BASE64 = "in base64";

const DECIMALS =
  "99 111 110 102 111 114 109 97 110 99 101 45 115 101 99 114 101 116 45 118 97 108 117 101";
const HEX_BYTES = "63 6f 6e 66 6f 72 6d 61 6e 63 65 2d 73 65 63 72 65 74 2d 76 61 6c 75 65";

/** What Go 1.26.8 and Rust 1.95.0 print for these bytes was captured from programs. */
const PRINTED: readonly (readonly [how: string, printed: string, form: string])[] = [
  ["console.log of a string", inspect({ value: VALUE }), TEXT],
  ["console.log of a Buffer", inspect(bytes), HEX],
  ["console.log of a Uint8Array", inspect(new Uint8Array(bytes)), DECIMAL],
  ["console.log of an array", inspect([...bytes]), DECIMAL],
  ["JSON.stringify of a Buffer", JSON.stringify({ bytes }), DECIMAL],
  ["JSON.stringify of a Uint8Array", JSON.stringify(new Uint8Array(bytes)), DECIMAL],
  [
    "base64 in lines of 20 characters",
    bytes.toString("base64").replaceAll(/.{20}/g, "$&\n"),
    BASE64,
  ],
  ["Go's %v", `[${DECIMALS}]`, DECIMAL],
  ["Go's %x", HEX_BYTES.replaceAll(" ", ""), HEX],
  ["Go's %X", HEX_BYTES.replaceAll(" ", "").toUpperCase(), HEX],
  ["Go's % x", HEX_BYTES, HEX],
  ["Go's %#v", `[]byte{0x${HEX_BYTES.replaceAll(" ", ", 0x")}}`, HEX],
  ["Rust's {:?}", `[${DECIMALS.replaceAll(" ", ", ")}]`, DECIMAL],
  ["Rust's {:#?}", `[\n    ${DECIMALS.replaceAll(" ", ",\n    ")},\n]`, DECIMAL],
  ["Rust's {:x?}", `[${HEX_BYTES.replaceAll(" ", ", ")}]`, HEX],
  ["base64 of a longer message, one byte before", base64After(1), BASE64],
  ["base64 of a longer message, two bytes before", base64After(2), BASE64],
];

function base64After(count: number): string {
  return Buffer.concat([Buffer.alloc(count, 7), bytes, Buffer.of(8)]).toString("base64");
}

describe("a value is found in the output of", () => {
  test.each(PRINTED)("%s", (_how, printed, form) => {
    expect(printedFormOf(VALUE, `set a\n${printed}\nset b\n`)).toBe(form);
  });

  test("base64 in the alphabet of URLs", () => {
    const value = "conformance>>>???secret";
    const printed = Buffer.from(value).toString("base64url");
    expect(printed).toMatch(/[-_]/);
    expect(printedFormOf(value, printed)).toBe(BASE64);
  });
});

test.each([
  "",
  "set conformance-secret (24 bytes)",
  bytes.subarray(1).toString("hex"),
  inspect(bytes.subarray(0, -1)),
  inspect([...bytes.subarray(1)]),
  bytes.subarray(3).toString("base64"),
])("a value is not found in %j", (printed) => {
  expect(printedFormOf(VALUE, printed)).toBe(undefined);
});
