import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { formatBillOfMaterials } from "../../src/release/bill-of-materials.js";
import { readLockedPackages } from "../../src/release/locked-packages.js";
import { repositoryRoot } from "../support/provider-process.js";

interface Bill {
  readonly metadata: { readonly component: { readonly version: string; readonly purl: string } };
  readonly components: readonly {
    readonly name: string;
    readonly version: string;
    readonly purl: string;
    readonly hashes?: readonly object[];
    readonly licenses?: readonly object[];
  }[];
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn: readonly string[] }[];
}

const packages = await readLockedPackages(repositoryRoot);
const text = formatBillOfMaterials(packages, "1.2.3");
const bill = JSON.parse(text) as Bill;

interface Tree {
  readonly version?: string;
  readonly dependencies?: Readonly<Record<string, Tree>>;
}

/** Every package under a tree, once, as `name@version`. */
function packagesIn({ dependencies = {} }: Tree): Set<string> {
  const entries = Object.entries(dependencies);
  return new Set([
    ...entries.map(([name, { version = "" }]) => `${name}@${version}`),
    ...entries.flatMap(([, tree]) => [...packagesIn(tree)]),
  ]);
}

test("it lists what npm lists for the same lock file, and the runtime", () => {
  const args = ["ls", "--omit=dev", "--all", "--json", "--package-lock-only", "--loglevel=error"];
  const tree = JSON.parse(
    execFileSync("npm", args, { cwd: repositoryRoot, encoding: "utf8" }),
  ) as Tree;
  const listed = bill.components.map(({ name, version }) => `${name}@${version}`);
  const bun = listed.filter((each) => each.startsWith("bun@"));
  expect(bun).toHaveLength(1);
  expect(listed.sort()).toEqual([...packagesIn(tree), ...bun].sort());
});

test("it is that of the release, and every reference leads somewhere", () => {
  expect(bill.metadata.component.version).toBe("1.2.3");
  const known = new Set([bill.metadata.component.purl, ...bill.components.map(({ purl }) => purl)]);
  expect(new Set(bill.dependencies.map(({ ref }) => ref))).toEqual(known);
  for (const { dependsOn } of bill.dependencies) {
    for (const ref of dependsOn) expect(known).toContain(ref);
  }
  const [root] = bill.dependencies;
  expect(root?.dependsOn.some((ref) => ref.startsWith("pkg:npm/bun@"))).toBe(true);
});

test("it has a licence and a checksum for everything", () => {
  for (const { name, hashes, licenses } of bill.components) {
    expect([name, hashes?.length, licenses?.length]).toEqual([name, 1, 1]);
  }
});

test("it comes out the same every time, without times, serial numbers and addresses", () => {
  expect(formatBillOfMaterials(packages, "1.2.3")).toBe(text);
  expect(text).not.toMatch(/timestamp|serialNumber|registry/);
});
