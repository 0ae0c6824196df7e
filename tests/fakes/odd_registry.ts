/**
 * A server on loopback that misbehaves like registries and token servers do, or worse, and records
 * what it was sent. One behaviour each, chosen by name.
 *
 * @module
 */

/** A request as it came. */
export interface OddRequest {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  readonly authorization?: string;
  readonly body: string;
}

/** The running server; disposing of it ends all connections. */
export interface OddRegistry extends AsyncDisposable {
  readonly host: string;
  readonly origin: string;
  readonly requests: readonly OddRequest[];
}

/** The names of {@linkcode BEHAVIOURS}. */
export type Behaviour = keyof typeof BEHAVIOURS;

/** One connection, which carries one request. */
interface Exchange {
  readonly request: OddRequest;
  /** How many requests came before. */
  readonly earlier: number;
  /** Origin of this server. */
  readonly origin: string;
  /** Origin of another server. */
  readonly elsewhere: string;
  /** Sends an answer with a body. */
  answer(status: number, headers?: Record<string, string>, body?: string): Promise<void>;
  /** Sends bytes as they are. */
  send(text: string): Promise<void>;
  /** Until the connection or the server ends. */
  readonly ended: Promise<unknown>;
}

type Handler = (exchange: Exchange) => Promise<unknown>;

const TOKEN = JSON.stringify({ token: "TOKEN-OF-ODD", expires_in: 300 });
const CHUNK = "x".repeat(64 * 1024);

/** Asks for a bearer token, and lets whoever has one in. */
function bearer(token: Handler): Handler {
  return async (exchange) => {
    const { request, answer, origin } = exchange;
    if (request.path.startsWith("/token")) return await token(exchange);
    if (request.authorization === "Bearer TOKEN-OF-ODD") return await answer(200);
    await answer(401, { "www-authenticate": `Bearer realm="${origin}/token",service="odd"` });
  };
}

/** Answers 401 to a request without authorization. */
function challenge(text: string | ((exchange: Exchange) => string)): Handler {
  return async (exchange) => {
    const header = typeof text === "string" ? text : text(exchange);
    await exchange.answer(401, { "www-authenticate": header });
  };
}

function httpDate(milliseconds: number): string {
  return new Date(Date.now() + milliseconds).toUTCString();
}

async function forever(exchange: Exchange, send: () => Promise<void>): Promise<void> {
  let over = false;
  exchange.ended.then(() => over = true);
  while (!over) await send();
}

const pause = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => void setTimeout(resolve, milliseconds));

