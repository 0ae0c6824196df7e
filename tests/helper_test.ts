import { assertEquals, assertMatch, assertNotMatch, assertRejects } from "@std/assert";
import { type Credential, credentialKind, Secret } from "../lib/credential.ts";
import { RegauthError } from "../lib/errors.ts";
import {
  detectDefaultStore,
  helperErase,
  helperGet,
  helperList,
  helperStore,
} from "../lib/helper.ts";
import { callHelper, helperProgram } from "../lib/helper_call.ts";
import type { RunResult } from "../lib/io.ts";
import { type MemoryIo, memoryIo, type MemoryIoOptions } from "../lib/memory_io.ts";

const PROGRAM = "/bin/docker-credential-x";
const NOT_FOUND = "credentials not found in native keychain";

/** A world in which the helper `x` answers this. */
function world(answer: Partial<RunResult>, options: MemoryIoOptions = {}): MemoryIo {
  return memoryIo({
    ...options,
    env: { PATH: "/bin", ...options.env },
    programs: { [PROGRAM]: () => answer },
  });
}

async function failure(call: () => Promise<unknown>): Promise<RegauthError> {
  return await assertRejects(call, RegauthError);
}

function plain(credential: Credential | undefined): unknown {
  return credential &&
    [credentialKind(credential), credential.username, credential.password?.reveal()];
}

const ANSWERS: [name: string, stdout: string, credential: unknown][] = [
  ["name and secret", '{"ServerURL":"r","Username":"u","Secret":"s"}\n', ["basic", "u", "s"]],
  ["fields in any case", '{"username":"u","SECRET":"s"}', ["basic", "u", "s"]],
  ["a secret alone", '{"Secret":"s"}', ["basic", undefined, "s"]],
  ["<token>", '{"Username":"\\u003ctoken\\u003e","Secret":"s"}', [
    "identityToken",
    undefined,
    undefined,
  ]],
  ["null", "null", undefined],
  ["nothing", '{"Username":"","Secret":""}', undefined],
  ["more after the first line", '\n{"Username":"u","Secret":"s"}\nA new version is out\n', [
    "basic",
    "u",
    "s",
  ]],
  ["JSON on several lines", '{\n  "Username": "u",\n  "Secret": "s"\n}\n', ["basic", "u", "s"]],
  ["70,000 characters", `{"Username":"u","Secret":"${"x".repeat(70_000)}"}`, [
    "basic",
    "u",
    "x".repeat(70_000),
  ]],
];

for (const [name, stdout, credential] of ANSWERS) {
  Deno.test(`helperGet() takes ${name}`, async () => {
    assertEquals(plain(await helperGet(world({ stdout }), "x", "r")), credential);
  });
}

Deno.test("helperGet() asks for the server on standard input, within limits", async () => {
  const io = world({ stdout: '{"Username":"u","Secret":"s"}' });
  const found = await helperGet(io, "x", "https://index.docker.io/v1/", {
    configuredBy: '"credsStore" of /c.json',
  });
  assertEquals(found?.detail, 'docker-credential-x, "credsStore" of /c.json');
  assertEquals(io.runs, [{
    program: PROGRAM,
    args: ["get"],
    options: {
      stdin: "https://index.docker.io/v1/",
      env: { REGAUTH_HELPER_DEPTH: "1" },
      timeout: 30_000,
      maxOutput: 1024 * 1024,
    },
  }]);
});

