/**
 * `regauth policy`: what to hand to an administrator, so that somebody may use a registry.
 *
 * @module
 */

import { RegauthError } from "../errors.ts";
import type { MakePolicy } from "../policy.ts";
import { parseTarget } from "../reference.ts";
import type { CommandSpec } from "./command.ts";
import { Exit } from "./exit.ts";

/** The clouds, each loaded when it is asked for. */
const POLICIES: Readonly<Record<string, () => Promise<MakePolicy>>> = {
  ecr: async () => (await import("../registries/ecr_policy.ts")).ecrPolicy,
  google: async () => (await import("../registries/google_policy.ts")).googlePolicy,
  acr: async () => (await import("../registries/acr_policy.ts")).acrPolicy,
};

export const policy: CommandSpec = {
  description: "Prints the least that is needed, for an administrator. Without an image, what is " +
    "not known stands in capitals.",
  arguments: "<cloud:string> [image:string]",
  options: [{ flags: "--push", description: "Rights to push as well." }],
  examples: [
    ["Rights to pull from a registry of AWS", "regauth policy ecr"],
    [
      "Rights to push to one repository",
      "regauth policy ecr --push 123456789012.dkr.ecr.eu-west-1.amazonaws.com/team/app",
    ],
  ],
  async run({ args: [cloud = "", image], values, output }) {
    const load = Object.hasOwn(POLICIES, cloud) ? POLICIES[cloud] : undefined;
    if (load === undefined) {
      throw new RegauthError("usage", `Cannot make a policy for "${cloud}": it is not known`, {
        subject: cloud,
        hint: `Name one of ${Object.keys(POLICIES).join(", ")}.`,
      });
    }
    const access = values.flag("push") ? "push" : "pull";
    const target = image === undefined ? undefined : parseTarget(image);
    const { text, notes } = (await load())(access, target);
    if (output.json) output.document({ cloud, access, policy: text, notes });
    else output.result(text);
    for (const note of notes) output.note(note);
    return Exit.done;
  },
};
