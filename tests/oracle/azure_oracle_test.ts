import { assertEquals } from "@std/assert";
import { mapBounded } from "../../lib/bounded.ts";
import { ACR_RESOURCE, cloudOf } from "../../lib/identity/azure/clouds.ts";
import { azureIdentities } from "../../lib/identity/azure/identities.ts";
import type { AzureOptions } from "../../lib/identity/azure/options.ts";
import { memoryIo } from "../../lib/memory_io.ts";
import { readPayload } from "../../lib/token_claims.ts";
import { application } from "./azure_application.ts";
import { type AzureScenario, SCENARIOS } from "./azure_scenarios.ts";
import { askOracle, filled, type OracleAnswer, oracleTest } from "./world.ts";

const oracle = await askAll();

for (const scenario of SCENARIOS) {
  oracleTest(
    oracle,
    `@azure/identity and regauth agree on ${scenario.name}`,
    scenario.name,
    async (answer) => {
      const found = await regauthFinds(scenario);
      assertEquals([found.error, audience(found)], ["", scenario.fails ? "" : audience(answer)]);
      assertEquals(answer.token === undefined, scenario.fails ?? false, answer.error);
      if (!scenario.fails) assertEquals(found.calls, answer.calls);
    },
  );
}

/** The library remembers managed identities, so each of them gets a process of its own. */
async function askAll(): Promise<Awaited<ReturnType<typeof askOracle>>> {
  const managed = SCENARIOS.filter(({ by }) => by === "managed").map(({ name }) => [name]);
  const others = SCENARIOS.filter(({ by }) => by !== "managed").map(({ name }) => name);
  const answers: OracleAnswer[] = [];
  for (
    const found of await mapBounded(
      [others, ...managed],
      3,
      (names) => askOracle("tests/oracle/azure_program.ts", names),
    )
  ) {
    if ("missing" in found) return found;
    answers.push(...found);
  }
  return answers;
}

/** For whom a token is; az gives one that does not tell. */
function audience({ token }: { readonly token?: string | null }): string {
  return token === undefined ? "" : String(readPayload(token ?? "")?.aud ?? token);
}

interface Found {
  readonly token?: string;
  readonly error: string;
  readonly calls: readonly string[];
}

async function regauthFinds(scenario: AzureScenario): Promise<Found> {
  const { by, env = {}, files = {}, id, authority, resource = ACR_RESOURCE } = scenario;
  const { azure, fill } = await application(() => new Date());
  const { az, ...others } = files;
  const entries = Object.entries(filled(fill(others), "/d"));
  const io = memoryIo({
    now: new Date(),
    env: {
      PATH: "/d",
      ...filled(env, "/d"),
      ...(authority ? { AZURE_AUTHORITY_HOST: authority } : {}),
    },
    files: Object.fromEntries(entries.map(([name, text]) => [`/d/${name}`, text])),
    programs: az === undefined ? {} : { "/d/az": () => script(az) },
    fetch: (request) => azure.answer(request),
  });
  const source = by === "environment" ? undefined : by;
  const options: AzureOptions = { ...id, ...(source ? { source } : {}) };
  const context = { io };
  const calls = (): string[] => [...azure.calls];
  try {
    const cloud = await cloudOf(io, options, undefined);
    for await (const identity of azureIdentities({ context, options, cloud })) {
      const token = await identity.for(resource).token();
      if (token) return { token: token.value.reveal(), error: "", calls: calls() };
    }
    return { error: "nobody", calls: calls() };
  } catch {
    return { error: "", calls: calls() };
  }
}

/** What the script of the situation does. */
function script(text: string): { stdout?: string; stderr?: string; code?: number } {
  const [, said = ""] = /echo ['"](.*)['"]/.exec(text) ?? [];
  return text.includes("exit 1") ? { stderr: said, code: 1 } : { stdout: said };
}
