/**
 * Azure in memory: Entra, the services for managed identities, and registries. It verifies what it is
 * sent: secrets, assertions, headers, audiences and times; what is wrong gets the answer that Azure
 * would give, and is noted.
 *
 * @module
 */

import { encodeBase64Url } from "@std/encoding/base64url";
import { isSigned, parseJwt } from "./jwt.ts";

/** The parts of Azure that answer. */
export type AzurePart = "entra" | "imds" | "service" | "arc" | "registry" | "github";

/** Answers in place of a part, or leaves it to the part. */
export type Reply = (request: Request, call: number) => Response | undefined;

/** What can be chosen. */
export interface FakeAzureOptions {
  /** Tells the time. */
  readonly now: () => Date;
  /** Answers in place of the usual ones. */
  readonly replies?: Partial<Record<AzurePart, Reply>>;
  /** The certificate (DER) and key that the application has. */
  readonly certificate?: { readonly der: Uint8Array; readonly publicKey: CryptoKey };
  /** How assertions must be signed. */
  readonly algorithm?: "PS256" | "RS256";
  /** Whether the tenant knows no tokens for registries. */
  readonly onlyArm?: boolean;
}

/** Azure, and what it was asked. */
export interface FakeAzure {
  /** Answers a request to any of its hosts. */
  answer(request: Request): Promise<Response>;
  /** Method, host and path of all requests. */
  readonly calls: readonly string[];
  /** What was wrong with them. */
  readonly faults: readonly string[];
  /** The token that the provider of the federation gives at present. */
  federated: string;
}

/** What the fake knows. */
export const AZURE = {
  tenant: "72f988bf-0000-0000-0000-000000000000",
  client: "11111111-0000-0000-0000-000000000000",
  secret: "EXAMPLE~SECRET+/=&",
  user: "jane@contoso.example",
  password: "PASSWORD-SECRET",
  identity: "22222222-0000-0000-0000-000000000000",
  resource:
    "/subscriptions/s/resourceGroups/g/providers/Microsoft.ManagedIdentity/userAssignedIdentities/i",
  header: "HEADER-SECRET",
  arcKey: "ARC-KEY-SECRET",
  arcPath: "/var/opt/azcmagent/tokens/abc.key",
  acr: "https://containerregistry.azure.net",
  nullGuid: "00000000-0000-0000-0000-000000000000",
} as const;

/** Resource managers, one for each cloud. */
const ARM: readonly string[] = [
  "https://management.azure.com",
  "https://management.usgovcloudapi.net",
  "https://management.chinacloudapi.cn",
];

/**
 * Starts Azure.
 *
 * @param options The clock, and odd answers.
 * @returns Azure; it holds no resources.
 */
