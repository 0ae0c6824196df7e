import { assertEquals, assertStringIncludes } from "@std/assert";
import type { MemoryProgram } from "../../../lib/memory_io.ts";
import { type AwsWorld, awsWorld } from "../../fakes/aws_world.ts";

const KEYS = {
  Version: 1,
  AccessKeyId: "ASIAPROCESS",
  SecretAccessKey: "process-secret",
  SessionToken: "process-token",
  Expiration: "2026-01-02T04:00:00Z",
};

function world(program: MemoryProgram, platform: "linux" | "windows" = "linux"): AwsWorld {
  const windows = platform === "windows";
  const made = awsWorld({
    platform,
    env: { AWS_PROFILE: "p", ...windows ? { ComSpec: "C:\\cmd.exe", USERPROFILE: "C:\\me" } : {} },
    files: {
      [windows ? "C:\\me\\.aws\\config" : "/home/me/.aws/config"]:
        '[profile p]\ncredential_process = "/opt/my tool" --for "a b"\n',
    },
    programs: { [windows ? "C:\\cmd.exe" : "/bin/sh"]: program },
  });
  const { AccessKeyId: accessKeyId, SecretAccessKey: secret, SessionToken: sessionToken } = KEYS;
  made.aws.add({ accessKeyId, secret, sessionToken });
  return made;
}

for (const [platform, flag] of [["linux", "-c"], ["windows", "/C"]] as const) {
  Deno.test(`a program prints the keys, run by the shell of ${platform}`, async () => {
    const made = world(() => ({ stdout: JSON.stringify(KEYS) }), platform);
    const found = await made.ask();
    assertEquals(found?.detail, 'AWS keys from credential_process of profile "p"');
    assertEquals(made.io.runs.length, 1);
    assertEquals(made.io.runs[0]?.args, [flag, '"/opt/my tool" --for "a b"']);
    assertEquals(made.io.runs[0]?.options.stdin, undefined);
    assertEquals(made.io.runs[0]?.options.timeout, 60_000);
  });
}

Deno.test("a program is run each time, because what it prints may depend on anything", async () => {
  let id = "ASIAPROCESS";
  const made = world(() => ({ stdout: JSON.stringify({ ...KEYS, AccessKeyId: id }) }));
  await made.ask();
  await made.ask();
  assertEquals([made.io.runs.length, made.aws.log.length], [2, 1]);
  id = "ASIAOTHER";
  made.aws.add({ accessKeyId: id, secret: "process-secret", sessionToken: "process-token" });
  assertStringIncludes(await made.owner() ?? "", "asiaother");
});

for (
  const [what, result, code, message] of [
    [
      "ends with an error",
      { code: 3, stdout: '{"SecretAccessKey":"s3cret"}', stderr: "first\nplease log in\n" },
      "helper-failed",
      "exit code 3: please log in",
    ],
    ["ends with an error and says nothing", { code: 1 }, "helper-failed", "exit code 1"],
    ["takes too long", { code: 143, ended: "timeout" }, "helper-failed", "no end after 60 s"],
    ["prints too much", { code: 143, ended: "output-limit" }, "helper-output", "more than 64 KiB"],
    ["prints no JSON", { stdout: "s3cret" }, "helper-output", "is no JSON object"],
    [
      "prints another version",
      { stdout: JSON.stringify({ ...KEYS, Version: "1" }) },
      "helper-output",
      '"Version" is not 1',
    ],
    [
      "prints half a key",
      { stdout: '{"Version":1,"AccessKeyId":"a"}' },
      "helper-output",
      "SecretAccessKey is missing",
    ],
    [
      "prints keys that have expired",
      { stdout: JSON.stringify({ ...KEYS, Expiration: "2026-01-02T03:00:00Z" }) },
      "refused",
      "the keys that it printed have expired",
    ],
  ] satisfies [string, Awaited<ReturnType<MemoryProgram>>, string, string][]
) {
  Deno.test(`a program that ${what} is an error, which does not repeat its output`, async () => {
    const made = world(() => result);
    const fault = await made.fault();
    assertEquals(fault.code, code);
    assertStringIncludes(fault.message, 'Cannot get keys from credential_process of profile "p": ');
    assertStringIncludes(fault.message, message);
    assertStringIncludes(fault.hint, "Run it by hand");
    assertEquals(/s3cret|process-secret/.test(fault.message + made.trace.join()), false);
  });
}

Deno.test("what a program says on standard error is passed on, without secrets", async () => {
  const stderr = "Touch your key\nsecret=s3cret\n\u001b[2J\n";
  const made = world(() => ({ stdout: JSON.stringify(KEYS), stderr }));
  await made.ask();
  assertEquals(made.warnings, [
    'credential_process of profile "p": Touch your key',
    'credential_process of profile "p": secret=[redacted]',
    'credential_process of profile "p": \ufffd[2J',
  ]);
});

Deno.test("without a shell there is an error that names it", async () => {
  const made = world(() => ({}));
  made.io.variables.set("PATH", "/empty");
  const { code, message, hint } = await made.fault();
  assertEquals(code, "helper-missing");
  assertStringIncludes(message, "there is no shell");
  assertStringIncludes(hint, "PATH");
});
