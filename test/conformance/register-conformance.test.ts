import { join } from "node:path";
import { describe, expect, it, test } from "vitest";
import { registerConformance } from "../../src/conformance/index.js";
import { createMemoryCacheProvider } from "../../src/memory/memory-cache-provider.js";
import { startProcess } from "../support/child-process.js";
import { ReferenceProvider } from "./reference-provider.js";
import { createTinyProvider } from "./tiny-provider.js";

describe("the memory provider, by the binding", () => {
  registerConformance(describe, it, (clock) => createMemoryCacheProvider({ clock }), {
    profile: "strict",
  });
});

/** The tests that a binding defines, by their full name. */
function definedBy(
  ...[createProvider, options]: BindingArguments
): Map<string, () => Promise<void>> {
  const defined = new Map<string, () => Promise<void>>();
  const groups: string[] = [];
  registerConformance(
    (name, define) => {
      groups.push(name);
      define();
      groups.pop();
    },
    (name, run) => {
      defined.set([...groups, name].join(" > "), run);
    },
    createProvider,
    options,
  );
  return defined;
}

type BindingArguments = [
  Parameters<typeof registerConformance>[2],
  Parameters<typeof registerConformance>[3]?,
];

describe("registerConformance", () => {
  test("defines one test for each case, in one group for each theme", () => {
    const names = [...definedBy(createTinyProvider, { only: ["delete", "ttl/expires"] }).keys()];
    expect(names.length).toBe(8);
    expect(names).toContain("ttl > ttl/expires: An entry expires when its TTL has passed.");
  });

  test("leaves out cases that cannot run in process", () => {
    const names = [...definedBy(createTinyProvider, { profile: "strict" }).keys()].join("\n");
    expect(names).not.toContain("process/");
    expect(names).not.toContain("ttl/malformed-nanos-refused");
  });

  test("fails with the sent, the expected and the received values", async () => {
    class Forgetful extends ReferenceProvider {
      override get(): undefined {
        return undefined;
      }
    }
    const [run] = definedBy((clock) => new Forgetful(clock), {
      only: ["get/finds-exact-copy"],
    }).values();
    await expect(run?.()).rejects.toThrow(
      /^expected found, 5 bytes "value", received not found; sent:\n {2}Set\(.*\n {2}Get\(.*-> not found$/,
    );
  });

  test("fails when the provider reads another clock", async () => {
    const another = { now: () => 0 };
    const [run] = definedBy(() => createTinyProvider(another), { only: ["ttl/expires"] }).values();
    await expect(run?.()).rejects.toThrow(/does not read the clock/);
  });

  test("refuses the name of a case that does not exist", () => {
    expect(() => definedBy(createTinyProvider, { skip: ["ttl/expired"] })).toThrow(
      /no conformance case is named "ttl\/expired"; themes are get, get-many, /,
    );
  });

  test("works with node:test", async () => {
    const script = join(import.meta.dirname, "node-test-binding.mjs");
    const child = startProcess([process.execPath, "--test", "--test-reporter=tap", script]);
    expect(await child.ended).toEqual({ code: 1, signal: null });
    expect(child.stdout()).toMatch(/not ok \d+ - touch\/missing-is-false: /);
    expect(child.stdout()).toMatch(/not ok \d+ - touch\/does-not-revive: /);
    expect(child.stdout()).toMatch(/# fail 2\n/);
    expect(child.stdout()).toMatch(/# pass [3-9]\d\n/);
  });
});
