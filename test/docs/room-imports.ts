import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";

/** An arrow between two rooms of `src/`: the first imports the second. */
export type RoomImport = `${string} --> ${string}`;

/** The room of a file: a folder of `src/`, or a folder of `src/server`. Entry points have none. */
function roomOf(file: string): string | undefined {
  const [room = "", inner = "", ...rest] = file.split("/");
  if (inner === "") return undefined;
  return room === "server" && rest.length > 0 ? `${room}/${inner}` : room;
}

/** For each room, the other rooms from which its files import. */
function importsByRoom(src: string): Map<string, Set<string>> {
  const imports = new Map<string, Set<string>>();
  const files = readdirSync(src, { recursive: true, encoding: "utf8" });
  for (const file of files.filter((each) => each.endsWith(".ts"))) {
    const room = roomOf(file);
    if (room === undefined) continue;
    const known = imports.get(room) ?? new Set();
    imports.set(room, known);
    const source = readFileSync(join(src, file), "utf8");
    for (const [, specifier = ""] of source.matchAll(/(?:\bfrom|\bimport\()\s*"(\.[^"]+)"/g)) {
      const target = roomOf(relative(src, join(src, dirname(file), specifier)));
      if (target !== undefined && target !== room) known.add(target);
    }
  }
  return imports;
}

/** The imports between rooms without those that follow from two others, sorted. */
export function roomImports(src: string): RoomImport[] {
  const imports = importsByRoom(src);
  const reaches = (from: string, to: string): boolean =>
    [...(imports.get(from) ?? [])].some((next) => next === to || reaches(next, to));
  return [...imports]
    .flatMap(([room, targets]) => {
      const isImplied = (target: string): boolean =>
        [...targets].some((other) => other !== target && reaches(other, target));
      return [...targets]
        .filter((target) => !isImplied(target))
        .map((target): RoomImport => `${room} --> ${target}`);
    })
    .sort();
}

/** The arrows of a Mermaid graph, by the names that it shows, sorted. */
export function diagramImports(mermaid: string): RoomImport[] {
  const names = new Map(
    Array.from(mermaid.matchAll(/(\w+)\[([^\]]+)\]/g), ([, id = "", name = ""]) => [id, name]),
  );
  const nameOf = (id: string): string => names.get(id) ?? id;
  const arrows = mermaid.matchAll(/^ *(\w+)(?:\[[^\]]+\])? --> (\w+)/gm);
  return Array.from(
    arrows,
    ([, from = "", to = ""]): RoomImport => `${nameOf(from)} --> ${nameOf(to)}`,
  ).sort();
}
