import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { repositoryRoot } from "../support/provider-process.js";

/** A fenced block of a page. */
export interface FencedBlock {
  /** The page, relative to the repository. */
  readonly page: string;
  /** Of the block's first line inside the fence, counted from 1. */
  readonly line: number;
  /** What stands behind the opening fence. */
  readonly language: string;
  readonly text: string;
}

const BLOCK = /^(?<indent> *)```(?<language>\w*)[^\n]*\n(?<text>[^]*?)^\k<indent>```$/gm;

/** The pages that people read: those of the root, docs/ (not what is generated below it), and the examples. */
export function documentedPages(): string[] {
  const root = ["README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md"];
  return [...root, "examples/README.md", ...pagesIn("docs"), ...walkThroughPages()];
}

/** The pages that start in an empty directory and end with a provider. */
export function walkThroughPages(): string[] {
  return pagesIn("docs/providers");
}

function pagesIn(directory: string): string[] {
  const files = readdirSync(join(repositoryRoot, directory)).sort();
  return files.filter((file) => file.endsWith(".md")).map((file) => `${directory}/${file}`);
}

/** Every fenced block of a page whose language is one of `languages`. */
export function fencedBlocks(page: string, languages: readonly string[]): FencedBlock[] {
  const source = readFileSync(join(repositoryRoot, page), "utf8");
  return [...source.matchAll(BLOCK)].flatMap(({ groups = {}, index }) => {
    const { language = "", text = "", indent = "" } = groups;
    if (!languages.includes(language)) return [];
    const line = source.slice(0, index).split("\n").length + 1;
    return [{ page, line, language, text: text.replaceAll(new RegExp(`^${indent}`, "gm"), "") }];
  });
}
