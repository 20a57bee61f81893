import { spawnSync } from "node:child_process";
import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test, vi } from "vitest";
import { inheritedAmong, type OpenDescriptor } from "../../src/cli/exec/inherited-descriptors.js";
import { parseIgnoredSignals } from "../../src/host/ignored-signals.js";
import { reducedEnvironment } from "../support/child-process.js";
import { commandUnderTest, installedCommand, isExecutable } from "../support/provider-process.js";
import { sampleOf } from "../support/sample.js";
import { tempDirectory } from "../support/temp-directory.js";

// Real processes, which take their time on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

interface ShellResult {
  readonly code: number | null;
  readonly stdout: Buffer;
  readonly stderr: string;
}

/** Runs a bash script in which `"$@"` starts the command, without its arguments. */
function bash(
  script: string,
  {
    command = commandUnderTest,
    env = {},
  }: { command?: readonly string[]; env?: Record<string, string> } = {},
): ShellResult {
  const { status, stdout, stderr } = spawnSync("bash", ["-c", script, "bash", ...command], {
    env: { ...reducedEnvironment(), TMPDIR: tempDirectory(), ...env },
    timeout: 50_000,
  });
  return { code: status, stdout, stderr: stderr.toString() };
}

const ways: readonly (readonly [string, readonly string[]])[] = isExecutable
  ? [["the executable", commandUnderTest]]
  : [
      ["the installed command", installedCommand],
      ["node", commandUnderTest],
    ];

describe.each(sampleOf(1, ways))(
  "descriptors that exec, started as %s, passes on",
  (_, command) => {
    test.each(
      sampleOf(4, [
        ["a process substitution", `"$@" exec -- cat <(echo hi)`, "hi\n"],
        [
          "several process substitutions",
          `"$@" exec -- cat <(echo a) <(echo b) <(echo c)`,
          "a\nb\nc\n",
        ],
        [
          "a process substitution for output",
          `"$@" exec -- sh -c 'echo hi > "$1"' sh >(cat); sleep 0.2`,
          "hi\n",
        ],
        [
          "a descriptor with a number of one digit",
          `"$@" exec -- sh -c 'cat <&3' 3<<< text`,
          "text\n",
        ],
        [
          "a descriptor with a number of two digits",
          `"$@" exec -- bash -c 'cat <&42' 42<<< text`,
          "text\n",
        ],
        ["a descriptor for input and output", `"$@" exec -- sh -c 'echo to >&7' 7>&1`, "to\n"],
      ]),
    )("include %s", (_name, script, stdout) => {
      const result = bash(script, { command });
      expect({ ...result, stdout: result.stdout.toString() }).toEqual({
        code: 0,
        stdout,
        stderr: "",
      });
    });

    test("include a pipe with both ends, as for make's job server", () => {
      const directory = tempDirectory();
      const makefile = join(directory, "Makefile");
      // "+" marks a line that starts another make, which inherits the job server.
      writeFileSync(
        makefile,
        "all:\n\t+@$(EXEC) -- $(MAKE) -f $(FILE) inner\ninner: a b\na b:\n\t@echo $@\n",
      );
      const script = `make --no-print-directory -j2 -f ${makefile} FILE=${makefile} EXEC="$* exec"`;
      const { code, stdout, stderr } = bash(script, { command });
      expect(stderr).toBe("");
      expect(stdout.toString().split("\n").sort()).toEqual(["", "a", "b"]);
      expect(code).toBe(0);
    });

    test("are the same as without exec", () => {
      const list = join(tempDirectory(), "list");
      writeFileSync(
        list,
        'for number in {3..250}; do file=/proc/$$/fd/$number; [ -e $file ] && echo "$number $(readlink $file)"; done; true',
      );
      const { stdout } = bash(
        `exec 3</etc/passwd 6< <(sleep 1) 17</etc/hosts 64>/dev/null 19<&0
      bash -c '. "$0"' ${list}; echo; "$@" exec -- bash -c '. "$0"' ${list}`,
        { command },
      );
      const [without, within] = stdout.toString().split("\n\n");
      expect(without?.split("\n")).toEqual(
        expect.arrayContaining(["3 /etc/passwd", "17 /etc/hosts"]),
      );
      expect(within?.trim()).toBe(without);
    });
  },
);

