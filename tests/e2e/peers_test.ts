import { assertEquals, assertStringIncludes } from "@std/assert";
import { fromSource, runProcess, type RunResult } from "../../scripts/sandbox.ts";

/** Runs a test whose peer is missing. */
async function missingPeer(required: string): Promise<RunResult> {
  const [deno = "", , ...flags] = fromSource("tests/e2e/missing_peer.ts");
  const { REGAUTH_REQUIRE_PEERS: _, ...env } = Deno.env.toObject();
  return await runProcess([deno, "test", "--no-check", ...flags], {
    env: { ...env, NO_COLOR: "1", ...(required ? { REGAUTH_REQUIRE_PEERS: required } : {}) },
  });
}

for (const required of ["", "0"]) {
  const variable = required && `REGAUTH_REQUIRE_PEERS=${required}`;
  Deno.test(`a missing peer is skipped with its name ${variable}`, async () => {
    const { code, stdout } = await missingPeer(required);
    assertStringIncludes(stdout, "a peer (skipped: no-such-program not installed) ... ignored");
    assertEquals(code, 0);
  });
}

Deno.test("a missing peer is a failure with REGAUTH_REQUIRE_PEERS=1", async () => {
  const { code, stdout } = await missingPeer("1");
  assertStringIncludes(stdout, "error: Error: no-such-program not installed");
  assertEquals(code, 1);
});
