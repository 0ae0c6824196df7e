import { assertEquals } from "@std/assert";
import { type ServerMessage, serverMessage } from "../lib/server_message.ts";

const ROWS: readonly [name: string, body: string, message: ServerMessage][] = [
  [
    "the distribution format",
    '{"errors":[{"code":"UNAUTHORIZED","message":"authentication required","detail":null}]}',
    { code: "UNAUTHORIZED", text: "authentication required" },
  ],
  ["a code with blanks (Quay)", '{"errors":[{"code":"METHOD NOT ALLOWED"}]}', {
    code: "METHOD NOT ALLOWED",
  }],
  ["Artifactory", '{"errors":[{"status":401,"message":"Bad credentials"}]}', {
    text: "Bad credentials",
  }],
  ["Docker Hub", '{"details":"incorrect username or password"}', {
    text: "incorrect username or password",
  }],
  ["the Docker Hub API", '{"detail":"no"}', { text: "no" }],
  ["a bare message", '{"message":"no"}', { text: "no" }],
  ["OAuth2", '{"error":"invalid_grant","error_description":"expired"}', {
    code: "invalid_grant",
    text: "expired",
  }],
  ["plain text", "Not Authorized\n", { text: "Not Authorized" }],
  ["a web page", "\n<!doctype html><title>x</title>", {}],
  ["nothing", "", {}],
  ["JSON that is no object", "[1]", { text: "[1]" }],
  ["errors that are no objects", '{"errors":["x"]}', {}],
  ["bidi controls", '{"message":"a\\u202eb\\u0007"}', { text: "a\ufffdb\ufffd" }],
  ["a long text", "x".repeat(600), { text: "x".repeat(500) }],
];

for (const [name, body, message] of ROWS) {
  Deno.test(`serverMessage() reads ${name}`, () => assertEquals(serverMessage(body), message));
}
