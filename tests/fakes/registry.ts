/**
 * An embedded OCI registry on loopback, in memory, that really checks what it is sent. It serves
 * the demo and the tests; one tiny image is in it from the start.
 *
 * @module
 */

import { type Account, accounts, type Action, basicOf, type Rights } from "./accounts.ts";
import { type Blob, digestOf, type TinyImage, tinyImage } from "./image.ts";
import { type Claims, tokenServer } from "./token_server.ts";

/** How the registry wants to be asked. */
export type AuthMode = "open" | "basic" | "token";

/** What can be chosen. */
export interface FakeRegistryOptions {
  /** `basic` if absent. */
  readonly auth?: AuthMode;
  /** Accounts by user name; {@linkcode DEFAULT_USERS} if absent. */
  readonly users?: Readonly<Record<string, Account>>;
  /** Rights without an account; none if absent. */
  readonly anonymous?: Rights;
  /** Puts the token endpoint on a port of its own instead of `/token` of the registry. */
  readonly tokenPort?: boolean;
  /** Path of the token endpoint; `/token` if absent. */
  readonly tokenPath?: string;
  /** Name of the registry in challenges and tokens. */
  readonly service?: string;
  /** Names the token endpoint by the host that was asked for, as one behind a proxy does. */
  readonly byAnyName?: boolean;
  /** Seconds for which a token is good; 300 if absent. */
  readonly tokenLifetime?: number;
  /** Certificate chain and key (PEM) to serve HTTPS with. */
  readonly tls?: { readonly cert: string; readonly key: string };
}

/** A request as it came; secrets are not kept. */
export interface RecordedRequest {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  /** Scheme of the `Authorization` header. */
  readonly scheme?: string;
  /** The name in a Basic header, or the subject of a valid token. */
  readonly user?: string;
}

/** The running registry; disposing of it stops it. */
export interface FakeRegistry extends AsyncDisposable {
  /** Address and port. */
  readonly host: string;
  readonly origin: string;
  /** The image that is in it from the start. */
  readonly image: TinyImage;
  /** Where the image is: repository and tag. */
  readonly repository: string;
  readonly tag: string;
  /** All requests so far, those to the token endpoint too. */
  readonly requests: readonly RecordedRequest[];
  /** The identity token (refresh token) of a user. */
  identityToken(user: string): string;
}

/** `robot` may push everywhere, `reader` may only pull. */
export const DEFAULT_USERS: Readonly<Record<string, Account>> = {
  robot: { password: "robot-secret" },
  reader: { password: "reader-secret", rights: { "": "pull" } },
};

const SERVICE = "embedded-registry";
const REPOSITORY = "team/hello";
const TAG = "1.0";

/**
 * Starts a registry on a free port.
 *
 * @param options How it behaves.
 * @returns The registry, to be disposed of.
 */
