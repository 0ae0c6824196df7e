import { assertEquals, assertNotEquals } from "@std/assert";
import { speakHelperProtocol } from "../../lib/cli/helper_protocol.ts";
import { nameHelper } from "../../lib/helper_install.ts";
import type { MemoryIo } from "../../lib/memory_io.ts";
import { targetText } from "../../lib/reference.ts";
import {
  DOCKER_VECTORS,
  type DockerVector,
  VECTOR_CONFIG,
  vectorTarget,
  vectorWorld,
} from "../fakes/docker_vectors.ts";
import { scriptedTerminal } from "../fakes/terminal.ts";

const NOT_FOUND = "credentials not found in native keychain\n";

/** Asks as go-containerregistry does: for the repository. */
async function get(io: MemoryIo, row: DockerVector): Promise<{ code: number; stdout: string }> {
  const terminal = scriptedTerminal({ args: ["get"] });
  const server = targetText(vectorTarget(row));
  const code = await speakHelperProtocol(
    { ...terminal, readAll: () => Promise.resolve(`${server}\n`) },
    io,
  );
  return { code, stdout: terminal.written.stdout };
}

/** What the protocol can say of the answer: a registry token is as good as none. */
function answerOf({ expect }: DockerVector): readonly [username: string, secret: string] {
  const { username = "", password = "", passwordHex, identityToken } = expect;
  if (identityToken !== undefined) return ["<token>", identityToken];
  const bytes = Uint8Array.from(
    passwordHex?.match(/../g) ?? [],
    (pair) => Number.parseInt(pair, 16),
  );
  return [username, passwordHex === undefined ? password : new TextDecoder().decode(bytes)];
}

async function check(io: MemoryIo, row: DockerVector): Promise<void> {
  const { code, stdout } = await get(io, row);
  if (row.expect.error !== undefined) {
    assertEquals([code, stdout.split("\n").length], [1, 2]);
    assertNotEquals(stdout, NOT_FOUND);
    return;
  }
  const [username, secret] = answerOf(row);
  if (username === "" && secret === "") {
    return assertEquals([code, stdout], [1, NOT_FOUND]);
  }
  assertEquals(code, 0, stdout);
  const { Username, Secret } = JSON.parse(stdout);
  assertEquals([Username, Secret], [username, secret]);
}

for (const row of DOCKER_VECTORS.filter(({ lookup }) => lookup === undefined)) {
  Deno.test(`docker-credential-regauth get: ${row.name}`, () => check(vectorWorld(row), row));

  // A config that cannot be read cannot be changed either.
  if (row.expect.error?.startsWith("config-")) continue;
  Deno.test(`docker-credential-regauth get, in front of what was there: ${row.name}`, async () => {
    const io = vectorWorld(row);
    const hosts = [vectorTarget(row).registry];
    await nameHelper(io, { path: VECTOR_CONFIG, suffix: "regauth", hosts, all: true });
    // An earlier helper that is not there stops nobody any more.
    const gone = ["helper-missing", "helper-name"].includes(row.expect.error ?? "");
    await check(io, gone ? { ...row, expect: { anonymous: true } } : row);
  });
}
