/**
 * The names of `@std/assert` that the tests use, over `node:assert/strict`, for networks that do
 * not reach JSR.
 *
 * @module
 */

import assertModule from "node:assert/strict";

export const AssertionError = assertModule.AssertionError;

export function assert(value: unknown, message?: string): asserts value {
  assertModule.ok(value, message);
}

export function assertEquals<T>(actual: T, expected: T, message?: string): void {
  assertModule.deepEqual(actual, expected, message);
}

export function assertNotEquals<T>(actual: T, expected: T, message?: string): void {
  assertModule.notDeepEqual(actual, expected, message);
}

export function assertStrictEquals<T>(actual: unknown, expected: T, message?: string): void {
  assertModule.equal(actual, expected, message);
}

export function assertExists<T>(actual: T, message?: string): asserts actual is NonNullable<T> {
  assertModule.ok(actual !== undefined && actual !== null, message ?? "Expected a value");
}

export function assertMatch(actual: string, expected: RegExp, message?: string): void {
  assertModule.match(actual, expected, message);
}

export function assertNotMatch(actual: string, expected: RegExp, message?: string): void {
  assertModule.doesNotMatch(actual, expected, message);
}

export function assertStringIncludes(actual: string, expected: string, message?: string): void {
  assertModule.ok(
    actual.includes(expected),
    message ?? `Expected ${JSON.stringify(actual)} to include ${JSON.stringify(expected)}`,
  );
}

// deno-lint-ignore no-explicit-any
type Class<T> = abstract new (...args: any[]) => T;

export function assertInstanceOf<T>(
  actual: unknown,
  expected: Class<T>,
  message?: string,
): asserts actual is T {
  assertModule.ok(
    actual instanceof expected,
    message ?? `Expected an instance of ${expected.name}`,
  );
}

function check<E extends Error>(error: unknown, expected?: Class<E>, includes?: string): E {
  assertInstanceOf(error, expected ?? Error as unknown as Class<E>, `Unexpected error: ${error}`);
  if (includes !== undefined) assertStringIncludes(error.message, includes);
  return error;
}

export function assertThrows<E extends Error = Error>(
  fn: () => unknown,
  expected?: Class<E>,
  includes?: string,
): E {
  try {
    fn();
  } catch (error) {
    return check(error, expected, includes);
  }
  assertModule.fail("Expected the function to throw");
}

export async function assertRejects<E extends Error = Error>(
  fn: () => PromiseLike<unknown>,
  expected?: Class<E>,
  includes?: string,
): Promise<E> {
  try {
    await fn();
  } catch (error) {
    return check(error, expected, includes);
  }
  assertModule.fail("Expected the promise to be rejected");
}