describe("inheritedAmong", () => {
  const CLOSED = 0o2000000;
  const NON_BLOCKING = 0o4000;
  const open = (number: number, target: string, flags: number, existedNs = 0n): OpenDescriptor => ({
    number,
    target,
    flags,
    existedNs,
  });
  // As on Node 20.20 and 22.23, with a job server's pipe at 3 and 4.
  const runtime = [
    open(6, "anon_inode:[eventpoll]", CLOSED),
    open(7, "pipe:[999]", CLOSED, 5n),
    open(8, "pipe:[999]", CLOSED | 1, 5n),
    open(9, "pipe:[1000]", CLOSED | NON_BLOCKING, 5n),
    open(10, "pipe:[1000]", CLOSED | NON_BLOCKING | 1, 5n),
    open(11, "anon_inode:[eventfd]", CLOSED | NON_BLOCKING | 2),
    open(12, "anon_inode:[io_uring]", CLOSED | 2),
  ];

  test.each([
    ["older than the runtime's", "pipe:[2000]", 4n],
    ["made in the same tick of the clock", "pipe:[990]", 5n],
    ["made in the same tick, with a shorter number", "pipe:[99]", 5n],
  ])(
    "leaves out the runtime's pipes, but not a pipe with both ends that is %s",
    (_, target, existedNs) => {
      const pipe = [open(3, target, CLOSED, existedNs), open(4, target, CLOSED | 1, existedNs)];
      expect(inheritedAmong([...pipe, ...runtime], true)).toEqual([3, 4]);
    },
  );

  test("includes one end of a pipe, a socket and a file", () => {
    const others = [
      open(3, "pipe:[1]", CLOSED | NON_BLOCKING),
      open(4, "socket:[2]", CLOSED | NON_BLOCKING | 2),
      open(63, "pipe:[3]", 0),
      open(70, "/etc/hosts", 0),
    ];
    expect(inheritedAmong([...runtime, ...others], true)).toEqual([3, 4, 63, 70]);
  });

  test("leaves out no pipe for a runtime that opens none", () => {
    const pipe = [open(7, "pipe:[9]", CLOSED), open(8, "pipe:[9]", CLOSED | 1)];
    expect(inheritedAmong(pipe, false)).toEqual([7, 8]);
  });
});

/** The signals, by number, that a script's process ignores. */
const SHOW_IGNORED = "grep SigIgn /proc/self/status";

function ignoredNumbers(status: string): number[] {
  const mask = BigInt(`0x${/SigIgn:\s*([0-9a-f]+)/.exec(status)?.[1] ?? ""}`);
  return Array.from({ length: 64 }, (_, bit) => bit + 1).filter(
    (number) => (mask >> BigInt(number - 1)) % 2n === 1n,
  );
}

describe("signals that the parent ignores", () => {
  test.each(
    sampleOf(3, [
      ["nohup", `nohup "$@" exec -- ${SHOW_IGNORED}`, [1]],
      ["a trap", `trap '' TERM INT QUIT USR1; exec "$@" exec -- ${SHOW_IGNORED}`, [2, 3, 10, 15]],
      ["a trap in the parent", `trap '' USR2 ALRM; "$@" exec -- ${SHOW_IGNORED}; true`, [12, 14]],
      ["job control", `trap '' TSTP TTIN TTOU; "$@" exec -- ${SHOW_IGNORED}; true`, [20, 21, 22]],
      ["none", `"$@" exec -- ${SHOW_IGNORED}`, []],
    ]),
  )("are ignored by exec's command: %s", (_, script, expected) => {
    const { stdout, stderr } = bash(script, { command: installedCommand });
    expect(stderr).not.toMatch(/gestalt/);
    expect(ignoredNumbers(stdout.toString())).toEqual(expected);
  });

  test("are not forwarded and do not end exec", () => {
    const script = `trap '' TERM HUP; exec "$@" exec -- sh -c '
      kill -TERM $PPID; kill -HUP $PPID; sleep 0.2
      "$@" set key value && "$@" get key; exit 7' sh "$@"`;
    const { code, stdout, stderr } = bash(script, { command: installedCommand });
    expect(stderr).toBe("");
    expect(stdout.toString()).toBe("value");
    expect(code).toBe(7);
  });

  test.each(
    sampleOf(1, [
      ["nohup", `nohup "$@" serve --listen "$SOCKET" > /dev/null &`, "HUP", "TERM"],
      ["a trap", `trap '' TERM; "$@" serve --listen "$SOCKET" > /dev/null &`, "TERM", "HUP"],
      ["CPU time", `trap '' XCPU; "$@" serve --listen "$SOCKET" > /dev/null &`, "XCPU", "HUP"],
      ["a profiler", `trap '' PROF; "$@" serve --listen "$SOCKET" > /dev/null &`, "PROF", "HUP"],
    ]),
  )("do not end serve: %s", (_, script, ignored, ending) => {
    const SOCKET = join(tempDirectory(), "s.sock");
    const { stdout, stderr } = bash(
      `${script} pid=$!
      until [ -S "$SOCKET" ]; do sleep 0.05; done
      kill -${ignored} $pid; sleep 0.3; "$@" set --target "$SOCKET" a b && "$@" get --target "$SOCKET" a
      kill -${ending} $pid; wait $pid; echo " $?"`,
      { command: installedCommand, env: { SOCKET } },
    );
    expect(stderr).toContain("served 1 read");
    expect(stdout.toString()).toBe("b 0\n");
  });

  test("do not keep any variable from the command", () => {
    const env = { "not.a-name": "two\nlines", PLAIN: "line\n\n" };
    const script = `trap '' TERM; exec "$@" exec -- env -0`;
    const { stdout } = bash(script, { command: installedCommand, env });
    const shown = stdout.toString().split("\0");
    expect(shown).toEqual(expect.arrayContaining(["not.a-name=two\nlines", "PLAIN=line\n\n"]));
    expect(shown.filter((variable) => variable.startsWith("GESTALT_CACHE_MEMORY_"))).toEqual([]);
  });

  test.each([
    ["SigIgn:\t0000000000004001\n", ["SIGHUP", "SIGTERM"]],
    [" 4002\n", ["SIGINT", "SIGTERM"]],
    ["SigIgn:\t0000000000000000", []],
    // bash 5.2 under nohup and with its own trap.
    ["trap -- '' SIGHUP\ntrap -- 'echo x' SIGINT\ntrap -- '' SIGUSR1\n", ["SIGHUP", "SIGUSR1"]],
    // bash in POSIX mode.
    ["trap -- '' HUP\n", ["SIGHUP"]],
    ["", []],
  ])("are parsed from %j", (text, expected) => {
    expect([...parseIgnoredSignals(text)].sort()).toEqual(expected);
  });
});

