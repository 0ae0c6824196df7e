import { assertEquals } from "@std/assert";
import { googleKeychain } from "../../lib/registries/google_keychain.ts";
import { googleWorld } from "../fakes/google_world.ts";
import { type GoogleScenario, SCENARIOS } from "./google_scenarios.ts";
import { askOracle, filled, oracleTest } from "./world.ts";

const oracle = await askOracle("tests/oracle/google_program.ts");

for (const scenario of SCENARIOS) {
  oracleTest(
    oracle,
    `google-auth-library and regauth agree on ${scenario.name}`,
    scenario.name,
    async (answer) => {
      const found = await regauthFinds(scenario);
      assertEquals(found.token, scenario.token);
      assertEquals(answer.token ?? undefined, scenario.token, answer.error ?? "");
      // The library asks metadata servers for more than the token, and for sessions twice.
      if (scenario.token !== undefined && !scenario.env?.GCE_METADATA_HOST) {
        assertEquals(found.calls, [...new Set(answer.calls)]);
      }
    },
  );
}

async function regauthFinds(
  { env = {}, files = {}, scopes }: GoogleScenario,
): Promise<{ token: string | undefined; calls: readonly string[] }> {
  const { io, google } = googleWorld({
    env: filled({ METADATA_SERVER_DETECTION: "none", ...env }, "/d"),
    files: Object.fromEntries(
      Object.entries(filled(files, "/d")).map(([name, text]) => [`/d/${name}`, text]),
    ),
  });
  const keychain = googleKeychain(scopes ? { scopes } : {});
  const token = await keychain.resolve({ registry: "gcr.io" }, { io })
    .then((credential) => credential?.password?.reveal(), () => undefined);
  return { token, calls: google.calls };
}
