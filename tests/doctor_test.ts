import { assertEquals, assertNotMatch } from "@std/assert";
import { walkSync } from "@std/fs/walk";
import { fromFileUrl, relative } from "@std/path";
import { examine } from "../lib/doctor.ts";
import type { Finding } from "../lib/finding.ts";
import type { RunResult } from "../lib/io.ts";
import { type MemoryIo, memoryIo, type MemoryProgram } from "../lib/memory_io.ts";

/**
 * Each folder of `data/doctor/` is a machine in one trap: `home/` is the user's home folder, `etc/` is
 * `/etc`, and `case.json` says the rest. `trap` is the number of the complaint in the list of what
 * users of other tools ask most.
 */
interface Case {
  readonly trap: number | null;
  readonly finding: Pick<Finding, "name" | "severity" | "subject" | "command">;
  readonly env?: Readonly<Record<string, string>>;
  /** Permission bits by path, in octal. */
  readonly modes?: Readonly<Record<string, string>>;
  /** What programs on the PATH answer, and after how long. */
  readonly programs?: Readonly<
    Record<string, Partial<RunResult> & { readonly milliseconds?: number }>
  >;
  /** Text or mode of files, once it is mended. */
  readonly fixed?: Readonly<Record<string, string>>;
}

const root = fromFileUrl(new URL("./data/doctor", import.meta.url));
const names = Array.from(Deno.readDirSync(root), ({ name }) => name).sort();

function worldOf(folder: string, { env, modes = {}, programs = {} }: Case): MemoryIo {
  const files = Object.fromEntries(
    Array.from(walkSync(folder, { includeDirs: false }), ({ path }) => {
      const name = relative(folder, path).replaceAll("\\", "/");
      const place = name.replace(/^home\//, "/home/me/").replace(/^etc\//, "/etc/");
      const text = Deno.readTextFileSync(path);
      return [place, { text, mode: Number.parseInt(modes[place] ?? "600", 8) }];
    }),
  );
  const { "case.json": _, ...machine } = files;
  const answers = Object.entries(programs).map(([name, { milliseconds = 0, ...answer }]) => {
    const program: MemoryProgram = async () => {
      await io.sleep(milliseconds);
      return answer;
    };
    return [`/usr/bin/${name}`, program];
  });
  const io: MemoryIo = memoryIo({
    env: { HOME: "/home/me", PATH: "/usr/bin", ...env },
    files: machine,
    programs: Object.fromEntries(answers),
  });
  return io;
}

/** Every secret in a file is in plain text; the one case about that says so itself. */
function without({ finding }: Case, found: readonly Finding[]): readonly Finding[] {
  return found.filter(({ name }) => name !== "plain-text" || finding.name === "plain-text");
}

for (const name of names) {
  const folder = `${root}/${name}`;
  const expected: Case = JSON.parse(Deno.readTextFileSync(`${folder}/case.json`));

  Deno.test(`doctor finds ${expected.finding.name} in ${name}, and nothing else`, async () => {
    const io = worldOf(folder, expected);
    const found = without(expected, await examine({ io }));
    assertEquals(
      found.map(({ name, severity, subject, command }) => ({ name, severity, subject, command })),
      [expected.finding],
    );
    assertNotMatch(found.map(({ message }) => message).join(), /FAKE|[.]$/);
    assertEquals(io.writes, []);
  });

  if (expected.fixed === undefined) continue;
  Deno.test(`doctor mends ${name}`, async () => {
    const io = worldOf(folder, expected);
    for (const { fix } of await examine({ io })) await fix?.(io);
    for (const [path, wanted] of Object.entries(expected.fixed ?? {})) {
      const { text, mode } = io.files.get(path) ?? {};
      assertEquals(/^\d+$/.test(wanted) ? mode?.toString(8) : text, wanted);
    }
    assertEquals(without(expected, await examine({ io })), []);
  });
}

Deno.test("doctor finds nothing on an empty machine, nor on one that is set up well", async () => {
  assertEquals(await examine({ io: memoryIo({ env: { HOME: "/home/me" } }) }), []);
  assertEquals(await examine({ io: memoryIo() }), []);
  const io = memoryIo({
    env: { HOME: "/home/me", PATH: "/usr/bin", IMGPKG_REGISTRY_HOSTNAME: "*.other.example" },
    files: {
      "/home/me/.docker/config.json": JSON.stringify({
        auths: { "https://index.docker.io/v1/": {}, "reg.example": {} },
        credsStore: "x",
        credHelpers: { "gcr.io": "x", "local.example": "" },
      }),
      "/home/me/.config/regauth/config.json": '{"registries":{"reg.example":{"keychain":"store"}}}',
      "/etc/docker/certs.d/reg.example/ca.crt": "",
    },
    programs: { "/usr/bin/docker-credential-x": () => ({ stdout: '{"reg.example":"me"}' }) },
  });
  assertEquals(await examine({ io }), []);
});

Deno.test("every complaint in the list has a folder", () => {
  const traps = names.map((name): number | null =>
    JSON.parse(Deno.readTextFileSync(`${root}/${name}/case.json`)).trap
  );
  const missing = Array.from({ length: 16 }, (_, index) => index + 1)
    .filter((trap) => !traps.includes(trap));
  assertEquals(missing, []);
});

Deno.test("doctor puts what does not work before what is unsafe", async () => {
  const io = memoryIo({
    env: { HOME: "/home/me", PATH: "/usr/bin" },
    files: {
      "/home/me/.docker/config.json": {
        text: `{"credsStore":"gone","auths":{"reg.example":{"auth":"${btoa("u:p")}"}}}`,
        mode: 0o644,
      },
    },
  });
  const severities = (await examine({ io })).map(({ severity }) => severity);
  assertEquals(severities, ["error", "warning", "note"]);
});
