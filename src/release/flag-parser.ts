import { InvalidArgumentError } from "commander";

/** Makes a parser of a flag's value, whose errors are those of the command line. */
export function flagParser<Value>(parse: (text: string) => Value): (text: string) => Value {
  return (text) => {
    try {
      return parse(text);
    } catch (error) {
      throw new InvalidArgumentError(error instanceof Error ? error.message : String(error));
    }
  };
}
