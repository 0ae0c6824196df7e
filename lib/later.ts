/**
 * Imports that Deno does not look at before they are made. It reads and parses all that a literal
 * `import()` leads to, even if it is never reached; a call of the helper protocol would wait for
 * every cloud.
 *
 * The type names the module once more, and whoever compiles the program finds it there.
 *
 * @example
 * ```ts
 * import { later } from "./later.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const { VERSION } = await later<typeof import("./version.ts")>("./version.ts", import.meta.url);
 * assertEquals(typeof VERSION, "string");
 * ```
 *
 * @module
 */

/**
 * Imports a module when it is needed.
 *
 * @param specifier Where it is, from the module that asks; the same as in the type.
 * @param from URL of the module that asks.
 * @returns The module.
 */
export async function later<Module>(specifier: string, from: string): Promise<Module> {
  // Built for another runtime, the modules have the ending of the one that asks.
  const ending = from.slice(from.lastIndexOf("."));
  return await import(new URL(specifier.replace(/\.ts$/, ending), from).href);
}
