/**
 * Everybody whom the situations of `aws_scenarios.ts` speak of.
 *
 * @module
 */

import type { FakeAws } from "../fakes/aws.ts";
import type { Principal } from "../fakes/aws_signature.ts";
import { LOGIN, role, SSO_OWNER, START } from "./aws_scenarios.ts";

/**
 * Fills a fake with them.
 *
 * @param aws The fake.
 */
export function populate(aws: FakeAws): void {
  aws.add({ accessKeyId: "A" });
  aws.add({ accessKeyId: "B" });
  aws.add({ accessKeyId: "TEMPORARY", sessionToken: "token" });
  aws.add({ accessKeyId: "LOGIN", sessionToken: "token", arn: LOGIN });
  const expiry = new Date(Date.now() + 3_600_000);
  const container = aws.add({ accessKeyId: "CONTAINER", sessionToken: "token", expiry });
  aws.containers.set("/v1/credentials", { principal: container });
  aws.containers.set("/v1/credentials/token", { principal: container, authorization: "pod-token" });
  const instance: Principal = aws.add({ accessKeyId: "INSTANCE", sessionToken: "token", expiry });
  aws.instance = { role: "node-role", principal: instance };
  for (const name of ["p", "q"]) aws.roles.set(role(name), {});
  aws.roles.set(role("external"), { externalId: "x/7" });
  aws.webTokens.set("web-token", role("web"));
  aws.sso.set("access-token", new Date(Date.now() + 3_600_000));
  aws.ssoRoles.set("123456789012/Dev", {
    accessKeyId: "SSO",
    secret: "secret-of-SSO",
    arn: SSO_OWNER,
    account: "123456789012",
  });
  aws.refreshTokens.set("refresh-token", {
    clientId: "client",
    clientSecret: "client-secret",
    registrationExpiresAt: new Date(Date.now() + 1e9),
    startUrl: START,
  });
  aws.logins.set("refresh-token", {
    refreshToken: "refresh-token",
    clientId: "arn:aws:signin:::devtools/same-device",
    arn: LOGIN,
    account: "123456789012",
  });
}