export async function fakeRegistry(options: FakeRegistryOptions = {}): Promise<FakeRegistry> {
  const mode = options.auth ?? "basic";
  const { service = SERVICE, tokenPath = "/token", byAnyName = false } = options;
  const table = accounts(options.users ?? DEFAULT_USERS, options.anonymous ?? {});
  const tokens = await tokenServer({
    accounts: table,
    service,
    lifetime: options.tokenLifetime ?? 300,
  });
  const image = await tinyImage();
  const store = storage();
  store.seed(image);
  const requests: RecordedRequest[] = [];

  async function record(request: Request): Promise<Caller> {
    const header = request.headers.get("authorization") ?? "";
    const scheme = header.split(" ")[0] ?? "";
    const claims = /^bearer$/i.test(scheme)
      ? await tokens.verify(header.slice(scheme.length + 1))
      : undefined;
    const user = basicOf(header)?.[0] ?? claims?.sub;
    const { pathname, search } = new URL(request.url);
    requests.push({
      method: request.method,
      path: pathname + search,
      ...(scheme === "" ? {} : { scheme }),
      ...(user === undefined ? {} : { user }),
    });
    return { header, ...(claims ? { claims } : {}) };
  }

  /** The refusal, or `undefined` if the caller may go on. */
  function refusal(
    caller: Caller,
    action: Action,
    repository: string,
    realm: string,
  ): Response | undefined {
    if (mode === "open") return undefined;
    const ping = repository === "";
    if (mode === "basic") {
      const user = caller.header === "" ? "" : table.basic(caller.header);
      const known = user !== undefined && user !== "";
      if (!ping && user !== undefined && table.may(user, action, repository)) return undefined;
      if (!known) return unauthorized('Basic realm="embedded registry"');
      return ping ? undefined : failure(403, "DENIED", "requested access is denied");
    }
    const may = caller.claims?.access.some((entry) =>
      entry.name === repository && entry.actions.includes(action)
    );
    if (may || (ping && caller.claims)) return undefined;
    const wanted = action === "push" ? "pull,push" : action;
    const scope = ping ? "" : `,scope="repository:${repository}:${wanted}"`;
    const error = caller.claims
      ? ',error="insufficient_scope"'
      : caller.header === ""
      ? ""
      : ',error="invalid_token"';
    return unauthorized(`Bearer realm="${realm}",service="${service}"${scope}${error}`);
  }

  async function answer(request: Request): Promise<Response> {
    const caller = await record(request);
    const { pathname, host } = new URL(request.url);
    const asked = byAnyName ? `${scheme}://${host}${tokenPath}` : realm;
    if (mode === "token" && !options.tokenPort && pathname === tokenPath) {
      return tokens.answer(request);
    }
    const [, name = "", kind = "", rest = ""] =
      /^\/v2\/(?:(.+?)\/(blobs\/uploads|manifests|blobs|tags)\/(.*))?$/.exec(pathname) ?? [];
    if (name === "" && pathname !== "/v2/") return failure(404, "UNSUPPORTED", "no such path");
    const refused = refusal(caller, actionOf(request.method), name, asked);
    if (refused) {
      await request.body?.cancel();
      return refused;
    }
    return name === "" ? Response.json({}) : await store.answer(request, name, kind, rest);
  }

  const server = serve(async (request) => {
    const response = await answer(request);
    response.headers.set("docker-distribution-api-version", "registry/2.0");
    return response;
  }, options.tls);
  const separate = options.tokenPort
    ? serve(async (request) => {
      await record(request);
      return await tokens.answer(request);
    }, options.tls)
    : undefined;
  const scheme = options.tls ? "https" : "http";
  const host = `127.0.0.1:${server.addr.port}`;
  const realm = `${scheme}://127.0.0.1:${(separate ?? server).addr.port}${tokenPath}`;

  return {
    host,
    origin: `${scheme}://${host}`,
    image,
    repository: REPOSITORY,
    tag: TAG,
    requests,
    identityToken: (user) => table.identityToken(user),
    async [Symbol.asyncDispose](): Promise<void> {
      await Promise.all([server.shutdown(), separate?.shutdown()]);
    },
  };
}

/** Who sent a request. */
interface Caller {
  readonly header: string;
  readonly claims?: Claims;
}

function serve(
  handler: (request: Request) => Promise<Response>,
  tls: FakeRegistryOptions["tls"],
): Deno.HttpServer<Deno.NetAddr> {
  return Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {}, ...tls }, handler);
}

function actionOf(method: string): Action {
  if (method === "GET" || method === "HEAD") return "pull";
  return method === "DELETE" ? "delete" : "push";
}

function failure(status: number, code: string, message: string): Response {
  return Response.json({ errors: [{ code, message }] }, { status });
}

function unauthorized(challenge: string): Response {
  const response = failure(401, "UNAUTHORIZED", "authentication required");
  response.headers.set("www-authenticate", challenge);
  return response;
}

