/**
 * `regauth token`: the bearer token for an image.
 *
 * @module
 */

import { authorize } from "../authorize.ts";
import { RegauthError } from "../errors.ts";
import { openResolver } from "../resolve.ts";
import type { CommandSpec } from "./command.ts";
import { Exit } from "./exit.ts";
import { openNetwork } from "./network.ts";

export const token: CommandSpec = {
  description: "Prints the token alone, for an Authorization: Bearer header.",
  arguments: "<image:string>",
  options: [{ flags: "--push", description: "A token that may push as well." }],
  examples: [[
    "The tags of an image",
    'curl -H "Authorization: Bearer $(regauth token ghcr.io/acme/app)" https://ghcr.io/v2/acme/app/tags/list',
  ]],
  async run(call) {
    const { args: [image = ""], io, signal, trace, keychains, values, output } = call;
    const resolver = await openResolver({ ...keychains, io, signal, ...(trace ? { trace } : {}) });
    const { credential, ...target } = await resolver.resolve(image);
    await using network = await openNetwork(call);
    const actions = values.flag("push") ? ["pull", "push"] as const : ["pull"] as const;
    const authorization = await authorize(network.client, target, credential, actions);
    const bearer = authorization.token?.value ?? credential?.registryToken;
    if (!bearer) {
      throw new RegauthError(
        "no-credential",
        `Cannot get a token for "${image}": ${target.registry} gives none`,
        {
          subject: image,
          hint: `It takes name and password itself: regauth resolve ${image} --format header`,
        },
      );
    }
    const expiresAt = authorization.token?.expiresAt;
    if (output.json) {
      output.document({
        target: image,
        token: bearer.reveal(),
        expiresAt: expiresAt?.toISOString() ?? null,
      });
    } else {
      output.result(bearer.reveal());
    }
    return Exit.done;
  },
};
