/**
 * Looks into parsed JSON as Docker's tools do: Go matches field names in any case.
 *
 * @example A field in the case of an old Docker Desktop
 * ```ts
 * import { fieldOf } from "./json_object.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(fieldOf({ credSstore: "desktop" }, "credsStore"), "desktop");
 * ```
 *
 * @module
 */

/** A JSON object. Its own keys may be any text, `__proto__` among them. */
export type JsonObject = Readonly<Record<string, unknown>>;

/**
 * Whether a parsed value is an object, and neither a list nor `null`.
 *
 * @param value Any parsed value.
 * @returns Whether it is an object.
 */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * Reads a text that should be a JSON object.
 *
 * @param text The text.
 * @returns The object, or `undefined` if it is anything else.
 */
export function parseObject(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/**
 * The value of a field whose name is matched without case; of several the last one.
 *
 * @param object The object.
 * @param name Name of the field.
 * @returns Its value, or `undefined` if there is none.
 */
export function fieldOf(object: JsonObject, name: string): unknown {
  const wanted = name.toLowerCase();
  const key = Object.keys(object).findLast((key) => key.toLowerCase() === wanted);
  return key === undefined ? undefined : object[key];
}

/**
 * What kind of value it is, for an error message.
 *
 * @param value Any parsed value.
 * @returns Such as `a list`.
 */
export function kindOfJson(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "a list";
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}
