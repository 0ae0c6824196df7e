/**
 * Asks AWS's own SDK for a login in each situation, and prints whose it is as JSON. It is a program of
 * its own because it sets variables.
 *
 * @module
 */

import { fakeAws } from "../fakes/aws.ts";
import { serveAws } from "../fakes/aws_server.ts";
import { REGION, SCENARIOS } from "./aws_scenarios.ts";
import { populate } from "./aws_people.ts";
import { asFiles, withVariables } from "./world.ts";

/** What is used of the SDK; it is loaded only where npm can be reached. */
interface Chain {
  fromNodeProviderChain(options: { readonly profile?: string }): unknown;
}
interface Client {
  send(command: unknown): Promise<Answer>;
  destroy(): void;
}
interface Ecr {
  readonly ECRClient: new (options: Record<string, unknown>) => Client;
  readonly GetAuthorizationTokenCommand: new (input: unknown) => unknown;
}
interface Data {
  readonly authorizationToken?: string;
}
interface Answer {
  readonly authorizationData?: Data | readonly Data[];
}

const SPECIFIERS: readonly string[] = [
  "@aws-sdk/credential-providers",
  "@aws-sdk/client-ecr",
];
const [chain, ecr]: readonly [Chain, Ecr] = await Promise.all([
  import(SPECIFIERS[0] ?? ""),
  import(SPECIFIERS[1] ?? ""),
]);

for (const scenario of SCENARIOS) {
  const aws = fakeAws(() => new Date());
  populate(aws);
  await using server = await serveAws(aws);
  await using home = await asFiles({ ".keep": "", ...scenario.files });
  const variables = home.fill({
    HOME: "DIR",
    AWS_EC2_METADATA_DISABLED: "true",
    ...server.env,
    ...scenario.env,
  });
  for (const [name, text] of Object.entries(variables)) {
    variables[name] = text.replaceAll("SERVER", server.origin);
  }
  const result = await withVariables(variables, async () => {
    const { profile } = scenario;
    const credentials = chain.fromNodeProviderChain(profile === undefined ? {} : { profile });
    const client = new ecr.ECRClient({ region: REGION, credentials });
    try {
      const { authorizationData } = await client.send(new ecr.GetAuthorizationTokenCommand({}));
      const [data] = [authorizationData ?? []].flat();
      const [, password = ""] = atob(data?.authorizationToken ?? "").split(":");
      return { token: aws.passwords.get(password)?.arn ?? null };
    } catch (error) {
      return { error: String(error) };
    } finally {
      client.destroy();
    }
  });
  // deno-lint-ignore no-console -- that is how the test hears it
  console.log(JSON.stringify({ name: scenario.name, calls: aws.actions(), ...result }));
}
