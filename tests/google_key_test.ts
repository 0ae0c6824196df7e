import { assert, assertEquals } from "@std/assert";
import { checkKeyFile, keyCredential } from "../lib/google_key.ts";

const PEM = "-----BEGIN PRIVATE KEY-----\nMIIEvAIBADANFAKE\n-----END PRIVATE KEY-----\n";

const KEY = {
  type: "service_account",
  client_email: "reader@acme.iam.gserviceaccount.com",
  private_key: PEM,
};

function file(part: Record<string, unknown> = {}): string {
  return JSON.stringify({ ...KEY, ...part }, undefined, 2);
}

const JUDGED: readonly (readonly [
  name: string,
  text: string,
  gravity?: "error" | "warning",
  part?: string,
])[] = [
  ["a key", file()],
  ["a key on one line", JSON.stringify(KEY)],
  ["a key behind a byte order mark", `\uFEFF${file()}`],
  ["a key in base64", btoa(file())],
  ["a key in base64 of many lines", btoa(file()).replace(/.{76}/g, "$&\n")],
  ["a key with Windows line ends", file({ private_key: PEM.replaceAll("\n", "\r\n") })],
  ["an RSA key", file({ private_key: PEM.replaceAll("PRIVATE", "RSA PRIVATE") })],
  ["nothing", " \n", "error", "empty"],
  ["text", "hunter2", "error", "no JSON object"],
  ["half a file", file().slice(0, 80), "error", "no JSON object"],
  ["a list", "[]", "error", "no JSON object"],
  ["base64 of the private key only", btoa(PEM), "error", "no JSON object"],
  ["a large file", `${" ".repeat(1024 * 1024)}${file()}`, "error", "too large"],
  ["a person's login", file({ type: "authorized_user" }), "error", "login of a person"],
  ["federation", file({ type: "external_account" }), "error", "federated"],
  ["an unknown type", file({ type: "constructor" }), "error", "service_account"],
  ["no type", "{}", "error", "service_account"],
  ["no e-mail", file({ client_email: undefined }), "error", "no client_email"],
  ["no key", file({ private_key: "" }), "error", "no private_key"],
  ["lost line ends", file({ private_key: PEM.replaceAll("\n", " ") }), "warning", "line ends"],
  ["written line ends", file({ private_key: PEM.replaceAll("\n", "\\n") }), "warning", "line ends"],
  ["another e-mail", file({ client_email: "jane@example.com" }), "warning", "client_email"],
];

for (const [name, text, gravity, part = ""] of JUDGED) {
  Deno.test(`checkKeyFile() judges ${name}: ${gravity ?? "fine"}`, () => {
    const verdict = checkKeyFile(text);
    assertEquals(Object.keys(verdict), gravity === undefined ? [] : [gravity]);
    const said = verdict.error ?? verdict.warning ?? "";
    assert(said.includes(part), `"${said}" does not hold "${part}"`);
    assert(!said.includes("FAKE"));
  });
}

Deno.test("keyCredential() keeps the file byte for byte", () => {
  const text = file({ note: "grün" });
  for (const given of [text, `\uFEFF${text}`]) {
    const { username, password } = keyCredential(given, "json");
    assertEquals([username, password?.reveal()], ["_json_key", text]);
  }
});

Deno.test("keyCredential() makes one line of padded base64", () => {
  const bytes = new TextEncoder().encode(file({ note: "grün" }));
  const packed = btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
  for (const given of [file({ note: "grün" }), packed, packed.replace(/.{76}/g, "$&\r\n")]) {
    const { username, password } = keyCredential(given, "base64");
    assertEquals([username, password?.reveal()], ["_json_key_base64", packed]);
  }
});

Deno.test("keyCredential() unpacks base64 where JSON is wanted", () => {
  assertEquals(keyCredential(btoa(file()), "json").password?.reveal(), file());
});
