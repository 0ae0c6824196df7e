/**
 * Stores entries in a config file, one after the other, and prints the key of each one that is
 * stored: `store_program.ts FILE PREFIX COUNT`.
 *
 * @module
 */

import { Secret } from "../../lib/credential.ts";
import { denoIo } from "../../lib/deno_io.ts";
import { storeEntry } from "../../lib/docker_config_write.ts";

const [path = "", prefix = "", count = ""] = Deno.args;
const io = denoIo();
for (let index = 0; index < Number(count); index++) {
  const key = `${prefix}-${index}.example`;
  await storeEntry(io, path, key, { username: "robot", password: new Secret("x".repeat(200)) });
  Deno.stdout.writeSync(new TextEncoder().encode(`${key}\n`));
}
