import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { repositoryRoot } from "../support/provider-process.js";
import { documentedPages } from "./fenced-blocks.js";

test.each(documentedPages())("every link in %s leads somewhere", (page) => {
  const text = readFileSync(join(repositoryRoot, page), "utf8");
  for (const [, target = ""] of text.matchAll(/\]\(([^)\s]+)\)/g)) {
    const [path = "", anchor] = target.split("#");
    if (/^https?:/.test(target)) continue;
    const file = join(repositoryRoot, page, "..", path);
    const linked = path === "" ? text : readIfFile(file);
    expect(linked, `${page} links to ${target}`).toBeDefined();
    if (anchor === undefined) continue;
    const anchors = [...(linked ?? "").matchAll(/^#+ (.*)$/gm)].map(([, title = ""]) =>
      title
        .toLowerCase()
        .replaceAll(/[^\w\- ]/g, "")
        .replaceAll(" ", "-"),
    );
    expect(anchors, `${page} links to ${target}`).toContain(anchor);
  }
});

/** The text of a file, something for a directory, and undefined for what does not exist. */
function readIfFile(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EISDIR" ? "" : undefined;
  }
}
