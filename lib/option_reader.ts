/**
 * Reads the options of an entry of regauth's own file, whose kinds were checked when it was read.
 *
 * @example
 * ```ts
 * import { optionReader } from "./option_reader.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const { text, flag, list } = optionReader({ source: "adc", selfSigned: true, scopes: "a, b" });
 * assertEquals([text("source"), flag("selfSigned"), list("scopes")], ["adc", true, ["a", "b"]]);
 * assertEquals(text("audience"), undefined);
 * ```
 *
 * @module
 */

import type { RegistryOptions } from "./config_schema.ts";

/** Reads options by name. */
export interface OptionReader {
  /**
   * Reads a text.
   *
   * @param name Name of the option.
   * @returns Its text, or `undefined` if it is not there.
   */
  text(name: string): string | undefined;

  /**
   * Reads a yes or no.
   *
   * @param name Name of the option.
   * @returns Whether it is `true`.
   */
  flag(name: string): boolean;

  /**
   * Reads a list in one text.
   *
   * @param name Name of the option.
   * @returns The words of its text, or `undefined` if it is not there.
   */
  list(name: string): readonly string[] | undefined;
}

/**
 * Reads the options of one entry.
 *
 * @param entry The entry.
 * @returns The reader.
 */
export function optionReader(entry: RegistryOptions): OptionReader {
  const text = (name: string): string | undefined => {
    const value = Object.hasOwn(entry, name) ? entry[name] : undefined;
    return typeof value === "string" ? value : undefined;
  };
  return {
    text,
    flag: (name) => entry[name] === true,
    list: (name) => text(name)?.split(/[\s,]+/).filter((word) => word !== ""),
  };
}
