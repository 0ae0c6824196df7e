/**
 * The least that Azure identities need to use Azure Container Registry, as commands of az.
 *
 * @example
 * ```ts
 * import { acrPolicy } from "./acr_policy.ts";
 * import { assertStringIncludes } from "@std/assert";
 *
 * const { text } = acrPolicy("pull", { registry: "contoso.azurecr.io" });
 * assertStringIncludes(text, "--role AcrPull");
 * assertStringIncludes(text, "az acr show --name contoso");
 * ```
 *
 * @module
 */

import { parseAcrHost } from "../acr_host.ts";
import { RegauthError } from "../errors.ts";
import type { Policy } from "../policy.ts";
import type { Access } from "../recipe.ts";
import type { Target } from "../reference.ts";

/** Roles of registries without and with permissions by repository (ABAC), which ignore the former. */
const ROLES: Readonly<Record<Access, readonly [plain: string, byRepository: string]>> = {
  pull: ["AcrPull", "Container Registry Repository Reader"],
  push: ["AcrPush", "Container Registry Repository Writer"],
};

const ACTIONS: Readonly<Record<Access, string>> = {
  pull: "content/read metadata/read",
  push: "content/read content/write metadata/read",
};

/**
 * Makes the commands. The role is given on the registry alone, not on its resource group.
 *
 * @param access What the identity is to do.
 * @param target The registry, or an image in it.
 * @returns The commands.
 * @throws {RegauthError} `usage` if the registry is not one of Azure.
 */
export function acrPolicy(access: Access, target?: Target): Policy {
  const { registry = "NAME.azurecr.io", repository = "REPOSITORY" } = target ?? {};
  const name = target === undefined ? "NAME" : parseAcrHost(registry)?.name;
  if (name === undefined) {
    throw new RegauthError("usage", `Cannot make a policy for "${registry}": it is not Azure's`, {
      subject: registry,
      hint: "Name an image of NAME.azurecr.io, or none.",
    });
  }
  const [plain, byRepository] = ROLES[access];
  const assign = (role: string): string =>
    [
      "az role assignment create",
      "  --assignee PRINCIPAL",
      `  --role ${role}`,
      `  --scope "$(az acr show --name ${name} --query id --output tsv)"`,
    ].join(" \\\n");
  return {
    text: [
      `# Which of the two counts: az acr show --name ${name} --query roleAssignmentMode`,
      "# Roles for the whole registry (the default):",
      assign(plain),
      `# Permissions by repository (ABAC), where ${plain} is ignored:`,
      assign(`"${byRepository}"`),
    ].join("\n"),
    notes: [
      "PRINCIPAL is the id of an application, a managed identity, a group or a user.",
      "A role counts after some minutes. Managed identities cannot be used across tenants.",
      "Without Microsoft Entra: " +
      `az acr token create --registry ${name} --name TOKEN --repository ${repository} ` +
      `${ACTIONS[access]}`,
    ],
  };
}
