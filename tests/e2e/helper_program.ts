/**
 * Calls the helper protocol as fast as it can: stores credentials for so many hosts, all at once, then
 * gets them all but the first, which it erases, all at once: `helper_program.ts NAME COUNT`.
 *
 * @module
 */

import { speakHelperProtocol } from "../../lib/cli/helper_protocol.ts";
import { denoIo, denoTerminal } from "../../lib/deno_io.ts";

const [name = "", count = ""] = Deno.args;
const hosts = Array.from({ length: Number(count) }, (_, index) => `h${index}.w${name}.example`);

async function call(verb: string, stdin: string): Promise<string> {
  let said = "";
  const code = await speakHelperProtocol({
    ...denoTerminal(),
    args: [verb],
    readAll: () => Promise.resolve(stdin),
    write: (_stream, text) => void (said += text),
  }, denoIo());
  if (code !== 0) throw new Error(`${verb}: ${said}`);
  return said;
}

const entry = (host: string): Record<string, string> => ({
  ServerURL: host,
  Username: `user of ${host}`,
  Secret: `secret of ${host}`,
});

await Promise.all(hosts.map((host) => call("store", JSON.stringify(entry(host)))));
await Promise.all(hosts.map(async (host, index) => {
  if (index === 0) return await call("erase", host);
  const said = await call("get", host);
  if (said !== `${JSON.stringify(entry(host))}\n`) throw new Error(`get of ${host}: ${said}`);
}));