const BEHAVIOURS = {
  "open": ({ answer }) => answer(200),
  "not-found": ({ answer }) => answer(404),
  "https-wanted": ({ answer }) =>
    answer(400, {}, "Client sent an HTTP request to an HTTPS server.\n"),
  "hang-at-ping": ({ ended }) => ended,
  "hang-in-head": async ({ send, ended }) => {
    await send("HTTP/1.1 200 OK\r\nContent-Ty");
    await ended;
  },
  "hang-in-body": async ({ send, ended }) => {
    await send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{");
    await ended;
  },
  "slow-loris": async (exchange) => {
    await exchange.send("HTTP/1.1 200 OK\r\n");
    await forever(exchange, async () => {
      await exchange.send("X-A: b\r\n");
      await pause(5);
    });
  },
  "hang-at-token": bearer(({ ended }) => ended),
  "hang-after-token": ({ request, answer, ended, origin }) =>
    request.path.startsWith("/token")
      ? answer(200, {}, TOKEN)
      : request.authorization
      ? ended
      : answer(401, { "www-authenticate": `Bearer realm="${origin}/token"` }),
  "close-at-once": () => Promise.resolve(),
  "close-once": ({ earlier, answer }) => earlier === 0 ? Promise.resolve() : answer(200),
  "garbage": ({ send }) => send("SSH-2.0-OpenSSH_9.6\r\n"),
  "cut-body": ({ send }) => send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc"),
  "huge-header": async (exchange) => {
    await exchange.send("HTTP/1.1 200 OK\r\n");
    await forever(exchange, () => exchange.send(`X-A: ${CHUNK}\r\n`));
  },
  "huge-body": async (exchange) => {
    await exchange.send("HTTP/1.1 200 OK\r\nContent-Length: 10000000000\r\n\r\n");
    await forever(exchange, () => exchange.send(CHUNK));
  },
  "huge-token": bearer(async (exchange) => {
    await exchange.send("HTTP/1.1 200 OK\r\nContent-Length: 10000000000\r\n\r\n");
    await forever(exchange, () => exchange.send(CHUNK));
  }),
  "429-seconds": ({ earlier, answer }) => answer(earlier === 0 ? 429 : 200, { "retry-after": "2" }),
  "429-date": ({ earlier, answer }) =>
    answer(earlier === 0 ? 429 : 200, { "retry-after": httpDate(9000) }),
  "429-for-long": ({ answer }) => answer(429, { "retry-after": "31" }),
  "500-then-ok": ({ earlier, answer }) => answer(earlier < 2 ? 500 : 200),
  "always-503": ({ answer }) => answer(503),
  "proxy-login": ({ answer }) => answer(407),
  "redirect-other-origin": ({ answer, elsewhere }) => answer(302, { location: `${elsewhere}/v2/` }),
  "redirect-loop": ({ answer }) => answer(307, { location: "/v2/" }),
  "redirect-same-origin": ({ request, answer }) =>
    request.path === "/v2/" ? answer(301, { location: "/docker/v2/" }) : answer(200),
  "realm-elsewhere": challenge(({ elsewhere }) => `Bearer realm="${elsewhere}/token"`),
  "realm-link-local": challenge('Bearer realm="http://169.254.169.254/latest/meta-data"'),
  "realm-after-redirect": bearer(({ answer, elsewhere }) =>
    answer(307, { location: `${elsewhere}/token` })
  ),
  "no-challenge": ({ answer }) => answer(401),
  "unknown-challenge": challenge("Negotiate, NTLM"),
  "malformed-challenge": challenge('Bearer realm="'),
  "two-lines": ({ send }) =>
    send(
      'HTTP/1.1 401 U\r\nWWW-Authenticate: Bearer realm="/token"\r\n' +
        "WWW-Authenticate: Basic\r\nContent-Length: 0\r\n\r\n",
    ),
  "html-200": ({ answer }) => answer(200, { "content-type": "text/html" }, "<html>"),
  "token-not-json": bearer(({ answer }) => answer(200, {}, "<html>Please log in</html>")),
  "token-newline": bearer(({ answer }) => answer(200, {}, '{"token":"a\\nX-Evil: 1"}')),
  "harbor": ({ request, answer, origin }) =>
    request.path.startsWith("/service/token")
      ? answer(200, {}, TOKEN)
      : request.path === "/v2/" && request.authorization
      ? answer(200)
      : answer(401, {
        "www-authenticate": request.authorization
          ? 'Basic realm="harbor"'
          : `Bearer realm="${origin}/service/token",service="harbor-registry"`,
      }),
  "quay-400": bearer(({ answer }) =>
    answer(400, {}, '{"errors":[{"code":"INVALID_REQUEST","message":"Unable to decode scope"}]}')
  ),
  "token-401": bearer(({ answer, request }) => answer(401, {}, JSON.stringify(request))),
  "token-403": bearer(({ answer }) => answer(403)),
  "echo": ({ request, answer }) =>
    request.authorization
      ? answer(418, {}, JSON.stringify({ message: `You sent ${request.authorization}` }))
      : answer(401, { "www-authenticate": "Basic" }),
} as const satisfies Record<string, Handler>;

/**
 * Starts a misbehaving server.
 *
 * @param behaviour What it does.
 * @param elsewhere Origin of another server, for those that point to one.
 * @returns The server, to be disposed of.
 */
export function oddRegistry(behaviour: Behaviour, elsewhere = "http://127.0.0.1:9"): OddRegistry {
  const requests: OddRequest[] = [];
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const host = `127.0.0.1:${listener.addr.port}`;
  const { promise: stopped, resolve: stop } = Promise.withResolvers<void>();
  const open = new Set<Promise<void>>();

  async function serve(connection: Deno.TcpConn): Promise<void> {
    using socket = connection;
    const request = await readRequest(socket);
    if (request === undefined) return; // A TLS handshake, or nothing.
    const earlier = requests.push(request) - 1;
    const send = async (text: string): Promise<void> => {
      const bytes = new TextEncoder().encode(text);
      for (let sent = 0; sent < bytes.length;) sent += await socket.write(bytes.subarray(sent));
    };
    const gone = socket.read(new Uint8Array(1)).catch(() => null);
    await BEHAVIOURS[behaviour]({
      request,
      earlier,
      origin: `http://${host}`,
      elsewhere,
      send,
      answer: (status, headers = {}, body = "{}") => send(answerText(status, headers, body)),
      ended: Promise.race([stopped, gone]),
    });
  }

  const serving = (async () => {
    for await (const connection of listener) {
      const served = serve(connection).catch(() => {}).finally(() => open.delete(served));
      open.add(served);
    }
  })();
  return {
    host,
    origin: `http://${host}`,
    requests,
    async [Symbol.asyncDispose](): Promise<void> {
      stop();
      listener.close();
      await serving;
      await Promise.all(open);
    },
  };
}

function answerText(status: number, headers: Record<string, string>, body: string): string {
  const lines = Object.entries({
    "content-type": "application/json",
    "content-length": String(new TextEncoder().encode(body).length),
    "connection": "close",
    ...headers,
  }).map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${status} Odd\r\n${lines.join("")}\r\n${body}`;
}

/** Head and body of one request; `undefined` if it is not HTTP. */
async function readRequest(socket: Deno.TcpConn): Promise<OddRequest | undefined> {
  let text = "";
  const buffer = new Uint8Array(4096);
  for (;;) {
    const [head = "", body] = text.split(/\r\n\r\n(.*)/s);
    const length = Number(/^content-length: (\d+)/im.exec(head)?.[1] ?? 0);
    if (body !== undefined && body.length >= length) {
      const [, method = "", path = ""] = /^([A-Z]+) (\S+)/.exec(head) ?? [];
      const authorization = /^authorization: (.*)$/im.exec(head)?.[1];
      return { method, path, body, ...(authorization === undefined ? {} : { authorization }) };
    }
    const size = await socket.read(buffer);
    if (size === null) return undefined;
    text += new TextDecoder().decode(buffer.subarray(0, size));
    if (!/^[A-Z]/.test(text)) {
      await socket.write(new TextEncoder().encode("HTTP/1.1 400 Bad Request\r\n\r\n"));
      return undefined;
    }
  }
}
