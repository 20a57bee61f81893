import { toBinary, type DescFile, type DescMessage } from "@bufbuild/protobuf";
import { FileDescriptorProtoSchema } from "@bufbuild/protobuf/wkt";

/** Finds the descriptors of .proto files, in binary form, by file name or by symbol. */
export class DescriptorIndex {
  readonly #filesByName = new Map<string, DescFile>();
  readonly #filesBySymbol = new Map<string, DescFile>();
  readonly #messages = new Set<string>();

  /** @param files - the files of the index; the files that they import are added */
  constructor(files: Iterable<DescFile>) {
    for (const file of files) this.#add(file);
  }

  /**
   * Returns a file, such as `google/protobuf/duration.proto`, followed by the files that it
   * imports; undefined for an unknown file.
   */
  fileNamed(name: string): Uint8Array[] | undefined {
    return binaries(this.#filesByName.get(name));
  }

  /**
   * Returns the file that defines a full name (of a service, method, message, field, enum or
   * value), followed by the files that it imports; undefined for an unknown name.
   */
  fileContaining(symbol: string): Uint8Array[] | undefined {
    return binaries(this.#filesBySymbol.get(symbol));
  }

  /** Returns true for the full name of a message. */
  isMessage(name: string): boolean {
    return this.#messages.has(name);
  }

  #add(file: DescFile): void {
    const { name } = file.proto;
    if (this.#filesByName.has(name)) return;
    this.#filesByName.set(name, file);
    for (const symbol of this.#symbolsOf(file)) this.#filesBySymbol.set(symbol, file);
    for (const dependency of file.dependencies) this.#add(dependency);
  }

  *#symbolsOf(file: DescFile): Generator<string> {
    for (const { typeName, methods } of file.services) {
      yield typeName;
      for (const { name } of methods) yield `${typeName}.${name}`;
    }
    yield* this.#symbolsIn(file, file.proto.package);
    for (const message of file.messages) yield* this.#symbolsOfMessage(message);
  }

  *#symbolsOfMessage(message: DescMessage): Generator<string> {
    const { typeName } = message;
    this.#messages.add(typeName);
    yield typeName;
    for (const { name } of [...message.fields, ...message.oneofs]) yield `${typeName}.${name}`;
    yield* this.#symbolsIn(
      { enums: message.nestedEnums, extensions: message.nestedExtensions },
      typeName,
    );
    for (const nested of message.nestedMessages) yield* this.#symbolsOfMessage(nested);
  }

  /** The values of an enum belong to the scope of the enum. */
  *#symbolsIn(
    { enums, extensions }: Pick<DescFile, "enums" | "extensions">,
    scope: string,
  ): Generator<string> {
    for (const { typeName } of extensions) yield typeName;
    for (const { typeName, values } of enums) {
      yield typeName;
      for (const { name } of values) yield scope === "" ? name : `${scope}.${name}`;
    }
  }
}

function binaries(file: DescFile | undefined): Uint8Array[] | undefined {
  if (file === undefined) return undefined;
  const files = new Set<DescFile>();
  const collect = (each: DescFile): void => {
    if (files.has(each)) return;
    files.add(each);
    each.dependencies.forEach(collect);
  };
  collect(file);
  return Array.from(files, ({ proto }) => toBinary(FileDescriptorProtoSchema, proto));
}
