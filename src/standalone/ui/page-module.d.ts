/** What scripts/build-page.mjs makes of the sources in page/. */
declare module "#page" {
  /** The HTML file, with its script and style inside. */
  export const document: string;
  /** The hash of the script, as a Content-Security-Policy names it. */
  export const scriptHash: string;
  /** The same for the style. */
  export const styleHash: string;
}
