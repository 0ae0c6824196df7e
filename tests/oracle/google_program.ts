/**
 * Asks Google's own library for a token in each situation, and prints what it found as JSON. It is a
 * program of its own because it sets variables, files and the clock.
 *
 * @module
 */

import { fakeGoogle } from "../fakes/google.ts";
import { NOW, SCENARIOS } from "./google_scenarios.ts";
import { asFiles, atTime, withVariables } from "./world.ts";

/** What is used of google-auth-library; it is loaded only where npm can be reached. */
interface Library {
  readonly GoogleAuth: new (
    options: { readonly scopes: readonly string[]; readonly projectId: string },
  ) => { getAccessToken(): Promise<string | null | undefined> };
}

const SPECIFIER: string = "google-auth-library";
const CLOUD_PLATFORM = "https://www.googleapis.com/auth/cloud-platform";

const { GoogleAuth }: Library = await import(SPECIFIER);
atTime(NOW);
let google = fakeGoogle({ now: () => new Date() });
// Its parts make requests in several ways, which all end here if there is a window.
const fetch = (url: URL, init?: RequestInit): Promise<Response> =>
  google.answer(new Request(url, init));
Object.assign(globalThis, { window: { fetch } });
for (const scenario of SCENARIOS) {
  await using folder = await asFiles(scenario.files ?? {});
  google = fakeGoogle({ now: () => new Date() });
  const variables = folder.fill({ METADATA_SERVER_DETECTION: "none", ...scenario.env });
  const result = await withVariables(variables, async () => {
    // Without a project it would ask which one it is in.
    const projectId = "regauth-test";
    const auth = new GoogleAuth({ projectId, scopes: scenario.scopes ?? [CLOUD_PLATFORM] });
    return await auth.getAccessToken().then(
      (token) => ({ token: token ?? null }),
      (error) => ({ error: String(error) }),
    );
  });
  // deno-lint-ignore no-console -- that is how the test hears it
  console.log(JSON.stringify({ name: scenario.name, calls: google.calls, ...result }));
}
