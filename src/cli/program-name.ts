/** The name of the command. */
export const PROGRAM_NAME = "gestalt-cache-memory";
