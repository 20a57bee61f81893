import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { tempDirectory } from "./temp-directory.js";

/** A self-signed certificate for `localhost` and 127.0.0.1; it is its own CA. */
export interface TestCertificate {
  readonly certificatePath: string;
  readonly keyPath: string;
  readonly certificate: Buffer;
  readonly key: Buffer;
}

/** Creates a certificate with openssl; its files are removed when the test ends. */
export function createTestCertificate(
  name = "localhost",
  { isAuthority = false, hasAlternativeNames = true } = {},
): TestCertificate {
  const directory = tempDirectory();
  const certificatePath = join(directory, "certificate.pem");
  const keyPath = join(directory, "key.pem");
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  const names = ["-addext", `subjectAltName=DNS:${name},IP:127.0.0.1`];
  const subject = ["-subj", `/CN=${name}`, ...(hasAlternativeNames ? names : [])];
  const constraints = ["-addext", `basicConstraints=critical,CA:${isAuthority ? "TRUE" : "FALSE"}`];
  execFileSync(
    "openssl",
    [
      "req",
      "-x509",
      "-days",
      "2",
      ...key,
      ...subject,
      ...constraints,
      "-keyout",
      keyPath,
      "-out",
      certificatePath,
    ],
    { stdio: "pipe" },
  );
  return {
    certificatePath,
    keyPath,
    certificate: readFileSync(certificatePath),
    key: readFileSync(keyPath),
  };
}
