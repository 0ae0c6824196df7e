/**
 * Reads DER, the binary form of certificates (ITU-T X.690), as far as certificates need it.
 *
 * @example The parts of a sequence
 * ```ts
 * import { derChildren, readDer } from "./der.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const sequence = readDer(Uint8Array.of(0x30, 0x04, 0x02, 0x02, 0x01, 0x00));
 * assertEquals(derChildren(sequence).map(({ tag, content }) => [tag, [...content]]), [[2, [1, 0]]]);
 * ```
 *
 * @module
 */

/** One value: what it is, what is in it, and all of its bytes. */
export interface DerValue {
  /** The identifier byte, such as 0x30 for a sequence. */
  readonly tag: number;
  /** The bytes of the value alone. */
  readonly content: Uint8Array;
  /** The bytes with tag and length. */
  readonly bytes: Uint8Array;
}

/**
 * Reads exactly one value.
 *
 * @param bytes The value, and nothing behind it.
 * @returns The value.
 * @throws {SyntaxError} If it is cut off, or if bytes follow.
 */
export function readDer(bytes: Uint8Array): DerValue {
  const value = readFirst(bytes);
  if (value.bytes.length !== bytes.length) throw new SyntaxError("there are bytes behind its end");
  return value;
}

/**
 * Reads the values in a sequence, set or other value made of values.
 *
 * @param value The outer value.
 * @returns The inner ones, in their order.
 * @throws {SyntaxError} If one of them is cut off.
 */
export function derChildren(value: DerValue): readonly DerValue[] {
  const children: DerValue[] = [];
  for (let rest = value.content; rest.length > 0;) {
    const child = readFirst(rest);
    children.push(child);
    rest = rest.subarray(child.bytes.length);
  }
  return children;
}

/**
 * Reads an object identifier.
 *
 * @param value A value of tag 6.
 * @returns Its numbers, such as `2.5.4.3`.
 */
export function derOid(value: DerValue): string {
  const numbers: number[] = [];
  let number = 0;
  for (const byte of value.content) {
    number = number * 128 + (byte & 0x7f);
    if (byte < 0x80) {
      numbers.push(number);
      number = 0;
    }
  }
  // The first two numbers share one: 40 * first + second, and first is at most 2.
  const [both = 0, ...others] = numbers;
  const first = Math.min(Math.floor(both / 40), 2);
  return [first, both - 40 * first, ...others].join(".");
}

function readFirst(bytes: Uint8Array): DerValue {
  const [tag, short] = bytes;
  if (tag === undefined || short === undefined) throw new SyntaxError("it is cut off");
  let [start, length] = [2, short];
  if (short >= 0x80) {
    start += short & 0x7f;
    // A length without end (0x80) is not DER; four bytes of length are 4 GiB.
    if (start === 2 || start > 6) throw new SyntaxError("a length in it is invalid");
    length = bytes.subarray(2, start).reduce((sum, byte) => sum * 256 + byte, 0);
  }
  const end = start + length;
  if (end > bytes.length) throw new SyntaxError("it is cut off");
  return { tag, content: bytes.subarray(start, end), bytes: bytes.subarray(0, end) };
}
