/**
 * What identity sources remember: short-lived tokens, that a cloud refused somebody, and that there
 * is nothing to be found.
 *
 * @example In this process alone
 * ```ts
 * import { processMemory } from "./memory.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const memory = processMemory(() => new Date(0));
 * await memory.put("key", "value", new Date(1000));
 * assertEquals((await memory.get("key"))?.value, "value");
 * await memory.put("old", "value", new Date(0));
 * assertEquals(await memory.get("old"), undefined);
 * ```
 *
 * @module
 */

/** A text, and when it ends. */
export interface Remembered {
  /** The text. */
  readonly value: string;
  /** When it ends. */
  readonly expiresAt: Date;
}

/** A place for texts that lose their worth soon. It never fails: what it cannot keep is forgotten. */
export interface Memory {
  /**
   * Recalls a text.
   *
   * @param key What tells it from others.
   * @returns The text, or `undefined` if there is none or it has ended.
   */
  get(key: string): Promise<Remembered | undefined>;

  /**
   * Remembers a text.
   *
   * @param key What tells it from others.
   * @param value The text.
   * @param expiresAt When it ends.
   */
  put(key: string, value: string, expiresAt: Date): Promise<void>;

  /**
   * Does something while no other process does the same; absent if no other process can be asked.
   *
   * @param name What is done.
   * @param action The work.
   * @returns What the work gave.
   */
  exclusively?<T>(name: string, action: () => Promise<T>): Promise<T>;
}

/**
 * A memory that ends with the process.
 *
 * @param now Tells the time.
 * @returns The memory.
 */
export function processMemory(now: () => Date): Memory {
  const texts = new Map<string, Remembered>();
  return {
    get: (key) => {
      const known = texts.get(key);
      return Promise.resolve(known && known.expiresAt > now() ? known : undefined);
    },
    put: (key, value, expiresAt) => Promise.resolve(void texts.set(key, { value, expiresAt })),
  };
}
