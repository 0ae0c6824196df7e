/**
 * Messages of HTTP/1.1 (RFC 9112): a request as bytes, and the bytes of an answer as a
 * {@linkcode Response}. For connections that `fetch` cannot make; one request on each.
 *
 * @example
 * ```ts
 * import { readResponse, requestBytes } from "./http1.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const sent = await requestBytes(new Request("https://reg.example/v2/"));
 * assertEquals(new TextDecoder().decode(sent).split("\r\n").slice(0, 2), [
 *   "GET /v2/ HTTP/1.1",
 *   "Host: reg.example",
 * ]);
 *
 * async function* answer() {
 *   yield new TextEncoder().encode("HTTP/1.1 401 Unauthorized\r\nContent-Length: 2\r\n\r\nno");
 * }
 * const response = await readResponse(answer(), "GET");
 * assertEquals([response.status, await response.text()], [401, "no"]);
 * ```
 *
 * @module
 */

/** As much as a server may send before the body. */
const HEAD_LIMIT = 64 * 1024;
/** What belongs to the connection, and is said by {@linkcode requestBytes} itself. */
const CONNECTION_HEADERS = [
  "accept-encoding",
  "connection",
  "content-length",
  "host",
  "keep-alive",
  "te",
  "transfer-encoding",
  "upgrade",
];
const FIELD = /^([!#$%&'*+.^_`|~0-9a-z-]+):[ \t]*(.*?)[ \t]*$/i;

/**
 * A request as it goes over the wire. It asks for an answer without compression, and for the end of
 * the connection after it.
 *
 * @param request The request; its body is read.
 * @returns Its bytes.
 */
export async function requestBytes(request: Request): Promise<Uint8Array> {
  const { host, pathname, search } = new URL(request.url);
  const body = new Uint8Array(await request.arrayBuffer());
  const lines = [
    `${request.method} ${pathname}${search} HTTP/1.1`,
    `Host: ${host}`,
    ...Array.from(request.headers).filter(([name]) => !CONNECTION_HEADERS.includes(name))
      .map(([name, value]) => `${name}: ${value}`),
    ...(request.body === null ? [] : [`Content-Length: ${body.length}`]),
    "Accept-Encoding: identity",
    "Connection: close",
    "\r\n",
  ];
  // A header value is a ByteString: its characters are bytes.
  const head = Uint8Array.from(lines.join("\r\n"), (character) => character.charCodeAt(0));
  const bytes = new Uint8Array(head.length + body.length);
  bytes.set(head);
  bytes.set(body, head.length);
  return bytes;
}

/**
 * Reads an answer. The body is read as it is asked for; at its end, or when it is cancelled, the
 * source is told to return.
 *
 * @param source What the server sends.
 * @param method The method of the request: an answer to `HEAD` has no body.
 * @returns The answer.
 * @throws {TypeError} If the server sends something else than HTTP, too much of it, or too little.
 */
export async function readResponse(
  source: AsyncIterable<Uint8Array>,
  method: string,
): Promise<Response> {
  const input = inputOf(source[Symbol.asyncIterator]());
  try {
    let head = await readHead(input);
    // 100 Continue and 103 Early Hints come before the answer (RFC 9110 section 15.2).
    while (head.status < 200) head = await readHead(input);
    const { status, statusText, headers } = head;
    const empty = method === "HEAD" || [204, 205, 304].includes(status);
    const body = empty ? undefined : bodyOf(input, headers);
    if (body === undefined) await input.end();
    return new Response(body === undefined ? null : streamOf(body, input.end), {
      status,
      statusText,
      headers,
    });
  } catch (error) {
    await input.end();
    throw error;
  }
}

interface Input {
  /** The next line without its end; the limit counts for all lines until `reset`. */
  line(): Promise<string>;
  /** Lets the lines that follow take the whole limit again. */
  reset(): void;
  /** Some bytes, at most `limit`; `undefined` at the end. */
  some(limit: number): Promise<Uint8Array | undefined>;
  /** Reads no more. */
  end(): Promise<void>;
}

function inputOf(iterator: AsyncIterator<Uint8Array>): Input {
  let rest: Uint8Array = new Uint8Array();
  let budget = HEAD_LIMIT;
  async function more(): Promise<boolean> {
    while (rest.length === 0) {
      const { done, value } = await iterator.next();
      if (done) return false;
      rest = value;
    }
    return true;
  }
  function take(limit: number): Uint8Array {
    const part = rest.subarray(0, limit);
    rest = rest.subarray(part.length);
    return part;
  }
  return {
    some: async (limit) => await more() ? take(limit) : undefined,
    reset: () => void (budget = HEAD_LIMIT),
    end: async () => void await iterator.return?.(),
    line: async () => {
      let text = "";
      for (;;) {
        if (!await more()) throw broken("the connection ended too early");
        const part = take(rest.indexOf(0x0a) + 1 || Infinity);
        budget -= part.length;
        if (budget < 0) throw broken("its headers are too long");
        text += Array.from(part, (byte) => String.fromCharCode(byte)).join("");
        if (text.endsWith("\n")) return text.replace(/\r?\n$/, "");
      }
    },
  };
}

interface Head {
  readonly status: number;
  readonly statusText: string;
  readonly headers: Headers;
}

async function readHead(input: Input): Promise<Head> {
  const [, status, statusText = ""] = /^HTTP\/1\.[01] ([1-5]\d\d)(?: (.*))?$/.exec(
    await input.line(),
  ) ?? [];
  if (status === undefined) throw broken("it is not HTTP/1.1");
  const headers = new Headers();
  for (let line; (line = await input.line()) !== "";) {
    const [, name, value = ""] = FIELD.exec(line) ?? [];
    if (name === undefined || value.includes("\0")) throw broken("a header of it is invalid");
    headers.append(name, value);
  }
  // A Response takes no other characters here; nobody reads it.
  return { status: Number(status), statusText: statusText.replace(/[^\t -~]/g, ""), headers };
}

/** RFC 9112 section 6.3; what could be read in two ways is refused. */
function bodyOf(input: Input, headers: Headers): AsyncGenerator<Uint8Array> | undefined {
  const coding = headers.get("transfer-encoding")?.toLowerCase();
  const length = headers.get("content-length");
  if ((headers.get("content-encoding") ?? "identity") !== "identity") {
    throw broken("it is compressed, which was not asked for");
  }
  if (coding !== undefined) {
    if (coding !== "chunked" || length !== null) throw broken("its length is ambiguous");
    return chunks(input);
  }
  if (length === null) return untilEnd(input);
  if (!/^\d{1,15}$/.test(length)) throw broken("its length is invalid");
  return length === "0" ? undefined : exactly(input, Number(length));
}

async function* untilEnd(input: Input): AsyncGenerator<Uint8Array> {
  for (let part; (part = await input.some(Infinity)) !== undefined;) yield part;
}

async function* exactly(input: Input, length: number): AsyncGenerator<Uint8Array> {
  for (let left = length; left > 0;) {
    const part = await input.some(left);
    if (part === undefined) throw broken("the connection ended too early");
    left -= part.length;
    yield part;
  }
}

async function* chunks(input: Input): AsyncGenerator<Uint8Array> {
  for (;;) {
    input.reset();
    const size = /^([0-9a-f]{1,8})[ \t]*(?:;.*)?$/i.exec(await input.line())?.[1];
    if (size === undefined) throw broken("a part of it has no length");
    if (Number(`0x${size}`) === 0) break;
    yield* exactly(input, Number(`0x${size}`));
    if (await input.line() !== "") throw broken("a part of it is longer than it says");
  }
  while (await input.line() !== "");
}

function streamOf(
  body: AsyncGenerator<Uint8Array>,
  end: () => Promise<void>,
): ReadableStream<Uint8Array> {
  return new ReadableStream({
    async pull(controller): Promise<void> {
      try {
        const { done, value } = await body.next();
        if (!done) return controller.enqueue(value);
        controller.close();
      } catch (error) {
        controller.error(error);
      }
      await end();
    },
    cancel: end,
  });
}

function broken(why: string): TypeError {
  return new TypeError(`Cannot read the answer of the server: ${why}`);
}
