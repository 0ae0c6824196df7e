/**
 * Reads `WWW-Authenticate` headers (RFC 9110 section 11.6.1) with the tolerances that real
 * registries need, and none that would let two readers see different realms.
 *
 * @example Two header lines, as `fetch` joins them
 * ```ts
 * import { parseChallenges } from "./challenge.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const header = 'Bearer realm="https://git.example/v2/token", Basic';
 * const [bearer, basic] = parseChallenges(header);
 * assertEquals(bearer?.scheme, "bearer");
 * assertEquals(bearer?.params.realm, "https://git.example/v2/token");
 * assertEquals(basic?.scheme, "basic");
 * ```
 *
 * @module
 */

import { type ChallengeErrorCode, RegauthError } from "./errors.ts";

/** One way to log in that a server offers. */
export interface Challenge {
  /** Authentication scheme in lower case, such as `bearer`. */
  readonly scheme: string;
  /** Parameters; names in lower case, values as sent. The object has no prototype. */
  readonly params: Readonly<Record<string, string>>;
  /** The single value of schemes such as Negotiate, instead of parameters. */
  readonly token68?: string;
}

const MAX_LENGTH = 16_384;
const MAX_CHALLENGES = 32;
const MAX_PARAMS = 64;

/** Schemes that have parameters only, so that `Bearer abc` is an error. */
const PARAM_SCHEMES: readonly string[] = ["basic", "bearer", "digest"];

// deno-lint-ignore no-control-regex
const CONTROL = /[\x00-\x08\x0a-\x1f\x7f]/;
const BLANKS = /[ \t]*/y;
const SEPARATORS = /[ \t,]*/y;
const TOKEN = /[A-Za-z0-9!#$%&'*+\-.^_`|~]+/y;
const TOKEN68 = /([A-Za-z0-9\-._~+/]+=*)[ \t]*(?=,|$)/y;
const EQUALS = /[ \t]*=[ \t]*/y;
const QUOTED = /"((?:[^"\\]|\\.)*)"/ys;
/** More than a token, so that an unquoted URL is whole. */
const BARE = /[\x21\x23-\x2b\x2d-\x7e]+/y;

const REASONS: Readonly<Record<ChallengeErrorCode, string>> = {
  "too-long": "it is too long",
  "too-many": "it has too many parts",
  "control-char": "it holds a control character",
  "bad-char": "it holds a character outside ASCII",
  "bad-token": "a name is expected",
  "missing-scheme": "a parameter stands before any scheme",
  "missing-equals": 'a word has no "="',
  "missing-value": "a parameter has no value",
  "unterminated-quote": "a quote is not closed",
  "junk-after-value": "a comma is expected after a value",
  "duplicate-param": "a parameter has two values",
  "params-after-token68": "a parameter stands after a token68",
};

interface OpenChallenge {
  readonly scheme: string;
  readonly params: Record<string, string>;
  token68?: string;
}

/**
 * Reads the challenges of a `WWW-Authenticate` header. Header lines may be joined by commas, as
 * `Headers.get()` does.
 *
 * Accepted beyond the RFC: unquoted values with any visible character but a quote or comma,
 * parameters that are separated by blanks only, and a comma straight after the scheme. Several
 * `scope` parameters are united; any other parameter that comes twice with different values is an
 * error, because a check and a request could then see different ones.
 *
 * @param header The header's value.
 * @returns The challenges in the order of the header; none if it is empty.
 * @throws {RegauthError} One of {@linkcode ChallengeErrorCode}; nothing of the header is then used.
 */
export function parseChallenges(header: string): Challenge[] {
  if (header.length > MAX_LENGTH) throw unreadable("too-long", MAX_LENGTH);
  const control = header.search(CONTROL);
  if (control >= 0) throw unreadable("control-char", control);

  const challenges: OpenChallenge[] = [];
  let at = 0;

  /** Moves past a match at the current place. */
  function take(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = at;
    const match = pattern.exec(header);
    if (match) at = pattern.lastIndex;
    return match ?? undefined;
  }

  function fail(code: ChallengeErrorCode): never {
    const unexpected = code === "bad-token" || code === "junk-after-value";
    throw unreadable(unexpected && header.charCodeAt(at) > 0x7e ? "bad-char" : code, at);
  }

  function atBreak(): boolean {
    return at === header.length || header[at] === ",";
  }

  function name(): string {
    return (take(TOKEN)?.[0] ?? fail("bad-token")).toLowerCase();
  }

  function value(): string {
    if (header[at] === '"') {
      const quoted = take(QUOTED) ?? fail("unterminated-quote");
      return quoted[1]?.replace(/\\(.)/gs, "$1") ?? "";
    }
    if (atBreak()) fail("missing-value");
    return take(BARE)?.[0] ?? fail("bad-char");
  }

  /** The rest of an element, from behind the `=` of its first parameter. */
  function params({ params }: OpenChallenge, first: string): void {
    for (let key = first;;) {
      const start = at;
      add(params, key, value(), start);
      const blanks = take(BLANKS)?.[0];
      if (atBreak()) return;
      const next = blanks ? take(TOKEN)?.[0] : undefined;
      if (next === undefined || !take(EQUALS)) fail("junk-after-value");
      key = next.toLowerCase();
    }
  }

  for (take(SEPARATORS); at < header.length; take(SEPARATORS)) {
    const word = name();
    if (take(EQUALS)) {
      const open = challenges.at(-1) ?? fail("missing-scheme");
      if (open.token68 !== undefined) fail("params-after-token68");
      params(open, word);
      continue;
    }
    if (challenges.length === MAX_CHALLENGES) fail("too-many");
    const open: OpenChallenge = { scheme: word, params: Object.create(null) };
    challenges.push(open);
    const blanks = take(BLANKS)?.[0];
    if (atBreak()) continue;
    if (!blanks) fail("bad-token");
    const token68 = PARAM_SCHEMES.includes(word) ? undefined : take(TOKEN68)?.[1];
    if (token68 !== undefined) {
      open.token68 = token68;
      continue;
    }
    const first = name();
    if (!take(EQUALS)) fail(/[ \t,]|^$/.test(header.charAt(at)) ? "missing-equals" : "bad-token");
    params(open, first);
  }
  return challenges;
}

function add(params: Record<string, string>, key: string, value: string, at: number): void {
  const known = params[key];
  if (known === undefined) {
    if (Object.keys(params).length === MAX_PARAMS) throw unreadable("too-many", at);
    params[key] = value;
  } else if (known !== value) {
    if (key !== "scope") throw unreadable("duplicate-param", at);
    const scopes = new Set(`${known} ${value}`.split(" ").filter((scope) => scope !== ""));
    params[key] = [...scopes].join(" ");
  }
}

function unreadable(code: ChallengeErrorCode, at: number): RegauthError {
  const message = `Cannot read the WWW-Authenticate header: ${REASONS[code]} (character ${at + 1})`;
  return new RegauthError(code, message, {
    hint: "Report it to the operator of the registry",
  });
}
