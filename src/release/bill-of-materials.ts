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

/** The packages for development that the page of `--ui` contains, besides those for run time. */
const IN_PAGE = ["@connectrpc/connect-web", "uplot"];

/** Room for the list of every package in the lock file; it takes about 400 kB. */
const MAX_OUTPUT_BYTES = 64 * 2 ** 20;

/**
 * Makes a software bill of materials of a release, in CycloneDX: `npm sbom` of the package's
 * lock file, reduced to what its executables contain. That is the packages needed at run time,
 * and, of those for development, Bun's runtime and what the page contains. The document has
 * neither a time nor a serial number, so the same lock file and the same npm give the same
 * bytes.
 *
 * @param root - directory of the package
 * @param version - the release's, which may differ from the package's
 * @throws Error when npm does not run or the lock file does not contain one of the latter
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
    .filter((part) => isContained(part) || !part.properties?.some(isDevelopmentMark))
    .map((part) => (isContained(part) ? withoutMark(part) : part));
  for (const contained of [RUNTIME, ...IN_PAGE]) {
    if (!parts.some((part) => nameOf(part) === contained)) {
      throw new Error(`the lock file does not contain ${contained}`);
    }
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

/** True for a package for development that every executable contains. */
function isContained(part: Component): boolean {
  return [RUNTIME, ...IN_PAGE].includes(nameOf(part));
}

/** The name of a package with its scope, by its reference such as `@scope/name@1.2.3`. */
function nameOf(part: Component): string {
  return part["bom-ref"].replace(/@[^@]*$/, "");
}

function isDevelopmentMark({ name }: { readonly name: string }): boolean {
  return name === DEVELOPMENT;
}

function withoutMark(part: Component): Component {
  const properties = part.properties?.filter((each) => !isDevelopmentMark(each)) ?? [];
  return { ...part, ...(part.name === RUNTIME ? { type: "platform" } : {}), properties };
}
