import { assertEquals, assertRejects } from "@std/assert";
import { readResponse, requestBytes } from "../lib/http1.ts";

const encoder = new TextEncoder();

/** Sends a text in parts of some size, and remembers whether it was told to stop. */
function sourceOf(
  text: string,
  size = text.length,
): AsyncIterable<Uint8Array> & { ended: boolean } {
  const bytes = encoder.encode(text);
  const source = {
    ended: false,
    async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
      try {
        for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
      } finally {
        source.ended = true;
      }
    },
  };
  return source;
}

Deno.test("requestBytes() writes what was asked, and nothing about the connection", async () => {
  const bytes = await requestBytes(
    new Request("https://reg.example:5000/v2/?a=%20b#c", {
      method: "POST",
      headers: {
        Authorization: "Basic x",
        Connection: "keep-alive",
        "Accept-Encoding": "gzip",
        "Content-Length": "999",
        "X-Latin": "\xe9",
      },
      body: "grant=ü",
    }),
  );
  assertEquals(
    new TextDecoder("latin1").decode(bytes),
    [
      "POST /v2/?a=%20b HTTP/1.1",
      "Host: reg.example:5000",
      "authorization: Basic x",
      "content-type: text/plain;charset=UTF-8",
      "x-latin: \xe9",
      "Content-Length: 8",
      "Accept-Encoding: identity",
      "Connection: close",
      "",
      "grant=\xc3\xbc",
    ].join("\r\n"),
  );
});

interface Answer {
  readonly name: string;
  readonly text: string;
  readonly method?: string;
  readonly status?: number;
  readonly body: string;
}

const answers: readonly Answer[] = [
  {
    name: "a body of known length",
    text: "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabcdef",
    body: "abc",
  },
  { name: "no body", text: "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\nabc", body: "" },
  { name: "a body up to the end", text: "HTTP/1.0 200 OK\r\n\r\nabc", body: "abc" },
  {
    name: "a body in chunks",
    text: "HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n" +
      "2\r\nab\r\nA;x=y\r\n0123456789\r\n00\r\nTrailer: t\r\n\r\nrest",
    body: "ab0123456789",
  },
  {
    name: "early hints",
    text: "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Hints\r\nA: b\r\n\r\nHTTP/1.1 404 No\r\n\r\nx",
    status: 404,
    body: "x",
  },
  {
    name: "an answer to HEAD",
    method: "HEAD",
    text: "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n",
    body: "",
  },
  {
    name: "204",
    text: "HTTP/1.1 204 No Content\r\nContent-Length: 3\r\n\r\n",
    status: 204,
    body: "",
  },
  { name: "304", text: "HTTP/1.1 304 Not Modified\r\n\r\n", status: 304, body: "" },
  { name: "lines without CR", text: "HTTP/1.1 200 OK\nContent-Length: 1\n\nab", body: "a" },
  { name: "no reason", text: "HTTP/1.1 200\r\n\r\nab", body: "ab" },
  { name: "an odd reason", text: "HTTP/1.1 200 Ü\x01\r\n\r\nab", body: "ab" },
  {
    name: "a coding that changes nothing",
    text: "HTTP/1.1 200 OK\r\nContent-Encoding: identity\r\n\r\nab",
    body: "ab",
  },
];
for (const { name, text, method = "GET", status = 200, body } of answers) {
  Deno.test(`readResponse() reads ${name}`, async () => {
    for (const size of [1, 2, 7, text.length]) {
      const source = sourceOf(text, size);
      const response = await readResponse(source, method);
      assertEquals([response.status, await response.text()], [status, body]);
      assertEquals(source.ended, true);
    }
  });
}

const faults: readonly [name: string, text: string][] = [
  ["nothing", ""],
  ["something else", "SSH-2.0-OpenSSH\r\n"],
  ["another version", "HTTP/2 200 OK\r\n\r\n"],
  ["a status that is none", "HTTP/1.1 999 X\r\n\r\n"],
  ["a cut head", "HTTP/1.1 200 OK\r\nA: b\r\n"],
  ["a header without name", "HTTP/1.1 200 OK\r\n: b\r\n\r\n"],
  ["a blank before the colon", "HTTP/1.1 200 OK\r\nContent-Length : 1\r\n\r\na"],
  ["a folded header", "HTTP/1.1 200 OK\r\nA: b\r\n c\r\n\r\n"],
  ["endless headers", `HTTP/1.1 200 OK\r\n${"A: b\r\n".repeat(20_000)}\r\n`],
  ["an endless line", `HTTP/1.1 200 ${"x".repeat(70_000)}`],
  ["endless hints", "HTTP/1.1 103 Hints\r\n\r\n".repeat(5_000)],
  ["two lengths", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab"],
  ["a negative length", "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\nab"],
  [
    "length and chunks",
    "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
  ],
  ["an unknown coding", "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"],
  ["a compressed body", "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\nab"],
];
for (const [name, text] of faults) {
  Deno.test(`readResponse() refuses ${name}`, async () => {
    const source = sourceOf(text, 1000);
    await assertRejects(() => readResponse(source, "GET"), TypeError, "Cannot read the answer");
    assertEquals(source.ended, true);
  });
}

const cut: readonly [name: string, body: string][] = [
  ["a short body", "Content-Length: 3\r\n\r\nab"],
  ["a short chunk", "Transfer-Encoding: chunked\r\n\r\n3\r\nab"],
  ["no last chunk", "Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n"],
  ["a chunk without length", "Transfer-Encoding: chunked\r\n\r\nx\r\n"],
  ["a chunk with a long length", "Transfer-Encoding: chunked\r\n\r\n100000000\r\n"],
  ["a chunk that is longer than it says", "Transfer-Encoding: chunked\r\n\r\n1\r\nab\r\n0\r\n\r\n"],
];
for (const [name, body] of cut) {
  Deno.test(`readResponse() fails while reading ${name}`, async () => {
    const source = sourceOf(`HTTP/1.1 200 OK\r\n${body}`);
    const response = await readResponse(source, "GET");
    await assertRejects(() => response.text(), TypeError, "Cannot read the answer");
    assertEquals(source.ended, true);
  });
}

Deno.test("readResponse() stops reading when the body is cancelled", async () => {
  const source = sourceOf(`HTTP/1.1 200 OK\r\n\r\n${"x".repeat(10_000)}`, 100);
  const response = await readResponse(source, "GET");
  await response.body?.cancel();
  assertEquals(source.ended, true);
});
