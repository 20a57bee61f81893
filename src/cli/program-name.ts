/** The command as people type it. */
export const PROGRAM_NAME = "gestalt-cache-memory";
