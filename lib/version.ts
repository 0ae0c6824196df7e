/**
 * The version of this program and library.
 *
 * @module
 */

/** Version, as in `deno.json`. */
export const VERSION: string = "0.1.0";
