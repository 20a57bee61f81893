import { execFile } from "node:child_process";
import { promisify } from "node:util";

interface Component {
  readonly "bom-ref": string;
  readonly type: string;
  readonly name: string;
  readonly properties?: readonly { readonly name: string }[];
}

interface Dependency {
  readonly ref: string;
  readonly dependsOn: readonly string[];
}

/** A CycloneDX document of `npm sbom`, as far as it is changed here. */
interface Bill {
  readonly serialNumber?: string;
  readonly metadata: { readonly component: Component; readonly timestamp?: string };
  readonly components: readonly Component[];
  readonly dependencies: readonly Dependency[];
}

/** The mark of a package that is needed for development only. */
const DEVELOPMENT = "cdx:npm:package:development";

/** The package whose runtime every executable contains. */
const RUNTIME = "bun";

/** Room for the list of every package in the lock file; it takes about 400 kB. */
const MAX_OUTPUT_BYTES = 64 * 2 ** 20;

/**
 * Makes a software bill of materials of a release, in CycloneDX: `npm sbom` of the package's
 * lock file, reduced to what its executables contain. That is the packages needed at run time
 * and Bun's runtime, on which the package depends for development only. The document has
 * neither a time nor a serial number, so the same lock file and the same npm give the same
 * bytes.
 *
 * @param root - directory of the package
 * @param version - the release's, which may differ from the package's
 * @throws Error when npm does not run or the lock file does not contain Bun
 */
export async function createBillOfMaterials(root: string, version: string): Promise<string> {
  const args = ["sbom", "--sbom-format=cyclonedx", "--sbom-type=application"];
  const { stdout } = await promisify(execFile)("npm", [...args, "--package-lock-only"], {
    cwd: root,
    maxBuffer: MAX_OUTPUT_BYTES,
  });
  return `${JSON.stringify(billOfRelease(JSON.parse(stdout) as Bill, version), undefined, 2)}\n`;
}

function billOfRelease(bill: Bill, version: string): object {
  const { metadata, components, dependencies } = bill;
  const root = metadata.component;
  const parts = components
    .filter((part) => part.name === RUNTIME || !part.properties?.some(isDevelopmentMark))
    .map((part) => (part.name === RUNTIME ? withoutMark(part) : part));
  if (!parts.some(({ name }) => name === RUNTIME)) {
    throw new Error(`the lock file does not contain ${RUNTIME}`);
  }
  // npm names the package after its directory, and its references after package.json.
  const name = root["bom-ref"].replace(/@[^@]*$/, "");
  const rootRef = `${name}@${version}`;
  const refs = new Set(parts.map((part) => part["bom-ref"]));
  return {
    ...bill,
    serialNumber: undefined,
    metadata: {
      ...metadata,
      timestamp: undefined,
      component: { ...root, name, version, "bom-ref": rootRef, purl: `pkg:npm/${rootRef}` },
    },
    components: parts,
    dependencies: dependencies
      .filter(({ ref }) => ref === root["bom-ref"] || refs.has(ref))
      .map(({ ref, dependsOn }) => ({
        ref: ref === root["bom-ref"] ? rootRef : ref,
        dependsOn: dependsOn.filter((each) => refs.has(each)),
      })),
  };
}

function isDevelopmentMark({ name }: { readonly name: string }): boolean {
  return name === DEVELOPMENT;
}

function withoutMark(part: Component): Component {
  const properties = part.properties?.filter((each) => !isDevelopmentMark(each)) ?? [];
  return { ...part, type: "platform", properties };
}
