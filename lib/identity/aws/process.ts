/**
 * Keys that a program of the user's choice prints: `credential_process` of a profile.
 *
 * @example
 * ```ts
 * import { processIdentity } from "./process.ts";
 * import { openAws } from "./settings.ts";
 * import { memoryIo } from "../../memory_io.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const stdout = '{"Version":1,"AccessKeyId":"ASIAEXAMPLE000000003","SecretAccessKey":"s"}';
 * const io = memoryIo({ env: { PATH: "/bin" }, programs: { "/bin/sh": () => ({ stdout }) } });
 * const identity = await processIdentity(await openAws({ io }), "prod", "my-tool --json");
 * assertEquals(identity.id, ["key", "ASIAEXAMPLE000000003"]);
 * assertEquals(io.runs[0]?.args, ["-c", "my-tool --json"]);
 * ```
 *
 * @module
 */

import { RegauthError } from "../../errors.ts";
import type { Io } from "../../io.ts";
import { parseObject } from "../../json_object.ts";
import { findProgram } from "../../program.ts";
import { masked } from "../mask.ts";
import type { AwsIdentity, AwsKeys } from "./keys.ts";
import { servedKeys } from "./served_keys.ts";
import type { Aws } from "./settings.ts";

const TIMEOUT = 60_000;
const OUTPUT_LIMIT = 64 * 1024;
const REMARKS = 20;

/**
 * Runs the program. It has to be run to know whose keys it has: what it prints may depend on anything.
 *
 * @param aws The settings.
 * @param profile Name of the profile.
 * @param command What the profile says, for the shell.
 * @returns Who has the keys.
 * @throws {RegauthError} `helper-missing` if there is no shell, `helper-failed`, `helper-output`, or
 * `refused` if the keys have expired.
 */
export async function processIdentity(
  aws: Aws,
  profile: string,
  command: string,
): Promise<AwsIdentity> {
  let known = await run(aws, profile, command);
  return {
    source: `credential_process of profile "${profile}"`,
    id: ["key", known.accessKeyId],
    renewal: `Run the credential_process of profile "${profile}" by hand to see why.`,
    keys: async (renewed = false) => {
      if (renewed) known = await run(aws, profile, command);
      return known;
    },
  };
}

async function run(aws: Aws, profile: string, command: string): Promise<AwsKeys> {
  const { context: { io, signal }, warn } = aws;
  const what = `credential_process of profile "${profile}"`;
  const fail = (code: "helper-failed" | "helper-output" | "refused", why: string): never => {
    throw new RegauthError(code, `Cannot get keys from ${what}: ${why}`, {
      subject: profile,
      hint: `Run it by hand: it must print keys as JSON. See credential_process of "${profile}".`,
    });
  };
  const { program, args } = await shellFor(io, command, what);
  const result = await io.run(program, args, {
    timeout: TIMEOUT,
    maxOutput: OUTPUT_LIMIT,
    ...(signal ? { signal } : {}),
  });
  const remarks = result.stderr.split("\n").map((line) => masked(line)).filter((line) =>
    line !== ""
  );
  if (result.ended === "timeout") return fail("helper-failed", `no end after ${TIMEOUT / 1000} s`);
  if (result.ended === "output-limit") return fail("helper-output", "it printed more than 64 KiB");
  if (result.code !== 0) {
    const said = remarks.at(-1);
    return fail("helper-failed", `exit code ${result.code}${said ? `: ${said}` : ""}`);
  }
  for (const line of remarks.slice(0, REMARKS)) warn(`${what}: ${line}`);
  const object = parseObject(result.stdout);
  if (object === undefined) return fail("helper-output", "what it printed is no JSON object");
  if (object.Version !== 1) return fail("helper-output", '"Version" is not 1');
  const keys = servedKeys(object);
  if (keys === undefined) return fail("helper-output", "AccessKeyId or SecretAccessKey is missing");
  return keys.expiresAt && keys.expiresAt <= io.now()
    ? fail("refused", "the keys that it printed have expired")
    : keys;
}

async function shellFor(
  io: Io,
  command: string,
  what: string,
): Promise<{ readonly program: string; readonly args: readonly string[] }> {
  const windows = io.platform === "windows";
  const program = (windows ? io.env("ComSpec") : undefined) ||
    await findProgram(io, windows ? "cmd" : "sh");
  if (program !== undefined) return { program, args: [windows ? "/C" : "-c", command] };
  throw new RegauthError("helper-missing", `Cannot run ${what}: there is no shell`, {
    subject: windows ? "cmd.exe" : "sh",
    hint: "It is looked for in the folders of PATH.",
  });
}
