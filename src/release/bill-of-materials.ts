import type { LockedPackage, LockedPackages } from "./locked-packages.js";

/**
 * A software bill of materials of a release, in CycloneDX 1.6: what its
 * executables are made of, the runtime included. It has no time and no serial
 * number in it, so the same packages give the same bytes.
 *
 * @param version - the release's, which may differ from the package's
 */
export function formatBillOfMaterials(packages: LockedPackages, version: string): string {
  const root = { ...packages.root, version };
  const parts = [...packages.libraries, packages.bun];
  const bill = {
    $schema: "http://cyclonedx.org/schema/bom-1.6.schema.json",
    bomFormat: "CycloneDX",
    specVersion: "1.6",
    version: 1,
    metadata: { component: { ...component(root), type: "application" } },
    components: parts.map(component),
    dependencies: [
      // The executable holds the runtime, although the package only builds with it.
      dependency({ ...root, needs: [...root.needs, packages.bun.name] }, parts),
      ...parts.map((part) => dependency(part, parts)),
    ],
  };
  return `${JSON.stringify(bill, undefined, 2)}\n`;
}

function component(part: LockedPackage): object {
  const { license, integrity } = part;
  return {
    type: part.name === "bun" ? "platform" : "library",
    "bom-ref": reference(part),
    name: part.name,
    version: part.version,
    ...(integrity === undefined ? {} : { hashes: [hash(integrity)] }),
    ...(license === undefined ? {} : { licenses: [licenseChoice(license)] }),
    purl: reference(part),
  };
}

function dependency(part: LockedPackage, parts: readonly LockedPackage[]): object {
  const needed = parts.filter(({ name }) => part.needs.includes(name));
  return { ref: reference(part), dependsOn: needed.map(reference).sort() };
}

/** A package URL; it identifies the package here as anywhere. */
function reference({ name, version }: LockedPackage): string {
  return `pkg:npm/${name.replace("@", "%40")}@${version}`;
}

function hash(integrity: string): object {
  const [algorithm = "", digest = ""] = integrity.split("-", 2);
  const content = Buffer.from(digest, "base64").toString("hex");
  return { alg: algorithm.replace("sha", "SHA-"), content };
}

/** One licence by its name, several as the expression that joins them. */
function licenseChoice(license: string): object {
  return license.includes(" ") ? { expression: license } : { license: { id: license } };
}
