/** The script `npm run release:check`: reads a release back and checks it. */
import { resolve } from "node:path";
import { Command } from "commander";
import { releaseProblems } from "./verify-release.js";

const command = new Command("release:check")
  .description("Check a release by every rule that the host has for it.")
  .argument("<directory>", "what npm run release made, or somebody downloaded")
  .action(async (directory: string) => {
    const problems = await releaseProblems(resolve(directory));
    for (const problem of problems) console.error(problem);
    if (problems.length > 0) process.exitCode = 1;
    else console.log(`${directory}: complete and unharmed`);
  });

command.parseAsync().catch((error: unknown) => {
  console.error(`release:check: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
});
