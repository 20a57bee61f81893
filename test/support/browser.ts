import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { chromium, type Browser } from "playwright-core";

/** What Chromium is called, by those who package it. */
const NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"];

/**
 * The Chromium of this machine: what GESTALT_CACHE_MEMORY_CHROMIUM names, or the first one on
 * the PATH; undefined when there is none.
 */
export const chromiumPath: string | undefined =
  process.env["GESTALT_CACHE_MEMORY_CHROMIUM"] ??
  (process.env["PATH"] ?? "")
    .split(delimiter)
    .flatMap((directory) => NAMES.map((name) => join(directory, name)))
    .find(isExecutable);

/** Starts it without a window. */
export function launchChromium(): Promise<Browser> {
  return chromium.launch({
    ...(chromiumPath === undefined ? {} : { executablePath: chromiumPath }),
    // Its sandbox refuses to work for root, as in containers; these tests open no page of others.
    args: process.getuid?.() === 0 ? ["--no-sandbox"] : [],
  });
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
