import { readdir, readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { VERSION } from "../../version.js";
import { PROGRAM_NAME } from "../program-name.js";

/** What differs between a new project and the example that it is copied from. */
export interface NewProject {
  /** In lower case, as hosts accept it. */
  readonly name: string;
  /** Where the package will be published, for its manifest. */
  readonly source: string;
}

const PACKAGE_NAME = "gestalt-cache-memory";
const EXAMPLE_NAME = "example-provider";
const EXAMPLE_SOURCE = `github.com/example/gestalt-providers/cache/${EXAMPLE_NAME}`;

/** What the example has beside its files when somebody has installed and built it. */
const MADE_IN_PLACE = /^(node_modules|dist|\.gestaltd|package-lock\.json)\b/;

/**
 * Reads the files of a new provider from the package's directory `examples/provider`, with
 * the new project's name and source in place of the example's.
 *
 * @returns texts by their path in the project
 * @throws Error in the standalone executable, which does not contain the example
 */
export async function readProviderProject(
  project: NewProject,
): Promise<ReadonlyMap<string, string>> {
  const root = exampleDirectory();
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  const files = new Map<string, string>();
  for (const entry of entries) {
    const path = join(entry.parentPath, entry.name).slice(root.length + 1);
    if (!entry.isFile() || MADE_IN_PLACE.test(path)) continue;
    const text = (await readFile(join(root, path), "utf8"))
      .replaceAll(EXAMPLE_SOURCE, project.source)
      .replaceAll(EXAMPLE_NAME, project.name)
      .replace(`"${PACKAGE_NAME}": "file:../.."`, `"${PACKAGE_NAME}": "${VERSION}"`);
    // npm leaves out files that are called .gitignore.
    files.set(path === "gitignore" ? ".gitignore" : path, text);
  }
  return files;
}

function exampleDirectory(): string {
  try {
    const description = createRequire(import.meta.url).resolve(`${PACKAGE_NAME}/package.json`);
    return join(dirname(description), "examples/provider");
  } catch (error) {
    throw new Error(
      `the standalone executable does not contain the example project; run npx ${PROGRAM_NAME} new`,
      { cause: error },
    );
  }
}
