/**
 * What a server says in an error answer: the shapes of registries and token servers, read leniently,
 * made safe to be printed.
 *
 * @example The error format of the OCI distribution specification
 * ```ts
 * import { serverMessage } from "./server_message.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(serverMessage('{"errors":[{"code":"DENIED","message":"no\\u001b[2J"}]}'), {
 *   code: "DENIED",
 *   text: "no\ufffd[2J",
 * });
 * ```
 *
 * @module
 */

import { isJsonObject, type JsonObject } from "./json_object.ts";

/** What a server said. */
export interface ServerMessage {
  /** Error code, such as `NAME_UNKNOWN`. */
  readonly code?: string;
  /** A sentence for people; no control characters, 500 characters at most. */
  readonly text?: string;
}

const MAX_LENGTH = 500;

/** Fields for people: Docker Hub, OAuth2 (RFC 6749 section 5.2), various. */
const TEXT_FIELDS: readonly string[] = ["message", "error_description", "details", "detail"];

/**
 * Reads the body of an error answer: JSON of several shapes, or plain text. A web page says
 * nothing.
 *
 * @param body The body.
 * @returns Code and text, as far as there are any.
 */
export function serverMessage(body: string): ServerMessage {
  const value = parse(body);
  if (value === undefined) return /^\s*(?:<|$)/.test(body) ? {} : { text: plain(body) };
  const { errors } = value;
  const entry = Array.isArray(errors) && isJsonObject(errors[0]) ? errors[0] : value;
  const code = [entry.code, entry.error].find(isText);
  const text = TEXT_FIELDS.map((field) => entry[field]).find(isText);
  return {
    ...(code === undefined ? {} : { code: plain(code) }),
    ...(text === undefined ? {} : { text: plain(text) }),
  };
}

/**
 * Text from a server as it may be printed: control characters and those that change the direction of
 * text would garble a terminal.
 *
 * @param text Any text.
 * @returns At most 500 characters of it.
 */
export function plain(text: string): string {
  return text.trim().slice(0, MAX_LENGTH).replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, "\ufffd");
}

function parse(body: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(body);
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined; // Plain text.
  }
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}
