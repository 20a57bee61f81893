/**
 * The element of the page with an id.
 *
 * @throws Error when there is none, or it is of another type: the page and its script differ
 */
export function byId<T extends HTMLElement>(id: string, type: new () => T): T {
  const element = document.getElementById(id);
  if (element instanceof type) return element;
  throw new Error(`the page has no ${type.name} ${id}`);
}

/** The body of a table. */
export function bodyOf(tableId: string): HTMLTableSectionElement {
  const [body] = byId(tableId, HTMLTableElement).tBodies;
  if (body === undefined) throw new Error(`the table ${tableId} has no body`);
  return body;
}

/** A row of a table. A number's cell is aligned to the right. */
export function rowOf(
  ...cells: readonly (string | Node | { readonly number: string })[]
): HTMLTableRowElement {
  const row = document.createElement("tr");
  for (const content of cells) {
    const cell = row.insertCell();
    if (typeof content === "string") {
      cell.textContent = content;
    } else if (content instanceof Node) {
      cell.append(content);
    } else {
      cell.textContent = content.number;
      cell.className = "number";
    }
  }
  return row;
}

/** A button. `name` is what a screen reader says when the text alone is not enough. */
export function buttonOf(text: string, name: string, click: () => void): HTMLButtonElement {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = text;
  button.setAttribute("aria-label", name);
  button.addEventListener("click", click);
  return button;
}

/** The options of a select. */
export function fillSelect(select: HTMLSelectElement, names: readonly string[]): void {
  select.replaceChildren(
    ...names.map((name) => {
      const option = document.createElement("option");
      option.value = name;
      option.textContent = name;
      return option;
    }),
  );
}
