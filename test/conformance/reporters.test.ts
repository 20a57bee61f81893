import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, test } from "vitest";
import schema from "../../docs/conformance-report.schema.json" with { type: "json" };
import {
  KIT_VERSION,
  renderBadge,
  renderJson,
  renderJunit,
  renderTap,
  renderText,
  type ConformanceReport,
} from "../../src/conformance/index.js";
import { createReport } from "../../src/conformance/report.js";

const facts = {
  title: 'It holds <what> it "says" & more.',
  section: "3.7",
  level: "required",
  reason: "Nobody wants less.",
} as const;

const report: ConformanceReport = createReport({
  subject: "unix:///x.sock",
  profile: "required",
  results: [
    { outcome: "passed", case: { ...facts, id: "ttl/one" }, durationMs: 12 },
    {
      outcome: "failed",
      case: { ...facts, id: "ttl/two" },
      durationMs: 1500,
      sent: ['Set("k\u0001", 1 byte "v", no ttl) -> OK', 'Get("k") -> not found'],
      expected: 'found, 1 byte "v"',
      received: "not found",
    },
    {
      outcome: "skipped",
      case: { ...facts, id: "get/three", section: "3.1" },
      durationMs: 0,
      reason: "needs #1",
    },
  ],
  problem: undefined,
  durationMs: 1512,
});

const endedEarly = createReport({ ...report, results: report.results, problem: "it went\naway" });

test("a report counts its results by outcome", () => {
  expect(report).toMatchObject({ passed: 1, failed: 1, skipped: 1, conforms: false });
  expect("problem" in report).toBe(false);
});

test("a run that ended early does not conform, even without a failure", () => {
  expect(createReport({ ...report, results: [], problem: "gone" }).conforms).toBe(false);
  expect(createReport({ ...report, results: [], problem: undefined }).conforms).toBe(true);
});

describe("a report as text", () => {
  test("has a table by section, in the contract's order, and every failure in full", () => {
    expect(renderText(report)).toBe(
      `unix:///x.sock, profile required, kit ${KIT_VERSION}

  section  passed  failed  skipped
  Get           0       0        1
  TTL           1       1        0

FAILED ttl/two (required)
    It holds <what> it "says" & more.
    Why: Nobody wants less.
    sent:
      Set("k\u0001", 1 byte "v", no ttl) -> OK
      Get("k") -> not found
    expected: found, 1 byte "v"
    received: not found

skipped (needs #1):
    get/three

does not conform to the required profile: 1 passed, 1 failed, 1 skipped in 1.5 s
`,
    );
  });

  test("names the reason why a run ended early", () => {
    expect(renderText(endedEarly)).toContain("The run ended early: it went\naway.");
  });

  test("counts the cases that were skipped for one reason when they are many", () => {
    const [skipped] = report.results.slice(2);
    const results = Array.from({ length: 60 }, () => skipped).filter((each) => each !== undefined);
    expect(renderText(createReport({ ...report, results, problem: undefined }))).toContain(
      "skipped (needs #1):\n    60 cases\n",
    );
  });
});

test("a report as JSON contains all of its fields", () => {
  expect(JSON.parse(renderJson(report))).toEqual(report);
});

describe("a report as JUnit", () => {
  test("is a suite with one escaped test case for each case", () => {
    expect(renderJunit(report)).toBe(
      `<?xml version="1.0" encoding="UTF-8"?>
<testsuite name="gestalt cache conformance ${KIT_VERSION}: unix:///x.sock" tests="3" failures="1" errors="0" skipped="1" time="1.512">
  <testcase classname="ttl" name="ttl/one: It holds &lt;what&gt; it &quot;says&quot; &amp; more." time="0.012"/>
  <testcase classname="ttl" name="ttl/two: It holds &lt;what&gt; it &quot;says&quot; &amp; more." time="1.500">
    <failure message="expected found, 1 byte &quot;v&quot;, received not found">Set(&quot;k\ufffd&quot;, 1 byte &quot;v&quot;, no ttl) -&gt; OK&#10;Get(&quot;k&quot;) -&gt; not found</failure>
  </testcase>
  <testcase classname="get" name="get/three: It holds &lt;what&gt; it &quot;says&quot; &amp; more." time="0.000">
    <skipped message="needs #1"/>
  </testcase>
</testsuite>
`,
    );
  });

  test("has an extra test case with the error that ended the run early", () => {
    expect(renderJunit(endedEarly)).toContain(`tests="4" failures="1" errors="1" skipped="1"`);
    expect(renderJunit(endedEarly)).toContain('<error message="it went&#10;away"/>');
  });
});

describe("a report as TAP", () => {
  test("is a plan with one test point for each case", () => {
    expect(renderTap(report)).toBe(
      `TAP version 14
1..3
# Gestalt cache conformance ${KIT_VERSION}
ok 1 - ttl/one: It holds <what> it "says" & more.
not ok 2 - ttl/two: It holds <what> it "says" & more.
  ---
  expected: "found, 1 byte \\"v\\""
  received: "not found"
  sent:
    - "Set(\\"k\\u0001\\", 1 byte \\"v\\", no ttl) -> OK"
    - "Get(\\"k\\") -> not found"
  ...
ok 3 - get/three: It holds <what> it "says" & more. # SKIP needs \\#1
`,
    );
  });

  test("bails out with the reason why the run ended early", () => {
    expect(renderTap(endedEarly)).toMatch(/\nBail out! it went away\n$/);
  });
});

test.each([report, endedEarly])("a report as JSON is valid by the published schema", (each) => {
  const validate = new Ajv2020({ strictTypes: false }).compile(schema);
  expect(validate(JSON.parse(renderJson(each))), JSON.stringify(validate.errors)).toBe(true);
  expect(validate({ ...each, kitVersion: undefined })).toBe(false);
  const [first] = each.results;
  expect(validate({ ...each, results: [{ ...first, outcome: "failed" }] })).toBe(false);
});

test("a report as a badge shows the profile and the number of cases, or the problem", () => {
  const messageOf = (each: ConformanceReport): unknown =>
    (JSON.parse(renderBadge(each)) as { message: unknown }).message;
  expect(JSON.parse(renderBadge(report))).toEqual({
    schemaVersion: 1,
    label: `Gestalt cache conformance ${KIT_VERSION}`,
    message: "1 failed",
    color: "red",
  });
  expect(
    messageOf(createReport({ ...report, results: report.results.slice(0, 1), problem: undefined })),
  ).toBe("required, 1 cases");
  expect(messageOf(createReport({ ...report, results: [], problem: "gone" }))).toBe(
    "not completed",
  );
});
