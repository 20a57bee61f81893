import { grpcRequestFields, type HeaderField } from "./http2-frames.js";
import type { Random } from "./random.js";

/** A request with something hostile in its headers, and the endings that are right. */
export interface HeaderCase {
  readonly what: string;
  readonly fields: readonly HeaderField[];
  /** As in `Outcome.status`. */
  readonly expected: readonly string[];
}

const GET = "/gestalt.provider.v1.Cache/Get";

const OK = "0";
const INVALID_ARGUMENT = "3";
const DEADLINE_EXCEEDED = "4";
const UNIMPLEMENTED = "12";

/** HTTP/2 itself refuses a request whose fields are malformed; it never becomes a call. */
const MALFORMED = "reset 1";

/** HTTP/2 has ended the connection. */
const LOST = "lost";

/**
 * Names of fields for which some HTTP/2 does so: for a body that is longer than its
 * content-length says (newer Node), and for a field without a name (Bun).
 */
const ENDING_NAMES = ["content-length", ""];

/** Everything that a field's value may contain, and what it must not. */
const PRINTABLE = Array.from({ length: 0x7f - 0x21 }, (_, i) => String.fromCharCode(0x21 + i));
const FORBIDDEN = ["\0", "\r", "\n", "\x01", "\x1f", "\x7f"];

const AUTHORITIES = ["tmp%2Fx.sock", "%2F", "%", "[::1", "]", ":", "::", "x:99999", "x:-1"].concat(
  ["user:password@host", "@", "..", "localhost:", "[fe80::1%25eth0]", "a".repeat(8_000)],
  ["__proto__", "constructor", "0x7f.1", "127.0.0.1:0", "xn--", "%00", "%C3%28"],
);

