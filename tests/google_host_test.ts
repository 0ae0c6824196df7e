import { assertEquals } from "@std/assert";
import { type GoogleHost, parseGoogleHost } from "../lib/google_host.ts";
import { normalizeHost } from "../lib/reference.ts";

const GOOGLE: readonly (readonly [text: string, kind: GoogleHost["kind"], location?: string])[] = [
  ["gcr.io", "gcr", "us"],
  ["us.gcr.io", "gcr", "us"],
  ["eu.gcr.io", "gcr", "europe"],
  ["asia.gcr.io", "gcr", "asia"],
  ["global.gcr.io", "gcr"],
  ["staging-k8s.gcr.io", "gcr"],
  ["k8s.gcr.io", "gcr"],
  ["mirror.gcr.io", "gcr"],
  ["container.cloud.google.com", "gcr"],
  ["us-docker.pkg.dev", "artifact-registry", "us"],
  ["asia-docker.pkg.dev", "artifact-registry", "asia"],
  ["europe-docker.pkg.dev", "artifact-registry", "europe"],
  ["us-central1-docker.pkg.dev", "artifact-registry", "us-central1"],
  ["docker.us-east1.rep.pkg.dev", "artifact-registry", "us-east1"],
  ["GCR.IO", "gcr", "us"],
  ["Us-Docker.Pkg.Dev", "artifact-registry", "us"],
  ["gcr.io:443", "gcr", "us"],
  ["gcr.io.", "gcr", "us"],
  ["https://gcr.io/v2/", "gcr", "us"],
  ["us-npm.pkg.dev", "other"],
];

const FOREIGN = [
  "",
  "/",
  "https://",
  "gcr.io:5000",
  "us-docker.pkg.dev:8443",
  "notgcr.io",
  "fake-gcr.io",
  "alsonot.gcr.iot",
  "us-docker-pkg.dev",
  "someotherpkg.dev",
  "looks-like-pkg.dev",
  "closeto.pkg.devops",
  "index.docker.io",
  "gcr.io.evil.example",
  "us-docker.pkg.dev.evil.example",
  "evil.example/gcr.io",
  "gcr.io@evil.example",
  "evil.example#.gcr.io",
  ".gcr.io",
  "a..gcr.io",
  "a.b.gcr.io",
  "-docker.pkg.dev",
  "pkg.dev",
  "gсr.io",
  "gcr。io",
  "xn--gr-omc.io",
  "storage.cloud.google.com",
];

for (const [text, kind, location] of GOOGLE) {
  Deno.test(`parseGoogleHost() reads ${text}`, () => {
    const expected = { kind, ...(location === undefined ? {} : { location }) };
    assertEquals(parseGoogleHost(normalizeHost(text)), expected);
  });
}

for (const text of FOREIGN) {
  Deno.test(`parseGoogleHost() leaves ${JSON.stringify(text)} alone`, () => {
    assertEquals(parseGoogleHost(normalizeHost(text)), undefined);
  });
}
