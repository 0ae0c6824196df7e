import { assertEquals, assertNotMatch, assertRejects } from "@std/assert";
import { Secret } from "../../lib/credential.ts";
import { messageOf, RegauthError } from "../../lib/errors.ts";
import { assertion, selfSigned, type UnsignedJwt } from "../../lib/identity/google/assertion.ts";
import { signJwt } from "../../lib/identity/jwt.ts";
import vectors from "../data/gcp_jwt.json" with { type: "json" };

const { private_key_pkcs8_pem: key, now_epoch: now } = vectors;

interface Input {
  readonly client_email?: string;
  readonly private_key_id?: string;
  readonly token_uri?: string;
  readonly scopes?: readonly string[];
  readonly audience?: string;
  readonly subject?: string;
  readonly iat?: number;
  readonly exp?: number;
  readonly now?: number;
  readonly backdate_seconds?: number;
  readonly lifetime_seconds?: number;
  readonly additional_claims?: Readonly<Record<string, unknown>>;
  readonly emit_empty_aud?: boolean;
}

function optionsOf(input: Input): Parameters<typeof assertion>[0] & { audience?: string } {
  const { client_email: clientEmail = "", private_key_id: keyId, token_uri, subject } = input;
  const { scopes, audience, lifetime_seconds, additional_claims: more, emit_empty_aud } = input;
  const issuedAt = input.iat ?? (input.now ?? 0) - (input.backdate_seconds ?? 0);
  const lifetime = input.exp === undefined ? lifetime_seconds : input.exp - issuedAt;
  return {
    clientEmail,
    keyId,
    issuedAt,
    ...(token_uri === undefined ? {} : { tokenUri: token_uri }),
    ...(subject === undefined ? {} : { subject }),
    ...(scopes === undefined ? {} : { scopes }),
    ...(emit_empty_aud ? { audience: "" } : audience === undefined ? {} : { audience }),
    ...(lifetime === undefined ? {} : { lifetime }),
    ...(more === undefined ? {} : { more }),
  };
}

for (const row of vectors.rows) {
  Deno.test(`signJwt() makes the vector ${row.id}`, async () => {
    const make: (options: ReturnType<typeof optionsOf>) => UnsignedJwt = row.kind === "self-signed"
      ? selfSigned
      : assertion;
    const unsigned = make(optionsOf(row.input));
    assertEquals(JSON.stringify(unsigned.header), row.header_json);
    assertEquals(JSON.stringify(unsigned.claims), row.claims_json);
    const jwt = await signJwt({ ...unsigned, key: new Secret(key) });
    assertEquals(jwt, row.jws);
    assertEquals(jwt, `${row.signing_input}.${row.signature}`);
  });
}

for (const row of vectors.key_forms) {
  Deno.test(`signJwt() and the key form ${row.id}`, async () => {
    const sign = (pem: string): Promise<string> =>
      signJwt({ ...assertion({ clientEmail: "a@b", issuedAt: now }), key: pem });
    if (row.ok) {
      assertEquals(await sign(row.pem), await sign(key));
    } else {
      const error = await assertRejects(() => sign(row.pem), RegauthError);
      assertEquals(error.code, row.error);
      assertEquals(error.hint === undefined, false);
      assertNotMatch(messageOf(error), /MII|[A-Za-z0-9+/]{30}/);
    }
  });
}

for (const row of vectors.errors) {
  Deno.test(`signJwt() refuses the vector ${row.id}`, async () => {
    const make = "token_uri" in row.input ? assertion : selfSigned;
    const error = await assertRejects(
      async () => await signJwt({ ...make(optionsOf(row.input)), key }),
      RegauthError,
    );
    assertEquals(error.code, row.error);
  });
}

Deno.test("signJwt() signs with PSS and a salt of 32 bytes", async () => {
  const claims = { iss: "app", aud: "https://login.example/token", exp: now + 600 };
  const jwt = await signJwt({ header: { alg: "PS256", typ: "JWT" }, claims, key });
  const spki = Uint8Array.from(
    atob(vectors.public_key_spki_pem.replace(/-----.*-----/g, "")),
    (character) => character.charCodeAt(0),
  );
  const algorithm = { name: "RSA-PSS", hash: "SHA-256" };
  const verifier = await crypto.subtle.importKey("spki", spki, algorithm, false, ["verify"]);
  const [header = "", payload = "", signature = ""] = jwt.split(".");
  const bytes = Uint8Array.from(
    atob(signature.replaceAll("-", "+").replaceAll("_", "/")),
    (character) => character.charCodeAt(0),
  );
  const text = new TextEncoder().encode(`${header}.${payload}`);
  const valid = await crypto.subtle.verify(
    { name: "RSA-PSS", saltLength: 32 },
    verifier,
    bytes,
    text,
  );
  assertEquals(valid, true);
});