/** What makes up an authority by RFC 3986, without a user, whom newer HTTP/2 refuses. */
const AUTHORITY = /^[A-Za-z0-9._~!$&'()*+,;=:[\]%-]+$/;

const PATHS = ["//", "/", "/gestalt.provider.v1.Cache", "/gestalt.provider.v1.Cache/"].concat(
  ["/gestalt.provider.v1.Cache/get", "/gestalt.provider.v1.Cache//Get", `${GET}/`, `${GET}%00`],
  ["/gestalt.provider.v1.Cache/__proto__", "/gestalt.provider.v1.Cache/constructor"],
  ["/__proto__/constructor", "/toString", "/../gestalt.provider.v1.Cache/Get", `/${GET}`],
  ["/%67estalt.provider.v1.Cache/Get", `/${"a".repeat(8_000)}`, `/${"a/".repeat(4_000)}`],
  ["/http://localhost/gestalt.provider.v1.Cache/Get", "/\\..\\", "/%", "/[", "/{}"],
);

const NAMES = [
  "__proto__",
  "constructor",
  "hasownproperty",
  "then",
  "x",
  "cookie",
  "expect",
].concat(
  ["grpc-accept-encoding", "grpc-previous-rpc-attempts", "grpc-tags-bin", "x-bin", "user-agent"],
  ["content-disposition", "range", "if-none-match", "x-forwarded-for", "authorization", "accept"],
);

/** Fields of HTTP/1.1 connections, which make a request of HTTP/2 malformed. */
const CONNECTION_FIELDS = ["connection", "transfer-encoding", "upgrade", "keep-alive"];

/** Hostile headers, the same for the same seed. */
export function headerCase(random: Random): HeaderCase {
  return random.pick([
    authorityCase,
    pathCase,
    timeoutCase,
    valueCase,
    nameCase,
    contentTypeCase,
    encodingCase,
  ])(random);
}

function withField(name: string, value: string): HeaderField[] {
  const fields = grpcRequestFields(GET);
  const index = fields.findIndex(([each]) => each === name);
  fields.splice(index === -1 ? fields.length : index, index === -1 ? 0 : 1, [name, value]);
  return fields;
}

function authorityCase(random: Random): HeaderCase {
  const authority = random.below(3) > 0 ? random.pick(AUTHORITIES) : text(random, 30);
  return {
    what: `:authority ${JSON.stringify(authority)}`,
    fields: withField(":authority", authority),
    expected: AUTHORITY.test(authority) ? [OK] : [OK, MALFORMED],
  };
}

function pathCase(random: Random): HeaderCase {
  const path = random.below(2) > 0 ? random.pick(PATHS) : `/${text(random, 60)}`;
  return {
    what: `:path ${JSON.stringify(path)}`,
    fields: withField(":path", path),
    expected: isPlain(path) ? [UNIMPLEMENTED] : [UNIMPLEMENTED, MALFORMED],
  };
}

/** As the gRPC specification writes it: at most eight digits and a unit. */
const TIMEOUT = /^(\d{1,8})([HMSmun])$/;
const UNIT_NS: Record<string, number> = { H: 36e11, M: 6e10, S: 1e9, m: 1e6, u: 1e3, n: 1 };

/** A call may take so long on a busy machine. */
const LONG_NS = 30e9;

function timeoutCase(random: Random): HeaderCase {
  const digits = Array.from({ length: 1 + random.below(9) }, () => random.below(10)).join("");
  const unit = random.pick(["H", "M", "S", "m", "u", "n", "", "s", "h", "x", " S", "\u00b5"]);
  const prefix = random.below(8) === 0 ? random.pick(["-", "+", " ", "0x", "1e", "."]) : "";
  const timeout = random.below(20) === 0 ? text(random, 20) : `${prefix}${digits}${unit}`;
  return {
    what: `grpc-timeout ${JSON.stringify(timeout)}`,
    fields: withField("grpc-timeout", timeout),
    expected: expectedForTimeout(timeout),
  };
}

function expectedForTimeout(timeout: string): string[] {
  const [, digits, unit = ""] = TIMEOUT.exec(timeout) ?? [];
  // HTTP/2 leaves out a field whose value is malformed, or refuses the request.
  if (digits === undefined) {
    return isPlain(timeout) ? [INVALID_ARGUMENT] : [INVALID_ARGUMENT, OK, MALFORMED];
  }
  return Number(digits) * (UNIT_NS[unit] ?? 0) >= LONG_NS ? [OK] : [OK, DEADLINE_EXCEEDED];
}

function valueCase(random: Random): HeaderCase {
  const name = random.pick(NAMES);
  const value = text(random, random.pick([1, 10, 100, 4_000]));
  return {
    what: `${name}: ${JSON.stringify(value)}`,
    fields: withField(name, value),
    expected: isPlain(value) ? [OK] : [OK, MALFORMED],
  };
}

function nameCase(random: Random): HeaderCase {
  const name = random.pick([
    ...CONNECTION_FIELDS,
    "X-Upper",
    "",
    " ",
    "a b",
    "a:b",
    ":status",
    ":unknown",
    ":path",
    "host",
    "content-length",
    text(random, 10),
  ]);
  const isGood = /^[a-z0-9!#$%&'*+.^_`|~-]+$/.test(name) && !CONNECTION_FIELDS.includes(name);
  return {
    what: `a field named ${JSON.stringify(name)}`,
    fields: [...grpcRequestFields(GET), [name, "3"]],
    expected: ENDING_NAMES.includes(name) ? [OK, MALFORMED, LOST] : isGood ? [OK] : [OK, MALFORMED],
  };
}

const CONTENT_TYPES = ["", "text/plain", "application/grpc-evil", "application/grpc;x=y"].concat(
  ["application/GRPC", "application/grpc+", "application/grpc+xml", "application/grpc+proto"],
  ["application/json", "application/proto", "application/grpc-web+proto", "application/grpc+json"],
  ["multipart/form-data; boundary=x", "application/connect+proto", "application/octet-stream"],
);

/** The ways to say that a request is none of ours, or not well-formed as what it claims to be. */
const HTTP_ANSWERS = ["http 200", "http 400", "http 404", "http 415", "http 501", MALFORMED];

function contentTypeCase(random: Random): HeaderCase {
  const type = random.below(3) > 0 ? random.pick(CONTENT_TYPES) : text(random, 40);
  return {
    what: `content-type ${JSON.stringify(type)}`,
    fields: withField("content-type", type),
    expected: [OK, INVALID_ARGUMENT, UNIMPLEMENTED, "13", ...HTTP_ANSWERS],
  };
}

function encodingCase(random: Random): HeaderCase {
  const encoding = random.pick(["gzip", "br", "identity", "deflate", "snappy", "GZIP", "", "*"]);
  const name = random.pick(["grpc-encoding", "grpc-accept-encoding", "content-encoding"]);
  return {
    what: `${name} ${JSON.stringify(encoding)}`,
    fields: withField(name, encoding),
    expected: [OK, UNIMPLEMENTED],
  };
}

/** Mostly printable; sometimes with spaces, bytes above ASCII, or what no field may contain. */
function text(random: Random, maxLength: number): string {
  const kind = random.below(4);
  return Array.from({ length: random.below(maxLength + 1) }, () => {
    if (kind === 1 && random.below(10) === 0) return random.pick(FORBIDDEN);
    if (kind === 2 && random.below(5) === 0) return String.fromCharCode(0x80 + random.below(0x80));
    if (kind === 3 && random.below(5) === 0) return random.pick([" ", "\t"]);
    return random.pick(PRINTABLE);
  }).join("");
}

/** Printable and without spaces, so that no rule about fields is in doubt. */
function isPlain(value: string): boolean {
  return /^[\x21-\x7e]+$/.test(value);
}
