import { runInNewContext } from "node:vm";

/** A detached buffer: its memory was transferred. */
function detachedBuffer(): ArrayBuffer {
  const buffer = new ArrayBuffer(8);
  structuredClone(buffer, { transfer: [buffer] });
  return buffer;
}

function viewOfDetachedBuffer<View>(viewOf: (buffer: ArrayBuffer) => View): View {
  const buffer = new ArrayBuffer(8);
  const view = viewOf(buffer);
  structuredClone(buffer, { transfer: [buffer] });
  return view;
}

/** Wrong keys that JavaScript callers may pass, and how errors name them. */
export const WRONG_KEYS: readonly (readonly [value: unknown, problem: string])[] = [
  [undefined, "must be a string (got undefined)"],
  [null, "must be a string (got null)"],
  [1, "must be a string (got a number)"],
  [NaN, "must be a string (got a number)"],
  [1n, "must be a string (got a bigint)"],
  [true, "must be a string (got a boolean)"],
  [Symbol("key"), "must be a string (got a symbol)"],
  [() => "key", "must be a string (got a function)"],
  [{}, "must be a string (got an Object)"],
  [["key"], "must be a string (got an Array)"],
  [new Date(0), "must be a string (got a Date)"],
  [new String("key"), "must be a string (got a String)"],
  [Buffer.from("key"), "must be a string (got a Uint8Array)"],
  ["\ud800", 'must be well-formed Unicode, without a lone surrogate (got "\\ud800")'],
  ["\udfff", 'must be well-formed Unicode, without a lone surrogate (got "\\udfff")'],
  ["a\ud83d", "must be well-formed Unicode"],
  ["\udca9\ud83d", "must be well-formed Unicode"],
  [`${"k".repeat(100)}\ud800`, "… (101 characters))"],
];

/** Wrong values that JavaScript callers may pass, and how errors name them. */
export const WRONG_VALUES: readonly (readonly [value: unknown, got: string])[] = [
  [undefined, "(got undefined)"],
  [null, "(got null)"],
  ["text", "(got a string)"],
  ["", "(got a string)"],
  [0, "(got a number)"],
  [NaN, "(got a number)"],
  [8n, "(got a bigint)"],
  [false, "(got a boolean)"],
  [Symbol("value"), "(got a symbol)"],
  [() => new Uint8Array(), "(got a function)"],
  [{}, "(got an Object)"],
  [{ length: 2, 0: 1, 1: 2 }, "(got an Object)"],
  [[], "(got an Array)"],
  [[1, 2, 3], "(got an Array)"],
  [new Date(0), "(got a Date)"],
  [new Map(), "(got a Map)"],
  [Promise.resolve(new Uint8Array(1)), "(got a Promise)"],
  [Buffer.from("x").toJSON(), "(got an Object)"],
  [new Blob(["x"]), "(got a Blob)"],
  [new Int8Array(2), "(got an Int8Array)"],
  [new Uint8ClampedArray(2), "(got a Uint8ClampedArray)"],
  [new Uint16Array(2), "(got a Uint16Array)"],
  [new Float64Array(2), "(got a Float64Array)"],
  [detachedBuffer(), "(got a detached ArrayBuffer)"],
  [viewOfDetachedBuffer((buffer) => new Uint8Array(buffer)), "(got a detached ArrayBuffer)"],
  [viewOfDetachedBuffer((buffer) => new DataView(buffer)), "(got a detached ArrayBuffer)"],
];

/** Wrong TTLs that JavaScript callers may pass, and how errors name them. */
export const WRONG_TTLS: readonly (readonly [value: unknown, problem: string])[] = [
  [NaN, "ttl must be at most 315576000000000 ms (got NaN)"],
  [315_576_000_000_001, "ttl must be at most 315576000000000 ms (got 315576000000001)"],
  ["5000", "ttlMs must be a number of milliseconds (got a string)"],
  ["", "ttlMs must be a number of milliseconds (got a string)"],
  [null, "ttlMs must be a number of milliseconds (got null)"],
  [5_000n, "ttlMs must be a number of milliseconds (got a bigint)"],
  [true, "ttlMs must be a number of milliseconds (got a boolean)"],
  [new Date(0), "ttlMs must be a number of milliseconds (got a Date)"],
  [{}, "ttlMs must be a number of milliseconds (got an Object)"],
  [[5_000], "ttlMs must be a number of milliseconds (got an Array)"],
];

/** The bytes 1, 2, 3 in every type that holds bytes. */
export function bytesInEveryForm(): readonly (readonly [name: string, value: unknown])[] {
  const shared = new SharedArrayBuffer(3);
  new Uint8Array(shared).set([1, 2, 3]);
  const larger = Uint8Array.of(9, 1, 2, 3, 9);
  const realm = runInNewContext("Uint8Array.of(1, 2, 3)") as Uint8Array;
  return [
    ["a Uint8Array", Uint8Array.of(1, 2, 3)],
    ["a part of a Uint8Array", larger.subarray(1, 4)],
    ["a Buffer", Buffer.from([1, 2, 3])],
    ["a DataView", new DataView(larger.buffer, 1, 3)],
    ["an ArrayBuffer", larger.slice(1, 4).buffer],
    ["a SharedArrayBuffer", shared],
    ["a Uint8Array of shared memory", new Uint8Array(shared)],
    ["a DataView of shared memory", new DataView(shared)],
    ["a Uint8Array of another realm", realm],
    ["an ArrayBuffer of another realm", realm.buffer],
  ];
}
