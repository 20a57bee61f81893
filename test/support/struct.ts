/** A mapping as a google.protobuf.Struct, in the form that proto-loader expects. */
export function struct(fields: Readonly<Record<string, unknown>>): object {
  return {
    fields: Object.fromEntries(
      Object.entries(fields).map(([key, value]) => [key, structValue(value)]),
    ),
  };
}

function structValue(value: unknown): object {
  if (value === null) return { kind: "nullValue", nullValue: 0 };
  if (typeof value === "number") return { kind: "numberValue", numberValue: value };
  if (typeof value === "string") return { kind: "stringValue", stringValue: value };
  if (typeof value === "boolean") return { kind: "boolValue", boolValue: value };
  if (Array.isArray(value)) {
    return { kind: "listValue", listValue: { values: value.map(structValue) } };
  }
  return { kind: "structValue", structValue: struct(value as Record<string, unknown>) };
}
