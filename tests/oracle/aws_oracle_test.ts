import { assertEquals } from "@std/assert";
import { denoIo } from "../../lib/deno_io.ts";
import type { Io } from "../../lib/io.ts";
import { ecrKeychain } from "../../lib/registries/ecr_keychain.ts";
import { fakeAws } from "../fakes/aws.ts";
import { serveAws } from "../fakes/aws_server.ts";
import { type AwsScenario, HOST, SCENARIOS } from "./aws_scenarios.ts";
import { populate } from "./aws_people.ts";
import { asFiles, askOracle, oracleTest } from "./world.ts";

const oracle = await askOracle("tests/oracle/aws_program.ts");

for (const scenario of SCENARIOS) {
  oracleTest(
    oracle,
    `the AWS SDK and regauth are the same user: ${scenario.name}`,
    scenario.name,
    async (answer) => {
      const found = await regauthIs(scenario);
      assertEquals(found.owner, scenario.owner, found.error);
      assertEquals(answer.token ?? undefined, scenario.owner, answer.error ?? "");
    },
  );
}

async function regauthIs(
  scenario: AwsScenario,
): Promise<{ readonly owner?: string | undefined; readonly error?: string }> {
  const aws = fakeAws(() => new Date());
  populate(aws);
  await using server = await serveAws(aws);
  await using home = await asFiles({ ".keep": "", ...scenario.files });
  const variables = home.fill({
    HOME: "DIR",
    PATH: "/usr/bin:/bin",
    AWS_EC2_METADATA_DISABLED: "true",
    ...server.env,
    ...scenario.env,
  });
  const io: Io = {
    ...denoIo(),
    env: (name) => variables[name]?.replaceAll("SERVER", server.origin),
    envNames: () => Object.keys(variables),
  };
  const { profile } = scenario;
  try {
    const found = await ecrKeychain(profile === undefined ? {} : { profile })
      .resolve({ registry: HOST }, { io });
    return { owner: aws.passwords.get(found?.password?.reveal() ?? "")?.arn };
  } catch (error) {
    return { error: String(error) };
  }
}