describe("bytes that are not UTF-8", () => {
  test.each(
    sampleOf(2, [
      ["at the end", String.raw`$'a\xff'`, "61ff"],
      ["before line breaks", String.raw`$'\xfe\n\n'`, "fe0a0a"],
      ["in a sequence that is cut off", String.raw`$'\xe2\x82'`, "e282"],
      [
        "beside quotes and signs",
        String.raw`$'\'"$(id)%s\\\xff*'`,
        "272224286964292573" + "5cff2a",
      ],
    ]),
  )("reach exec's command in an argument: %s", (_, word, hex) => {
    const words = join(tempDirectory(), "words");
    writeFileSync(words, `#!/bin/sh\nprintf '%s\\0' "$@"\n`);
    chmodSync(words, 0o755);
    const script = `"$@" exec -- ${words} plain ${word} '' "it's" é`;
    const { stdout, stderr } = bash(script);
    expect(stderr).toBe("");
    const hexWords = stdout.toString("hex").match(/(?:(?!00)..)*00/g);
    const others = ["plain", "", "it's", "é"].map((text) => Buffer.from(text).toString("hex"));
    const [first = "", ...rest] = others;
    expect(hexWords).toEqual([first, hex, ...rest].map((each) => `${each}00`));
  });

  test("reach exec's command in the name of a program and in variables", () => {
    const script = String.raw`
      printf '#!/bin/sh\ncat /proc/$$/environ' > "$TMPDIR"/$'p\xff'; chmod +x "$TMPDIR"/$'p\xff'
      export LATIN=$'caf\xe9\n'
      env $'n\xff.x=1' $'GESTALT_CACHE_SOCKET_\xff=/other' "$@" exec -- "$TMPDIR"/$'p\xff'`;
    const { stdout, stderr } = bash(script, { command: installedCommand });
    expect(stderr).toBe("");
    const variables = stdout.toString("latin1").split("\0");
    expect(variables).toEqual(expect.arrayContaining(["LATIN=caf\xe9\n", "n\xff.x=1"]));
    const names = variables.map((variable) => variable.split("=", 1)[0] ?? "");
    expect(names.filter((name) => name.startsWith("GESTALT_")).sort()).toEqual([
      "GESTALT_CACHE_SOCKET",
      "GESTALT_CACHE_SOCKET_CACHE",
      "GESTALT_HOST_SERVICES",
      "GESTALT_HOST_SERVICE_SOCKET",
    ]);
    expect(names.filter((name) => name === "LATIN")).toHaveLength(1);
  });

  test.each(
    sampleOf(2, [
      [String.raw`get $'\xff'`],
      [String.raw`set key $'value\xff'`],
      [String.raw`delete good $'\xc3'`],
      [String.raw`exec --bind $'b\xff' -- true`],
      [String.raw`conformance -- $'\xff'`],
    ]),
  )("fail in other arguments: %s", (args) => {
    const { code, stderr } = bash(`"$@" ${args}`);
    expect(stderr).toMatch(/^gestalt-cache-memory: argument ".*" is not UTF-8; .*--file.*\n$/);
    expect(code).toBe(2);
  });

  test.each([
    ["serve --token-file token"],
    ["serve --listen unix:x.sock"],
    ["exec --seed seed --print-env sh"],
  ])("fail in the path of the working directory, where others would need it: %s", (args) => {
    const script = `cd "$TMPDIR" && mkdir $'d\\xff' && cd $'d\\xff' && echo t > token && : > seed && "$@" ${args}`;
    const { code, stdout, stderr } = bash(script);
    expect(stderr).toMatch(/that of the working directory is not UTF-8; use an absolute path/);
    expect(stderr.match(/\n/g)).toHaveLength(1);
    expect(stdout.toString()).toBe("");
    expect([1, 2]).toContain(code);
  });

  test("are distinguished from a typed replacement character", () => {
    const script = `"$@" exec -- sh -c '"$@" set "\uFFFD" v && "$@" get "\uFFFD"' sh "$@"`;
    const { code, stdout } = bash(script);
    expect(stdout.toString()).toBe("v");
    expect(code).toBe(0);
  });
});
