import { assertEquals } from "@std/assert";
import vectors from "../data/sigv4.json" with { type: "json" };
import { type Principal, type RawRequest, verifySignature } from "./aws_signature.ts";

type Row = (typeof vectors.rows)[number];

/** What the signed request of a row looks like on the wire. */
function requestOf(row: Row): RawRequest {
  const url = new URL(row.url);
  const given = Object.entries(row.headers).filter(([name]) => name !== "Authorization");
  return {
    method: row.method,
    // As it is written: the parser would take out the dots.
    target: row.url.replace(/^https?:\/\/[^/]+/, ""),
    headers: [
      ...given.map(([name, value]) => [name, String(value)] as const),
      ["Host", url.host],
      ["X-Amz-Date", row.date],
      ...(row.sessionToken ? [["X-Amz-Security-Token", row.sessionToken] as const] : []),
      ["Authorization", row.expect.authorization],
    ],
    body: new TextEncoder().encode(row.body),
  };
}

function verify(row: Row, request = requestOf(row), secret = row.secretAccessKey): string {
  const { accessKeyId, sessionToken, service, date } = row;
  const principal: Principal = {
    accessKeyId,
    secret,
    ...(sessionToken ? { sessionToken } : {}),
    arn: "",
    account: "",
  };
  const result = verifySignature(request, {
    principals: new Map([[accessKeyId, principal]]),
    service,
    now: new Date(date.replace(/^(....)(..)(..T..)(..)(..Z)$/, "$1-$2-$3:$4:$5")),
  });
  return "code" in result ? result.code : `ok ${result.region}`;
}

for (const row of vectors.rows) {
  Deno.test(`the fake AWS accepts ${row.id}, and nothing that differs from it`, () => {
    assertEquals(verify(row), `ok ${row.region}`);
    const request = requestOf(row);
    const path = request.target.includes("?")
      ? request.target.replace("?", "x?")
      : `${request.target}x`;
    const mutations: Record<string, RawRequest> = {
      path: { ...request, target: path },
      query: {
        ...request,
        target: `${request.target}${request.target.includes("?") ? "&" : "?"}x=1`,
      },
    };
    // A hash that the caller gives stands for the body.
    if (!("X-Amz-Content-Sha256" in row.headers)) {
      mutations.body = { ...request, body: new Uint8Array([...request.body, 0x20]) };
    }
    for (const name of row.expect.signedHeaders.split(";")) {
      const headers = request.headers.map(([key, value]) =>
        [key, key.toLowerCase() === name ? `${value}1` : value] as const
      );
      mutations[`header ${name}`] = { ...request, headers };
    }
    const authorization = row.expect.authorization;
    const day = row.date.slice(0, 8);
    const changes: [string, string, string][] = [
      ["day", `/${day}/`, "/20200101/"],
      ["region", `/${row.region}/`, "/xx-north-1/"],
      ["service", `/${row.service}/aws4`, "/other/aws4"],
      ["key", "Credential=AKID", "Credential=BKID"],
      ["shape", "aws4_request", "aws5_request"],
    ];
    for (const [name, before, after] of changes) {
      const headers = request.headers.map(([key, value]) =>
        [key, key === "Authorization" ? authorization.replace(before, after) : value] as const
      );
      mutations[name] = { ...request, headers };
    }
    const accepted = Object.entries(mutations)
      .filter(([_, mutation]) => verify(row, mutation).startsWith("ok"))
      .map(([name]) => name);
    assertEquals(accepted, []);
    assertEquals(verify(row, request, `${row.secretAccessKey}x`), "InvalidSignatureException");
  });
}