/** What is stored, and the part of the OCI distribution specification that reads and writes it. */
function storage(): {
  seed(image: TinyImage): void;
  answer(request: Request, name: string, kind: string, rest: string): Promise<Response>;
} {
  const blobs = new Map<string, Blob>();
  const manifests = new Map<string, Blob>();
  const uploads = new Map<string, Uint8Array<ArrayBuffer>>();

  function read(request: Request, found: Blob | undefined, code: string): Response {
    if (!found) return failure(404, code, "not found");
    return new Response(request.method === "HEAD" ? null : found.bytes, {
      headers: {
        "content-type": found.mediaType,
        "content-length": String(found.bytes.length),
        "docker-content-digest": found.digest,
      },
    });
  }

  async function manifest(request: Request, name: string, reference: string): Promise<Response> {
    if (request.method !== "PUT") {
      return read(request, manifests.get(`${name}/${reference}`), "MANIFEST_UNKNOWN");
    }
    const bytes = new Uint8Array(await request.arrayBuffer());
    const digest = await digestOf(bytes);
    const mediaType = request.headers.get("content-type") ?? "application/octet-stream";
    for (const key of [reference, digest]) {
      manifests.set(`${name}/${key}`, { mediaType, digest, bytes });
    }
    return created(`/v2/${name}/manifests/${digest}`, digest);
  }

  async function upload(request: Request, name: string, id: string): Promise<Response> {
    if (request.method === "POST") id = crypto.randomUUID();
    const before = request.method === "POST" ? new Uint8Array() : uploads.get(id);
    if (!before) return failure(404, "BLOB_UPLOAD_UNKNOWN", "no such upload");
    if (request.method === "DELETE") {
      uploads.delete(id);
      return new Response(null, { status: 204 });
    }
    const more = new Uint8Array(await request.arrayBuffer());
    const bytes = new Uint8Array(before.length + more.length);
    bytes.set(before);
    bytes.set(more, before.length);
    const wanted = new URL(request.url).searchParams.get("digest");
    if (wanted === null) {
      uploads.set(id, bytes);
      return new Response(null, {
        status: 202,
        headers: {
          location: `/v2/${name}/blobs/uploads/${id}`,
          range: `0-${Math.max(bytes.length - 1, 0)}`,
          "docker-upload-uuid": id,
        },
      });
    }
    uploads.delete(id);
    const digest = await digestOf(bytes);
    if (digest !== wanted) return failure(400, "DIGEST_INVALID", "the digest does not match");
    blobs.set(`${name}/${digest}`, { mediaType: "application/octet-stream", digest, bytes });
    return created(`/v2/${name}/blobs/${digest}`, digest);
  }

  function tags(request: Request, name: string): Response {
    const limit = new URL(request.url).searchParams.get("n");
    const found = [...manifests.keys()]
      .filter((key) => key.startsWith(`${name}/`) && !key.includes("sha256:"))
      .map((key) => key.slice(name.length + 1))
      .filter((tag) => !tag.includes("/"))
      .sort();
    if (found.length === 0) return failure(404, "NAME_UNKNOWN", "no such repository");
    return Response.json({ name, tags: limit === null ? found : found.slice(0, Number(limit)) });
  }

  return {
    seed({ manifest, config, layer }): void {
      for (const part of [config, layer]) blobs.set(`${REPOSITORY}/${part.digest}`, part);
      for (const key of [TAG, manifest.digest]) manifests.set(`${REPOSITORY}/${key}`, manifest);
    },
    async answer(request, name, kind, rest): Promise<Response> {
      switch (kind) {
        case "manifests":
          return await manifest(request, name, rest);
        case "blobs/uploads":
          return await upload(request, name, rest);
        case "blobs":
          return read(request, blobs.get(`${name}/${rest}`), "BLOB_UNKNOWN");
        default:
          return tags(request, name);
      }
    },
  };
}

function created(location: string, digest: string): Response {
  const headers = { location, "docker-content-digest": digest };
  return new Response(null, { status: 201, headers });
}