export function fakeAzure(options: FakeAzureOptions): FakeAzure {
  const calls: string[] = [];
  const faults: string[] = [];
  const counts = new Map<AzurePart, number>();
  const assertions = new Set<unknown>();
  const issued = new Set<string>();
  const now = (): number => Math.floor(options.now().getTime() / 1000);

  const fault = (text: string, response: Response): Response => {
    faults.push(text);
    return response;
  };

  /** Entra's form of an error. */
  function refuse(number: number, text: string, error = "invalid_client", status = 401): Response {
    return fault(
      text,
      Response.json({
        error,
        error_description: `AADSTS${number}: ${text} Trace ID: t-1 Correlation ID: c-1`,
        error_codes: [number],
        timestamp: "2026-01-01 00:00:00Z",
        trace_id: "t-1",
        correlation_id: "c-1",
      }, { status }),
    );
  }

  /** A token that the registries of the fake know. */
  function mint(claims: Record<string, unknown>): string {
    const token = [{ alg: "none", typ: "JWT" }, { ...claims, jti: crypto.randomUUID() }]
      .map((part) => encodeBase64Url(JSON.stringify(part))).join(".") + ".SECRET";
    issued.add(token);
    return token;
  }

  const accessToken = (aud: string): string => mint({ aud, tid: AZURE.tenant, exp: now() + 3599 });

  async function form(request: Request): Promise<URLSearchParams | undefined> {
    const type = request.headers.get("content-type") ?? "";
    return request.method === "POST" && type.startsWith("application/x-www-form-urlencoded")
      ? new URLSearchParams(await request.text())
      : undefined;
  }

  async function entra(request: Request): Promise<Response> {
    const url = new URL(request.url);
    if (url.pathname.endsWith("/.well-known/openid-configuration")) {
      // Only the libraries ask for it.
      const base = `${url.origin}/${url.pathname.split("/")[1]}`;
      return Response.json({
        token_endpoint: `${base}/oauth2/v2.0/token`,
        issuer: `${base}/v2.0`,
        authorization_endpoint: `${base}/oauth2/v2.0/authorize`,
        jwks_uri: `${base}/discovery/v2.0/keys`,
      });
    }
    const [, tenant = ""] = /^\/([^/]+)\/oauth2\/v2\.0\/token$/.exec(url.pathname) ?? [];
    if (tenant === "") return fault(`not v2: ${url.pathname}`, new Response("", { status: 404 }));
    const body = await form(request);
    if (!body) return refuse(900144, "not a form", "invalid_request", 400);
    if (request.headers.has("authorization")) return refuse(7000222, "a header");
    if (tenant !== AZURE.tenant) {
      return refuse(90002, `Tenant '${tenant}' not found.`, "invalid_request", 400);
    }
    if (body.get("client_id") !== AZURE.client) {
      return refuse(
        700016,
        "Application with identifier was not found in the directory.",
        "unauthorized_client",
        400,
      );
    }
    const problem = body.get("grant_type") === "password"
      ? passwordProblem(body)
      : await applicationProblem(body, url);
    if (problem) return problem;
    const [, resource = ""] = /^(.+)\/\.default$/.exec(body.get("scope") ?? "") ?? [];
    if (resource === AZURE.acr && options.onlyArm) {
      return refuse(
        500011,
        "The resource principal was not found in the tenant.",
        "invalid_resource",
        400,
      );
    }
    if (resource !== AZURE.acr && !ARM.includes(resource)) {
      return refuse(500011, `wrong scope ${body.get("scope")}`, "invalid_resource", 400);
    }
    return Response.json({
      token_type: "Bearer",
      expires_in: 3599,
      ext_expires_in: 3599,
      access_token: accessToken(resource),
    });
  }

  function passwordProblem(body: URLSearchParams): Response | undefined {
    const isKnown = body.get("username") === AZURE.user && body.get("password") === AZURE.password;
    return isKnown
      ? undefined
      : refuse(50126, "Invalid username or password.", "invalid_grant", 400);
  }

  async function applicationProblem(
    body: URLSearchParams,
    url: URL,
  ): Promise<Response | undefined> {
    if (body.get("grant_type") !== "client_credentials") return refuse(70003, "grant type");
    const secret = body.get("client_secret");
    const assertion = body.get("client_assertion");
    if ((secret === null) === (assertion === null)) return refuse(900144, "secret or assertion");
    if (secret !== null) {
      return secret === AZURE.secret
        ? undefined
        : refuse(7000215, "Invalid client secret provided.");
    }
    const type = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
    if (body.get("client_assertion_type") !== type) return refuse(700021, "assertion type");
    if (assertion === state.federated) return undefined;
    const jwt = parseJwt(assertion ?? "");
    const { header = {}, claims = {} } = jwt ?? {};
    const { certificate, algorithm = "PS256" } = options;
    if (!jwt || !certificate || claims.iss !== AZURE.client) {
      return refuse(
        700213,
        "No matching federated identity record found for presented assertion.",
        "invalid_client",
      );
    }
    const [name, hash] = algorithm === "PS256" ? ["x5t#S256", "SHA-256"] : ["x5t", "SHA-1"];
    const der = Uint8Array.from(certificate.der);
    const thumbprint = encodeBase64Url(await crypto.subtle.digest(hash ?? "", der));
    const spki = new Uint8Array(await crypto.subtle.exportKey("spki", certificate.publicKey));
    if (header[name ?? ""] !== thumbprint || !await isSigned(jwt, spki, algorithm)) {
      return refuse(
        700027,
        "The certificate with identifier used to sign the client assertion is not registered.",
      );
    }
    const { aud, sub, jti, nbf, exp } = claims;
    if (aud !== url.origin + url.pathname || sub !== AZURE.client) {
      return refuse(700023, "audience or subject");
    }
    if (typeof jti !== "string" || assertions.has(jti)) return refuse(700025, "used twice");
    assertions.add(jti);
    const isTimely = typeof nbf === "number" && typeof exp === "number" && exp - nbf <= 600 &&
      Math.abs(nbf - now()) <= 300;
    return isTimely
      ? undefined
      : refuse(700024, "Client assertion is not within its valid time range.");
  }

  /** What all services for managed identities answer. */
  function managed(resource: string | null, more: Record<string, unknown> = {}): Response {
    if (resource !== AZURE.acr && !ARM.includes(resource ?? "")) {
      return fault(
        `resource ${resource}`,
        Response.json({ error: "invalid_resource", error_description: "AADSTS500011: unknown" }, {
          status: 400,
        }),
      );
    }
    if (resource === AZURE.acr && options.onlyArm) {
      return fault(
        "only ARM",
        Response.json({ error: "invalid_resource", error_description: "AADSTS500011: unknown" }, {
          status: 400,
        }),
      );
    }
    return Response.json({
      access_token: accessToken(resource ?? ""),
      client_id: AZURE.identity,
      expires_in: "86399",
      expires_on: String(now() + 86399),
      resource,
      token_type: "Bearer",
      ...more,
    });
  }

  function imds(request: Request): Response {
    const { pathname, searchParams } = new URL(request.url);
    if (request.headers.get("metadata") !== "true") {
      // A probe, which azidentity makes as well.
      return Response.json({ error: "bad_request_102" }, { status: 400 });
    }
    const isGood = pathname === "/metadata/identity/oauth2/token" && request.method === "GET" &&
      searchParams.get("api-version") === "2018-02-01" && !request.headers.has("x-forwarded-for");
    if (!isGood) return fault("imds", new Response("", { status: 400 }));
    const known: Record<string, string> = {
      client_id: AZURE.identity,
      object_id: AZURE.identity,
      msi_res_id: AZURE.resource,
    };
    const ids = [...searchParams].filter(([name]) => !["api-version", "resource"].includes(name));
    if (ids.length > 1 || ids.some(([name, id]) => known[name] !== id)) {
      return fault(
        "identity",
        Response.json({ error: "invalid_request", error_description: "Identity not found" }, {
          status: 400,
        }),
      );
    }
    return managed(searchParams.get("resource"));
  }

  /** App Service, Service Fabric, Azure ML and Cloud Shell, each below a path of its own. */
  async function service(request: Request): Promise<Response> {
    const { pathname, searchParams } = new URL(request.url);
    const version = searchParams.get("api-version");
    const headers = request.headers;
    const id = searchParams.get("client_id") ?? searchParams.get("clientid") ??
      searchParams.get("mi_res_id");
    const isId = id === null || id === AZURE.identity || id === AZURE.resource;
    switch (pathname) {
      case "/app-service":
        return version === "2019-08-01" && headers.get("x-identity-header") === AZURE.header &&
            isId && !searchParams.has("clientid") && request.method === "GET"
          ? managed(searchParams.get("resource"), {
            expires_on: "1/2/2026 12:00:00 AM +00:00",
            expires_in: undefined,
          })
          : fault("app service", new Response("", { status: 401 }));
      case "/service-fabric":
        return version === "2019-07-01-preview" && headers.get("secret") === AZURE.header &&
            id === null && request.method === "GET"
          ? managed(searchParams.get("resource"))
          : fault("service fabric", new Response("", { status: 401 }));
      case "/azure-ml":
        return version === "2017-09-01" && headers.get("secret") === AZURE.header && isId &&
            !searchParams.has("client_id") && request.method === "GET"
          ? managed(searchParams.get("resource"), { expires_in: undefined })
          : fault("azure ml", new Response("", { status: 401 }));
      case "/cloud-shell": {
        const body = await form(request);
        return headers.get("metadata") === "true" && body && [...body.keys()].join() === "resource"
          ? managed(body.get("resource"))
          : fault("cloud shell", new Response("", { status: 400 }));
      }
      default:
        return fault(pathname, new Response("", { status: 404 }));
    }
  }

  function arc(request: Request): Response {
    const { searchParams } = new URL(request.url);
    const isGood = request.headers.get("metadata") === "true" &&
      searchParams.get("api-version") === "2020-06-01";
    if (!isGood) return fault("arc", new Response("", { status: 400 }));
    const authorization = request.headers.get("authorization");
    if (authorization === null) {
      return new Response("", {
        status: 401,
        headers: { "www-authenticate": `Basic realm=${AZURE.arcPath}` },
      });
    }
    return authorization === `Basic ${AZURE.arcKey}`
      ? managed(searchParams.get("resource"))
      : fault("arc key", new Response("", { status: 401 }));
  }

  async function registry(request: Request): Promise<Response> {
    const url = new URL(request.url);
    const authorization = request.headers.get("authorization") ?? "";
    if (url.pathname === "/oauth2/token" && request.method === "GET") {
      const [user, token = ""] = atob(authorization.replace(/^Basic /, "")).split(":");
      const { aud, exp } = parseJwt(token)?.claims ?? {};
      const isGood = user === AZURE.nullGuid && issued.has(token) && aud === url.host &&
        Number(exp) > now() && url.searchParams.get("service") === url.host;
      return isGood
        ? Response.json({ access_token: mint({ aud: url.host }) })
        : fault("token", Response.json({ errors: [{ code: "UNAUTHORIZED" }] }, { status: 401 }));
    }
    if (url.pathname === "/v2/" && issued.has(authorization.replace(/^Bearer /, ""))) {
      return new Response("{}");
    }
    if (url.pathname === "/v2/") {
      const challenge = `Bearer realm="https://${url.host}/oauth2/token",service="${url.host}"`;
      return new Response("", { status: 401, headers: { "www-authenticate": challenge } });
    }
    if (url.pathname !== "/oauth2/exchange") {
      return fault(url.pathname, new Response("", { status: 404 }));
    }
    const body = await form(request);
    const token = body?.get("access_token") ?? "";
    const { aud, tid } = parseJwt(token)?.claims ?? {};
    const tenant = body?.get("tenant") ?? null;
    const isGood = body?.get("grant_type") === "access_token" &&
      body.get("service") === url.host && issued.has(token) &&
      (tenant === null || tenant === tid) &&
      (aud === AZURE.acr || (options.onlyArm && ARM.includes(String(aud))));
    if (!isGood) {
      const message =
        "authentication required, visit https://aka.ms/acr/authorization for more information.";
      return fault(
        "exchange",
        Response.json({ errors: [{ code: "UNAUTHORIZED", message }] }, { status: 401 }),
      );
    }
    return Response.json({
      refresh_token: mint({
        iss: "Azure Container Registry",
        aud: url.host,
        exp: now() + 3 * 3600,
        grant_type: "refresh_token",
      }),
    });
  }

  function github(request: Request): Response {
    const isGood = request.headers.get("authorization") === "bearer GITHUB-SECRET" &&
      new URL(request.url).searchParams.get("audience") === "api://AzureADTokenExchange";
    return isGood
      ? Response.json({ value: state.federated })
      : fault("github", new Response("", { status: 401 }));
  }

  const parts: Record<AzurePart, (request: Request) => Response | Promise<Response>> = {
    entra,
    imds,
    service,
    arc,
    registry,
    github,
  };
  const state: FakeAzure = {
    calls,
    faults,
    federated: federatedToken(now() + 3600),
    async answer(request): Promise<Response> {
      const { host, pathname } = new URL(request.url);
      calls.push(`${request.method} ${host}${pathname}`);
      const part = partOf(host);
      if (part === undefined) {
        throw new TypeError("fetch failed", { cause: new Error(`dns error: ${host}`) });
      }
      const call = (counts.get(part) ?? 0) + 1;
      counts.set(part, call);
      return options.replies?.[part]?.(request, call) ?? await parts[part](request);
    },
  };
  return state;
}

/**
 * The token of a provider that the application trusts.
 *
 * @param exp When it ends, in seconds since 1970.
 * @returns A JWT.
 */
export function federatedToken(exp: number): string {
  const claims = {
    iss: "https://issuer.example",
    sub: "system:serviceaccount:ns:sa",
    aud: "api://AzureADTokenExchange",
    exp,
    jti: crypto.randomUUID(),
  };
  return [{ alg: "RS256" }, claims].map((part) => encodeBase64Url(JSON.stringify(part)))
    .join(".") + ".SECRET";
}

function partOf(host: string): AzurePart | undefined {
  if (/^login\.(?:microsoftonline\.(?:com|us)|chinacloudapi\.cn|stack\.example)$/.test(host)) {
    return "entra";
  }
  if (/\.azurecr\.(?:io|us|cn)$|^acr\.contoso\.example$|\.azurecr\.stack\.example$/.test(host)) {
    return host.startsWith("missing") ? undefined : "registry";
  }
  switch (host) {
    case "169.254.169.254":
      return "imds";
    case "service.example":
    case "localhost:42356":
      return "service";
    case "127.0.0.1:40342":
      return "arc";
    default:
      return host === "pipelines.actions.example" ? "github" : undefined;
  }
}
