import { mkdir, readdir, writeFile } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { Command } from "commander";
import { writeStandardOutput } from "./client/standard-streams.js";
import { readProviderProject } from "./new/provider-project.js";
import { PROGRAM_NAME } from "./program-name.js";
import { shellWord } from "./shell-word.js";
import { systemErrorReason } from "./system-error-reason.js";
import { UsageError } from "./usage-error.js";

const EXAMPLES = `
Examples:
  $ ${PROGRAM_NAME} new my-cache
  $ ${PROGRAM_NAME} new my-cache --source github.com/me/providers/cache/my-cache

Writes a cache provider in TypeScript that gestaltd accepts, builds and runs, and that
keeps the contract. It stores entries in a Map; replace the Map with your backend.`;

/** A segment of a manifest's source, as hosts accept it. */
const SEGMENT = "[a-z0-9][a-z0-9._-]*";
const SOURCE = new RegExp(`^github\\.com(/${SEGMENT}){3,}$`);

interface NewFlags {
  readonly source?: string;
}

/** `new DIR`: a project to start a provider with. */
export function createNewCommand(): Command {
  return new Command("new")
    .summary("write a project for a cache provider of your own")
    .description("Write a project for a cache provider of your own.")
    .argument("<directory>", "where to write it; must be empty or must not exist")
    .option("--source <source>", "where the package will be published: github.com/OWNER/REPO/PATH")
    .addHelpText("after", EXAMPLES)
    .action(writeProject);
}

async function writeProject(directory: string, { source }: NewFlags): Promise<void> {
  const root = resolve(directory);
  const name = nameFrom(source ?? root);
  const place = source ?? `github.com/example/gestalt-providers/cache/${name}`;
  if (!SOURCE.test(place)) {
    throw new UsageError(
      `--source must be github.com/OWNER/REPO/PATH in lower case (got ${JSON.stringify(place)})`,
    );
  }
  await assertEmpty(root, directory);
  const files = await readProviderProject({ name, source: place });
  try {
    for (const [file, text] of files) {
      const path = join(root, file);
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, text);
    }
  } catch (error) {
    throw new Error(`cannot write ${directory}: ${systemErrorReason(error)}`, { cause: error });
  }
  await writeStandardOutput(
    `Wrote ${files.size} files. Next:\n` +
      `  cd ${shellWord(directory)} && npm install\n` +
      "  npm test               checks the contract in process\n" +
      "  npm run conformance    checks it on a process that is started as gestaltd starts it\n",
  );
}

/** The last segment in lower case, with `-` for characters that hosts do not accept in names. */
function nameFrom(path: string): string {
  const name = basename(path)
    .toLowerCase()
    .replaceAll(/[^a-z0-9._-]+/g, "-")
    .replaceAll(/^[._-]+|-+$/g, "");
  if (name !== "") return name;
  throw new UsageError(`no name can be made of ${JSON.stringify(basename(path))}; use --source`);
}

async function assertEmpty(root: string, directory: string): Promise<void> {
  const entries = await readdir(root).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw new Error(`cannot read ${directory}: ${systemErrorReason(error)}`, { cause: error });
  });
  if (entries.length > 0) throw new Error(`${directory} is not empty; nothing was written`);
}
