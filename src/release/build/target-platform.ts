/** Operating systems and processors that providers are built for, in the host's words. */
const SYSTEMS = ["darwin", "linux"] as const;
const ARCHITECTURES = ["amd64", "arm64"] as const;
/** C libraries of Linux, in the host's words. */
export const LIBCS = ["glibc", "musl"] as const;

/** A platform as the host names it: `GOOS` and `GOARCH`. */
export interface TargetPlatform {
  readonly os: (typeof SYSTEMS)[number];
  readonly arch: (typeof ARCHITECTURES)[number];
}

/** The C library that a Linux executable is linked against, and without which it does not start. */
export type Libc = (typeof LIBCS)[number];

/** What an executable is made for: a platform and, on Linux, a C library. */
export interface ExecutableTarget extends TargetPlatform {
  readonly libc?: Libc;
}

/** Every platform that a release may hold, sorted by name. */
export const ALL_PLATFORMS: readonly TargetPlatform[] = SYSTEMS.flatMap((os) =>
  ARCHITECTURES.map((arch) => ({ os, arch })),
);

/** A platform as `os/arch`, the key under which a release lists it. */
export function formatPlatform({ os, arch }: TargetPlatform): string {
  return `${os}/${arch}`;
}

/**
 * Reads `os/arch`, such as `linux/amd64`.
 *
 * @throws Error listing the platforms that there are
 */
export function parsePlatform(text: string): TargetPlatform {
  const platform = ALL_PLATFORMS.find((each) => formatPlatform(each) === text);
  if (platform === undefined) {
    const known = ALL_PLATFORMS.map(formatPlatform).join(", ");
    throw new Error(`unknown platform "${text}": expected one of ${known}`);
  }
  return platform;
}

/**
 * Reads the name of a C library; `gnu` is another name for glibc, as the host has it.
 *
 * @throws Error listing the names
 */
export function parseLibc(text: string): Libc {
  const libc = LIBCS.find((each) => each === (text === "gnu" ? "glibc" : text));
  if (libc === undefined) {
    throw new Error(`unknown libc "${text}": expected one of ${LIBCS.join(", ")}`);
  }
  return libc;
}

/**
 * The platform that this process runs on.
 *
 * @throws Error when providers are not built for it
 */
export function currentPlatform(): TargetPlatform {
  const arch = process.arch === "x64" ? "amd64" : process.arch;
  return parsePlatform(`${process.platform}/${arch}`);
}

/**
 * Bun's name for the runtime that an executable of the platform holds.
 *
 * @param libc - matters on Linux only, where glibc is the default
 */
export function bunTarget({ os, arch }: TargetPlatform, libc: Libc = "glibc"): string {
  const suffix = os === "linux" && libc === "musl" ? "-musl" : "";
  return `bun-${os}-${arch === "amd64" ? "x64" : "arm64"}${suffix}`;
}
