import { assertEquals, assertThrows } from "@std/assert";
import {
  type DockerConfig,
  type DockerConfigOptions,
  parseDockerConfig,
} from "../lib/docker_config.ts";
import { findCredential, findHelper, findRegistryToken } from "../lib/docker_lookup.ts";
import { RegauthError } from "../lib/errors.ts";
import { HUB_KEY, type Target } from "../lib/reference.ts";

/** A config in which the user of each entry is its key; a key that ends in `?` is empty. */
function keys(names: readonly string[], options?: DockerConfigOptions): Promise<DockerConfig> {
  const auths = Object.fromEntries(
    names.map((
      name,
    ) => [name.replace("?", ""), name.endsWith("?") ? {} : { auth: btoa(`u:${name}`) }]),
  );
  return parseDockerConfig(JSON.stringify({ auths }), "/c", options);
}

function target(text: string): Target {
  const [registry = "", ...path] = text.split("/");
  return { registry, ...(path.length === 0 ? {} : { repository: path.join("/") }) };
}

const HUB = "index.docker.io/library/nginx";
const PODMAN: DockerConfigOptions = { style: "containers" };

const LOOKUPS: [
  image: string,
  names: string[],
  found: string | undefined,
  options?: DockerConfigOptions,
][] = [
  ["r.io/a/b", ["r.io", "r.io/a"], "r.io/a"],
  ["r.io/a/b", ["r.io/a?", "r.io"], "r.io"],
  ["r.io/team-c/x", ["r.io/team-a", "r.io/team-b"], undefined],
  ["r.io/x", ["r.io?", "https://r.io/v2/"], undefined],
  ["r.io/x", ["http://r.io", "https://r.io", "https://r.io/v1/"], "https://r.io/v1/"],
  ["r.io/x", ["https://r.io/v2/?", "https://r.io/v1/"], "https://r.io/v1/"],
  ["R.io/x", ["r.io"], "r.io"],
  ["R.io/x", ["r.io"], undefined, { strict: true }],
  [HUB, ["docker.io", HUB_KEY], HUB_KEY],
  [HUB, ["docker.io", "index.docker.io/library"], "index.docker.io/library"],
  [HUB, ["docker.io/library", "docker.io"], "docker.io/library"],
  [HUB, ["registry-1.docker.io", "index.docker.io"], "index.docker.io"],
  [HUB, ["https://index.docker.io/v1"], "https://index.docker.io/v1"],
  [
    HUB,
    ["http://docker.io", "https://registry-1.docker.io/v2/"],
    "https://registry-1.docker.io/v2/",
  ],
  [HUB, [`${HUB_KEY}access-token`, `${HUB_KEY}refresh-token`], undefined],
  [HUB, [`${HUB_KEY}access-token`], undefined, PODMAN],
  [HUB, ["https://hub.docker.com/"], undefined],
  ["registry-1.docker.io/library/nginx", [HUB_KEY], HUB_KEY],
  ["docker.io/library/nginx", [HUB_KEY], HUB_KEY, { strict: true }],
  [HUB, ["https://index.docker.io/v2/", "http://docker.io"], "https://index.docker.io/v2/", PODMAN],
  ["r.io/a/b", ["r.io/a?", "r.io"], undefined, PODMAN],
  ["[::1]/x", ["https://[::1]/v2/"], "https://[::1]/v2/", PODMAN],
];

for (const [image, names, found, options] of LOOKUPS) {
  Deno.test(`findCredential() finds ${found} for ${image} among ${names.join(", ")} ${JSON.stringify(options) ?? ""}`, async () => {
    const credential = findCredential(await keys(names, options), target(image));
    assertEquals(credential?.password?.reveal(), found);
    if (found) assertEquals(credential?.detail, `/c, key "${found}"`);
  });
}

Deno.test("findCredential() fails only on the entry that it needs", async () => {
  const text = '{"auths":{"bad.io":{"auth":"%"},"r.io":{"auth":"dTpw"},"worse.io":5}}';
  const config = await parseDockerConfig(text, "/c");
  assertEquals(findCredential(config, { registry: "r.io" })?.username, "u");
  const broken = assertThrows(() => findCredential(config, { registry: "bad.io" }), RegauthError);
  assertEquals(broken.code, "auth-base64");
});

Deno.test("findCredential() does not show the password of a key", async () => {
  const config = await keys(["https://me:hunter2@r.io/"]);
  assertEquals(findCredential(config, { registry: "r.io" })?.detail, '/c, key "***@r.io/"');
});

const HELPERS: [
  image: string,
  config: unknown,
  found: [suffix: string, server: string, field: string] | undefined,
  options?: DockerConfigOptions,
][] = [
  ["r.io/x", { credHelpers: { "r.io": "a" }, credsStore: "b" }, ["a", "r.io", "credHelpers"]],
  ["q.io/x", { credHelpers: { "r.io": "a" }, credsStore: "b" }, ["b", "q.io", "credsStore"]],
  ["r.io/x", { credHelpers: { "r.io": "" }, credsStore: "b" }, undefined],
  ["r.io/x", { credHelpers: { "r.io": "self" }, credsStore: "b" }, ["b", "r.io", "credsStore"]],
  ["r.io/x", { credHelpers: { "r.io": "self" }, credsStore: "self" }, undefined],
  [HUB, { credsStore: "b" }, ["b", HUB_KEY, "credsStore"]],
  [HUB, { credHelpers: { "docker.io": "a", [HUB_KEY]: "c" } }, ["c", HUB_KEY, "credHelpers"]],
  [HUB, { credHelpers: { "docker.io": "a" } }, ["a", "docker.io", "credHelpers"]],
  [HUB, { credHelpers: { "docker.io": "a" } }, undefined, { strict: true }],
  [HUB, { credHelpers: { [HUB_KEY]: "a" } }, undefined, PODMAN],
  ["r.io/x", { credsStore: "b" }, undefined, PODMAN],
];

for (const [image, content, found, options] of HELPERS) {
  Deno.test(`findHelper() finds ${found} for ${image} in ${JSON.stringify(content)} ${JSON.stringify(options) ?? ""}`, async () => {
    const config = await parseDockerConfig(JSON.stringify(content), "/c", options);
    const choice = findHelper(config, target(image), (suffix) => suffix === "self");
    assertEquals(
      choice && [choice.suffix, choice.server, choice.configuredBy],
      found && [
        found[0],
        found[1],
        `"${found[2]}" of /c`,
      ],
    );
  });
}

Deno.test("findRegistryToken() takes the token of the host's entry alone", async () => {
  const text = '{"auths":{"https://r.io/v1/":{"auth":"%","registrytoken":"t"},"q.io":{}}}';
  const config = await parseDockerConfig(text, "/c");
  const found = findRegistryToken(config, { registry: "r.io", repository: "x" });
  assertEquals([found?.registryToken?.reveal(), found?.username], ["t", undefined]);
  assertEquals(findRegistryToken(config, { registry: "q.io" }), undefined);
  assertEquals(findRegistryToken(config, { registry: "p.io" }), undefined);
});
