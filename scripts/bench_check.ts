/**
 * Measures `regauth check` of many images against a plain loop that sends the same requests: how
 * often registries and token servers are asked, how many requests are under way at once, and the
 * time for each image.
 *
 * @module
 */

// deno-lint-ignore-file no-console -- a script talks on the console

import { memoryIo } from "../lib/memory_io.ts";
import { runCommand } from "../tests/fakes/command.ts";

const ROUNDS = 5;
/** How many images, where, and after how many milliseconds each request is answered. */
const SIZES: readonly {
  readonly images: number;
  readonly registries: number;
  /** Of each registry. */
  readonly repositories: number;
  readonly delay: number;
}[] = [
  { images: 100, registries: 1, repositories: 10, delay: 0 },
  { images: 1_000, registries: 50, repositories: 2, delay: 0 },
  { images: 100, registries: 1, repositories: 10, delay: 20 },
];
const LOGIN = btoa("jane:hunter2");

/** What the registries were asked in one round. */
interface Counts {
  pings: number;
  tokens: number;
  underWay: number;
  atOnce: number;
}

/** One way to ask about all images. */
type Way = (images: readonly string[], fetch: typeof globalThis.fetch) => Promise<void>;

/** A registry with a token server, that has every image. */
function registry(counts: Counts, delay: number): Deno.HttpServer<Deno.NetAddr> {
  return Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async (request) => {
    if (delay > 0) await new Promise((resolve) => setTimeout(resolve, delay));
    const { pathname, origin } = new URL(request.url);
    const authorization = request.headers.get("authorization");
    if (pathname === "/token") {
      counts.tokens++;
      return authorization === `Basic ${LOGIN}`
        ? Response.json({ token: "T", expires_in: 300 })
        : new Response(null, { status: 401 });
    }
    if (pathname === "/v2/") counts.pings++;
    if (authorization === "Bearer T") return new Response();
    const headers = { "www-authenticate": `Bearer realm="${origin}/token",service="bench"` };
    return new Response(null, { status: 401, headers });
  });
}

/** One request after the other, and no more of them than it takes. */
const loop: Way = async (images, fetch) => {
  const realms = new Map<string, string>();
  const tokens = new Map<string, string>();
  for (const image of images) {
    const [, host = "", repository = "", tag = ""] = /^(.*?)\/(.*):(.*)$/.exec(image) ?? [];
    let realm = realms.get(host);
    if (realm === undefined) {
      const challenge = (await fetch(`http://${host}/v2/`)).headers.get("www-authenticate");
      realm = /realm="(.*?)"/.exec(challenge ?? "")?.[1] ?? "";
      realms.set(host, realm);
    }
    const key = `${host}/${repository}`;
    let token = tokens.get(key);
    if (token === undefined) {
      const url = `${realm}?service=bench&scope=repository:${repository}:pull`;
      const answer = await fetch(url, { headers: { authorization: `Basic ${LOGIN}` } });
      token = (await answer.json()).token;
      tokens.set(key, `${token}`);
    }
    const { ok } = await fetch(`http://${host}/v2/${repository}/manifests/${tag}`, {
      method: "HEAD",
      headers: { authorization: `Bearer ${token}` },
    });
    if (!ok) throw new Error(`Cannot pull ${image}.`);
  }
};

const check: Way = async (images, fetch) => {
  const login = ["--registry-username", "jane", "--registry-password", "hunter2"];
  const io = { ...memoryIo(), now: () => new Date(), fetch };
  const { code, stdout } = await runCommand(["check", "--json", "-q", ...login, ...images], io);
  const pulled = stdout.split('"pull":"yes"').length - 1;
  if (code !== 0 || pulled !== images.length) throw new Error(stdout);
};

const WAYS = { "a loop of fetch()": loop, "regauth check": check } satisfies Record<string, Way>;

/** Prints the table: medians of alternating rounds, so that a busy moment hits all alike. */
export async function checks(): Promise<void> {
  const titles = ["pings", "tokens", "at once", "ms each", "ratio"];
  console.log(`\n${"check of images at registries, by http".padEnd(46)}${row(titles)}`);
  for (const { images: size, registries, repositories, delay } of SIZES) {
    const counts: Counts = { pings: 0, tokens: 0, underWay: 0, atOnce: 0 };
    const servers = Array.from({ length: registries }, () => registry(counts, delay));
    const images = Array.from({ length: size }, (_, index) => {
      const port = servers[index % registries]?.addr.port;
      return `127.0.0.1:${port}/app-${Math.floor(index / registries) % repositories}:${index}`;
    });
    const counted: typeof fetch = async (input, init) => {
      counts.atOnce = Math.max(counts.atOnce, ++counts.underWay);
      return await fetch(input, init).finally(() => counts.underWay--);
    };
    const runs = Object.entries(WAYS)
      .map(([name, way]) => ({ name, way, times: [] as number[], counts }));
    for (let round = -1; round < ROUNDS; round++) {
      for (const run of runs) {
        Object.assign(counts, { pings: 0, tokens: 0, underWay: 0, atOnce: 0 });
        const start = performance.now();
        await run.way(images, counted);
        // The first round compiles and fills caches.
        if (round >= 0) run.times.push((performance.now() - start) / size);
        run.counts = { ...counts };
      }
    }
    await Promise.all(servers.map((server) => server.shutdown()));
    const base = median(runs[0]?.times ?? []);
    for (const { name, times, counts: { pings, tokens, atOnce } } of runs) {
      const where = `${name}, ${size} at ${registries}`;
      const what = delay > 0 ? `${where}, ${delay} ms away` : where;
      const time = median(times);
      const cells = [pings, tokens, atOnce, time.toFixed(2), (time / base).toFixed(2)];
      console.log(what.padEnd(46) + row(cells));
    }
  }
}

function row(cells: readonly (string | number)[]): string {
  return cells.map((cell) => String(cell).padStart(8)).join("");
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
