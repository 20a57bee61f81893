import type { CaseFacts, ConformanceCase, ConformanceLevel } from "../../src/conformance/index.js";
import { groupBySection } from "../../src/conformance/report/section-names.js";
import type { ExpectedFailures } from "../interop/expected-failures.js";
import type { Fault } from "./fault.js";

const NEEDS: Readonly<Record<ConformanceCase["needs"], string>> = {
  cache: "any provider",
  object: "a provider in process",
  wire: "a provider over gRPC",
  lifecycle: "a provider over gRPC that serves ProviderLifecycle",
  own: "a provider in process, or a command",
  process: "a command",
};

/** docs/conformance.md: what the kit is, every case by section, and what proves the kit. */
export function renderCatalogue(
  cases: readonly ConformanceCase[],
  faults: readonly Fault[],
  sdkFailures: Readonly<Record<string, ExpectedFailures>>,
): string {
  const count = (level: ConformanceLevel): number =>
    cases.filter((each) => each.level === level).length;
  return `# Conformance cases

<!-- Generated from src/conformance/cases by \`npm run generate\`. -->

Each case is one rule for a Gestalt cache provider, in one sentence, with a way to check it. Ids are
permanent. \`--only\`, \`--skip\` and every report use them; \`--only\` and \`--skip\` also accept a theme,
the part before the slash.

- **required** (${count("required")}): the contract. A provider that breaks it makes a host or a plugin fail.
- **recommended** (${count("recommended")}): good practice. The host works without it.
- **ours** (${count("ours")}): rules of gestalt-cache-memory only.

The profile \`required\` runs the first group, \`recommended\` the first two, and \`strict\` all.
[writing-a-provider.md](writing-a-provider.md) describes how to run them.

The kit itself is tested. It passes three providers that keep the contract, one of them written without
any code of this project. It also runs against ${faults.length} providers that break the contract in one way
each, such as one that ${faults[0] === undefined ? "" : sample(faults)}.
Every case below fails for at least one of them.

${groupBySection(cases, ({ section }) => section)
  .map(([title, group]) => `## ${title}\n\n${group.map(entryOf).join("\n")}`)
  .join("\n\n")}

## What Gestalt's SDKs decide

A provider on one of these SDKs fails the cases below whatever its author does. What an author can mend
is not listed: the [walk-throughs](writing-a-provider.md#walk-throughs) mend it. The tests of this project
follow those on the SDKs of Python and Rust, and fail when a case of their lists passes.

${Object.entries(sdkFailures)
  .map(([sdk, failures]) => `### ${sdk}\n\n${Object.entries(failures).map(failureOf).join("\n")}`)
  .join("\n\n")}
`;
}

function failureOf([id, reason]: readonly [id: string, reason: string]): string {
  return `- \`${id}\`: ${reason}.`;
}

function sample(faults: readonly Fault[]): string {
  const some = ["counts duplicates twice", "restores expired entries in Touch", "ignores SIGTERM"];
  const known = some.filter((fault) => faults.some((each) => each.fault === fault));
  return `${known.slice(0, -1).join(", ")} or ${known.at(-1) ?? ""}`;
}

function entryOf(each: ConformanceCase): string {
  const { id, title, level, reason }: CaseFacts = each;
  const where = each.needs === "cache" ? "" : ` Needs ${NEEDS[each.needs]}.`;
  return `- \`${id}\` (${level}): **${escapeMarkdown(title)}** ${escapeMarkdown(reason)}${where}`;
}

/** Names such as __proto__ must not become emphasis. */
function escapeMarkdown(text: string): string {
  return text.replaceAll(/__|[*<>[\]`\\]/g, (found) => found.replaceAll(/./g, "\\$&"));
}