const FAILURES: [name: string, answer: Partial<RunResult>, code: string, why: RegExp][] = [
  [
    "says something else",
    { code: 1, stdout: "keychain is locked\nmore" },
    "helper-failed",
    /exit code 1: keychain is locked$/,
  ],
  [
    "says not found with a prefix",
    { code: 1, stdout: `error: ${NOT_FOUND}` },
    "helper-failed",
    /exit code 1: error: /,
  ],
  ["says nothing", { code: 3 }, "helper-failed", /exit code 3$/],
  [
    "prints an answer with a wrong exit code",
    { code: 1, stdout: '{"Secret":"hunter2"}' },
    "helper-failed",
    /exit code 1$/,
  ],
  [
    "says no server",
    { code: 1, stdout: "no credentials server URL" },
    "helper-failed",
    /no credentials server URL/,
  ],
  ["hangs", { code: 143, ended: "timeout" }, "helper-failed", /timed out after 30 s/],
  ["prints without end", { code: 143, ended: "output-limit" }, "helper-output", /more than 1 MiB/],
  ["prints nothing", {}, "helper-output", /not a JSON object/],
  ["prints text", { stdout: "u hunter2" }, "helper-output", /not a JSON object/],
  ["prints text before JSON", { stdout: 'x {"Secret":"hunter2"}' }, "helper-output", /not a JSON/],
  ["prints a list", { stdout: "[]" }, "helper-output", /not a JSON object/],
  [
    "prints a number as secret",
    { stdout: '{"Username":"u","Secret":5}' },
    "helper-output",
    /"Secret" in its answer is not a text/,
  ],
  ["says not found with exit code 0", { stdout: NOT_FOUND }, "helper-output", /not a JSON object/],
];

for (const [name, answer, code, why] of FAILURES) {
  Deno.test(`helperGet() fails if the helper ${name}`, async () => {
    const error = await failure(() => helperGet(world(answer), "x", "r"));
    assertEquals([error.code, error.subject], [code, "docker-credential-x"]);
    assertMatch(error.message, why);
    assertNotMatch(`${error.message}${error.hint}`, /hunter2/);
  });
}

Deno.test("helperGet() takes the trimmed text with a failing exit code for not found", async () => {
  const io = world({ code: 1, stdout: `  ${NOT_FOUND}\r\n` });
  assertEquals(await helperGet(io, "x", "r"), undefined);
});

Deno.test("helperGet() sends no control character", async () => {
  const io = world({});
  const error = await failure(() => helperGet(io, "x", "r\nother"));
  assertEquals([error.code, io.runs.length], ["invalid-reference", 0]);
});

for (
  const suffix of ["../evil", "a/b", "a\\b", "a b", "", "-x", ".x", "a..b", "a\0", "x".repeat(65)]
) {
  Deno.test(`helperProgram() refuses the name ${JSON.stringify(suffix)}`, async () => {
    assertEquals((await failure(() => helperProgram(memoryIo(), suffix))).code, "helper-name");
  });
}

Deno.test("helperProgram() tells what names the missing helper", async () => {
  const io = memoryIo({ env: { PATH: "/bin" } });
  const error = await failure(() => helperProgram(io, "desktop.exe", '"credsStore" of /c.json'));
  assertEquals([error.code, error.subject], ["helper-missing", "docker-credential-desktop.exe"]);
  assertMatch(error.hint ?? "", /"credsStore" of \/c\.json/);
});

Deno.test("callHelper() counts how deep helpers call each other, and stops at three", async () => {
  const second = world({}, { env: { REGAUTH_HELPER_DEPTH: "2" } });
  await callHelper(second, "x", "list", "unused");
  assertEquals(second.runs[0]?.options.env, { REGAUTH_HELPER_DEPTH: "3" });
  const third = world({}, { env: { REGAUTH_HELPER_DEPTH: "3" } });
  const error = await failure(() => callHelper(third, "x", "get", "r"));
  assertMatch(error.message, /called each other/);
  assertEquals([error.code, third.runs.length], ["helper-failed", 0]);
});

Deno.test("callHelper() ends when the caller says so", async () => {
  const signal = AbortSignal.abort(new Error("stopped"));
  await assertRejects(() => callHelper(world({}), "x", "get", "r", { signal }), Error, "stopped");
});

Deno.test("callHelper() traces what the helper says on standard error, without its secret", async () => {
  const lines: string[] = [];
  const io = world({ stdout: '{"Secret":"hunter2"}', stderr: "using hunter2\n\n\x1b[31mred\n" });
  await callHelper(io, "x", "get", "r", { trace: (line) => lines.push(line) });
  assertEquals(lines, [
    "docker-credential-x: using [redacted]",
    "docker-credential-x: \\u{1b}[31mred",
  ]);
});

