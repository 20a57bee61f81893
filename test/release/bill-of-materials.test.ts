import { execFileSync } from "node:child_process";
import { beforeAll, expect, test } from "vitest";
import { createBillOfMaterials } from "../../src/release/bill-of-materials.js";
import { repositoryRoot } from "../support/provider-process.js";

interface Bill {
  readonly metadata: { readonly component: Component };
  readonly components: readonly Component[];
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn: readonly string[] }[];
}

interface Component {
  readonly "bom-ref": string;
  readonly type: string;
  readonly name: string;
  readonly version: string;
  readonly purl: string;
  readonly hashes?: readonly object[];
  readonly licenses?: readonly object[];
  readonly properties?: readonly { readonly name: string }[];
}

let text = "";
let bill: Bill;
beforeAll(async () => {
  text = await createBillOfMaterials(repositoryRoot, "1.2.3");
  bill = JSON.parse(text) as Bill;
}, 60_000);

interface Tree {
  readonly version?: string;
  readonly dependencies?: Readonly<Record<string, Tree>>;
}

/** Every package under a tree, once, as `name@version`. */
function packagesIn({ dependencies = {} }: Tree): Set<string> {
  // npm also lists optional peers that are not installed, without a version.
  const entries = Object.entries(dependencies).filter(([, { version }]) => version !== undefined);
  return new Set([
    ...entries.map(([name, { version = "" }]) => `${name}@${version}`),
    ...entries.flatMap(([, tree]) => [...packagesIn(tree)]),
  ]);
}

test("the bill of materials lists what npm lists for the same lock file, the runtime, and the parts of the page", () => {
  const args = ["ls", "--omit=dev", "--all", "--json", "--package-lock-only", "--loglevel=error"];
  const tree = JSON.parse(
    execFileSync("npm", args, { cwd: repositoryRoot, encoding: "utf8" }),
  ) as Tree;
  const listed = bill.components.map(({ name, version }) => `${name}@${version}`);
  const built = listed.filter((each) => /^(bun|uplot|@connectrpc\/connect-web)@/.test(each));
  expect(built).toHaveLength(3);
  expect(listed.sort()).toEqual([...packagesIn(tree), ...built].sort());
});

test("the bill of materials describes the release, and every reference resolves", () => {
  const root = bill.metadata.component;
  expect(root).toMatchObject({
    "bom-ref": "gestalt-cache-memory@1.2.3",
    type: "application",
    name: "gestalt-cache-memory",
    version: "1.2.3",
    purl: "pkg:npm/gestalt-cache-memory@1.2.3",
  });
  const known = new Set([root, ...bill.components].map((each) => each["bom-ref"]));
  expect(new Set(bill.dependencies.map(({ ref }) => ref))).toEqual(known);
  for (const { dependsOn } of bill.dependencies) {
    for (const ref of dependsOn) expect(known).toContain(ref);
  }
  const direct = bill.dependencies.find(({ ref }) => ref === root["bom-ref"])?.dependsOn ?? [];
  expect(direct.some((ref) => ref.startsWith("bun@"))).toBe(true);
  expect(direct).toContain("lru-cache@11.5.3");
});

test("the bill of materials lists Bun as a platform, and no part as a development dependency", () => {
  expect(bill.components.find(({ name }) => name === "bun")?.type).toBe("platform");
  const marks = bill.components.flatMap(({ properties = [] }) => properties);
  expect(marks.map(({ name }) => name)).not.toContain("cdx:npm:package:development");
});

test("the bill of materials has a licence and a checksum for every part", () => {
  for (const { name, hashes, licenses } of bill.components) {
    expect([name, hashes?.length, licenses?.length]).toEqual([name, 1, 1]);
  }
});

test("the bill of materials is reproducible, without times, serial numbers and addresses", async () => {
  expect(await createBillOfMaterials(repositoryRoot, "1.2.3")).toBe(text);
  expect(text).not.toMatch(/timestamp|serialNumber|registry/);
}, 60_000);