Deno.test("helperStore() sends one line of JSON", async () => {
  const io = world({});
  await helperStore(io, "x", "r", { username: "u", password: new Secret('"p"') });
  await helperStore(io, "x", "r", { username: "u", identityToken: new Secret("t") });
  assertEquals(io.runs.map(({ args, options }) => [...args, options.stdin]), [
    ["store", '{"ServerURL":"r","Username":"u","Secret":"\\"p\\""}\n'],
    ["store", '{"ServerURL":"r","Username":"<token>","Secret":"t"}\n'],
  ]);
});

const UNSTORABLE: [name: string, credential: Credential][] = [
  ["no name", { password: new Secret("p") }],
  ["no secret", { username: "u" }],
  ["a secret that is not UTF-8", { username: "u", password: new Secret(new Uint8Array([0xe9])) }],
];

for (const [name, credential] of UNSTORABLE) {
  Deno.test(`helperStore() refuses a credential with ${name}`, async () => {
    const error = await failure(() => helperStore(world({}), "x", "r", credential));
    assertEquals(error.code, "invalid-credential");
  });
}

Deno.test("helperStore() does not repeat the secret that the helper complains of", async () => {
  const io = world({ code: 1, stdout: 'bad secret "hunter2"' });
  const credential = { username: "u", password: new Secret("hunter2") };
  const error = await failure(() => helperStore(io, "x", "r", credential));
  assertMatch(error.message, /exit code 1: bad secret "\[redacted\]"/);
});

Deno.test("helperStore() fails if the helper says not found", async () => {
  const io = world({ code: 1, stdout: NOT_FOUND });
  const credential = { username: "u", password: new Secret("p") };
  assertEquals((await failure(() => helperStore(io, "x", "r", credential))).code, "helper-failed");
});

Deno.test("helperErase() tells whether the helper knew the server", async () => {
  assertEquals(await helperErase(world({}), "x", "r"), true);
  assertEquals(await helperErase(world({ code: 1, stdout: NOT_FOUND }), "x", "r"), false);
});

Deno.test("helperList() reads user names by server", async () => {
  const io = world({ stdout: '{"https://index.docker.io/v1/":"robot","__proto__":"u"}' });
  assertEquals([...await helperList(io, "x")], [
    ["https://index.docker.io/v1/", "robot"],
    ["__proto__", "u"],
  ]);
  assertEquals([io.runs[0]?.args, io.runs[0]?.options.stdin], [["list"], "unused"]);
  assertEquals((await helperList(world({ stdout: "null" }), "x")).size, 0);
  const error = await failure(() => helperList(world({ stdout: '{"r":1}' }), "x"));
  assertEquals(error.code, "helper-output");
});

const run = (): Partial<RunResult> => ({});
const STORES: [name: string, options: MemoryIoOptions, store: string | undefined][] = [
  ["osxkeychain on macOS", {
    platform: "darwin",
    env: { PATH: "/bin" },
    programs: { "/bin/docker-credential-osxkeychain": run, "/bin/docker-credential-pass": run },
  }, "osxkeychain"],
  ["wincred on Windows", {
    platform: "windows",
    env: { PATH: "C:\\bin" },
    programs: { "C:\\bin\\docker-credential-wincred.exe": run },
  }, "wincred"],
  ["pass on Linux if there is pass", {
    env: { PATH: "/bin" },
    programs: { "/bin/docker-credential-pass": run, "/bin/pass": run },
  }, "pass"],
  ["secretservice on Linux without pass", {
    env: { PATH: "/bin" },
    programs: { "/bin/docker-credential-pass": run, "/bin/docker-credential-secretservice": run },
  }, "secretservice"],
  ["nothing if the helper is not installed", {
    env: { PATH: "/bin" },
    programs: { "/bin/pass": run },
  }, undefined],
];

for (const [name, options, store] of STORES) {
  Deno.test(`detectDefaultStore() finds ${name}`, async () => {
    assertEquals(await detectDefaultStore(memoryIo(options)), store);
  });
}
