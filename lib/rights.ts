/**
 * What a credential may do with a repository, found out without changing anything in the registry.
 *
 * @example An image that everybody may pull
 * ```ts
 * import { memoryIo } from "./memory_io.ts";
 * import { registryClient } from "./registry_client.ts";
 * import { checkRights } from "./rights.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const io = memoryIo({ fetch: () => new Response("{}") });
 * const image = { registry: "reg.example", repository: "team/app", tag: "1" };
 * const { pull } = await checkRights(registryClient({ context: { io } }), image, undefined);
 * assertEquals(pull, "yes");
 * ```
 *
 * @module
 */

import { type Authorization, authorize, factsOf, isNobody, type Purpose } from "./authorize.ts";
import type { Credential } from "./credential.ts";
import { diagnose, type Diagnosis, RegistryError } from "./diagnosis.ts";
import type { Reference } from "./reference.ts";
import { ask, type Reply } from "./registry.ts";
import type { RegistryClient } from "./registry_client.ts";
import { refusalOf } from "./refusal.ts";
import type { Action } from "./scope.ts";
import { claimedActions, readClaims } from "./token_claims.ts";

/**
 * Whether something may be done. `claimed` is what the token says; only a registry that did it says
 * `yes`.
 */
export type Right = "yes" | "no" | "claimed" | "unknown";

/** What a credential may do. */
export interface Rights {
  /** Whether it may pull. */
  readonly pull: Right;
  /** Whether it may push, if that was asked. */
  readonly push?: Right;
  /** Whether it may delete, if that was asked. */
  readonly delete?: Right;
  /** Why pull, or else push, is not allowed. */
  readonly diagnosis?: Diagnosis;
  /** What else is worth knowing, as sentences. */
  readonly notes: readonly string[];
}

/** What is asked beside the right to pull. */
export interface RightsOptions {
  /** Whether the token claims the right to push. */
  readonly push?: boolean;
  /** Whether the token claims the right to delete. */
  readonly delete?: boolean;
  /**
   * Opens an upload and cancels it, which proves the right to push. Some registries create a missing
   * repository when they see that: `existing` tries it only where the repository is there, for
   * `always` the user must have said yes.
   */
  readonly tryUpload?: "existing" | "always";
}

const MANIFEST_TYPES = [
  "application/vnd.oci.image.index.v1+json",
  "application/vnd.oci.image.manifest.v1+json",
  "application/vnd.docker.distribution.manifest.list.v2+json",
  "application/vnd.docker.distribution.manifest.v2+json",
  "*/*",
].join(", ");

/** Statuses of a pull that may mean "go without this credential". */
const MAY_BE_BAD_LOGIN: readonly number[] = [401, 403, 404];

/** Milliseconds that the end of an upload may take. */
const CANCEL_LIMIT = 5000;

/**
 * Finds out what a credential may do with a repository.
 *
 * @param client How servers are reached, and what is known of them.
 * @param image Image or repository.
 * @param credential Who asks; nobody if absent.
 * @param options What is asked beside the right to pull.
 * @returns The rights. A refusal is a right of `no` with its diagnosis, not an error.
 * @throws {RegauthError} `network` if the registry could not be asked; `invalid-reference`,
 * `invalid-credential` and `incomplete-credential` before anything is sent.
 */
export async function checkRights(
  client: RegistryClient,
  image: Reference,
  credential: Credential | undefined,
  options: RightsOptions = {},
): Promise<Rights> {
  const purpose: Purpose = { target: image, credential, actions: ["pull"] };
  if (/[A-Z]/.test(image.repository)) {
    throw new RegistryError(diagnose("D-23", factsOf(purpose)));
  }
  const pull = await pullRight(client, image, purpose);
  const push = options.push || options.tryUpload
    ? await pushRight(client, image, purpose, pull, options.tryUpload)
    : undefined;
  const deletion = options.delete
    ? await deleteRight(client, { ...purpose, actions: ["pull", "delete"] })
    : undefined;
  const diagnosis = pull.diagnosis ?? push?.diagnosis;
  return {
    pull: pull.right,
    ...(push ? { push: push.right } : {}),
    ...(deletion ? { delete: deletion } : {}),
    ...(diagnosis ? { diagnosis } : {}),
    notes: [...pull.notes ?? [], ...push?.notes ?? []],
  };
}

interface Finding {
  readonly right: Right;
  readonly diagnosis?: Diagnosis;
  readonly notes?: readonly string[];
}

async function pullRight(
  client: RegistryClient,
  image: Reference,
  purpose: Purpose,
): Promise<Finding> {
  const result = await orRefusal(() => probe(client, image, purpose));
  const notes = "right" in result ? [] : notesOn(result.authorization, purpose);
  if ("answer" in result && result.answer.status === 200) {
    const missing = `${image.registry}/${image.repository} has no ${image.digest ?? image.tag}.`;
    return { right: "yes", notes: result.isTagMissing ? [...notes, missing] : notes };
  }
  const mayBeBadLogin = "right" in result ||
    (MAY_BE_BAD_LOGIN.includes(result.answer.status) && !result.authorization.withheld);
  if (mayBeBadLogin && await isPublic(client, image, purpose)) {
    return { right: "no", diagnosis: diagnose("D-18", factsOf(purpose)) };
  }
  if ("right" in result) return result;
  return { right: "no", notes, diagnosis: await refusalOf(client, purpose, result) };
}

/** A refusal as a finding; failures that say nothing about rights are thrown. */
async function orRefusal<T>(work: () => Promise<T>): Promise<T | Finding & { right: "no" }> {
  try {
    return await work();
  } catch (error) {
    const isRefusal = error instanceof RegistryError &&
      (error.code === "refused" || error.code === "no-credential");
    if (!isRefusal) throw error;
    return { right: "no", diagnosis: error.diagnosis };
  }
}

/** Asks for the manifest, which costs least, else for a tag. HEAD gives no reasons: GET does. */
async function probe(
  client: RegistryClient,
  image: Reference,
  purpose: Purpose,
): Promise<Reply & { isTagMissing?: boolean }> {
  const base = `/v2/${image.repository}`;
  const tags = { method: "GET", path: `${base}/tags/list?n=1` } as const;
  const reference = image.digest ?? image.tag;
  if (reference === undefined) return await ask(client, purpose, tags);

  const manifest = { path: `${base}/manifests/${reference}`, accept: MANIFEST_TYPES };
  const head = await ask(client, purpose, { ...manifest, method: "HEAD" });
  const { answer, authorization } = head;
  // Wrong passwords are not shown twice: servers lock out whoever does that.
  const isWrong = answer.status === 401 && authorization.way?.scheme === "basic";
  if (answer.status === 200 || isWrong) return head;
  const reply = await ask(client, purpose, { ...manifest, method: "GET" });
  if (reply.answer.status !== 404) return reply;
  const list = await ask(client, purpose, tags);
  return list.answer.status === 200 ? { ...list, isTagMissing: true } : reply;
}

/** Expired credentials are worse than none: many registries refuse them even for public images. */
async function isPublic(
  client: RegistryClient,
  image: Reference,
  purpose: Purpose,
): Promise<boolean> {
  if (isNobody(purpose.credential)) return false;
  try {
    const { answer } = await probe(client, image, { ...purpose, credential: undefined });
    return answer.status === 200;
  } catch (error) {
    if (error instanceof RegistryError) return false;
    throw error;
  }
}

async function pushRight(
  client: RegistryClient,
  image: Reference,
  { target, credential }: Purpose,
  pull: Finding,
  tryUpload: RightsOptions["tryUpload"],
): Promise<Finding> {
  const purpose: Purpose = { target, credential, actions: ["pull", "push"] };
  const mayUpload = tryUpload === "always" || (tryUpload === "existing" && pull.right === "yes");
  if (pull.right !== "yes") {
    if (pull.diagnosis?.id !== "D-19") return { right: "no" };
    // Quay creates a missing repository as soon as a token for a push is asked for.
    const note = `Asking for a push may create ${image.registry}/${image.repository}: not asked.`;
    if (!mayUpload) return { right: "unknown", notes: [note] };
  }
  const result = await orRefusal(async (): Promise<Finding> => {
    const authorization = await authorize(client, target, credential, purpose.actions);
    const claimed = claimedRight(authorization, purpose, "push");
    if (claimed === "no") return { right: "no", diagnosis: diagnose("D-21", factsOf(purpose)) };
    if (!mayUpload) return { right: claimed };
    if (claimed === "unknown") return await upload(client, image, purpose);
    // The distribution project's registry lets only those cancel who may delete (`handlers/app.go`).
    const whole: Purpose = { ...purpose, actions: ["pull", "push", "delete"] };
    if (await deleteRight(client, whole) === "claimed") return await upload(client, image, whole);
    const note = "No upload was tried: without the right to delete it could not be cancelled.";
    return { right: claimed, notes: [note] };
  });
  const { diagnosis } = result;
  const isLogin = diagnosis?.facts.step === "token" && diagnosis.id !== "D-10";
  return pull.right === "yes" && isLogin && !isNobody(credential)
    ? { right: "no", diagnosis: diagnose("D-21", diagnosis.facts) }
    : result;
}

/** Opens an upload and cancels it. */
async function upload(
  client: RegistryClient,
  image: Reference,
  purpose: Purpose,
): Promise<Finding> {
  const path = `/v2/${image.repository}/blobs/uploads/`;
  const reply = await ask(client, purpose, { method: "POST", path });
  const { answer, authorization } = reply;
  if (answer.status !== 202) throw new RegistryError(await refusalOf(client, purpose, reply));
  const location = URL.parse(answer.headers.get("location") ?? "", answer.url.href);
  // Another host would be shown the credential.
  const isCancelled = location?.origin === authorization.origin &&
    await cancel(client, purpose, location);
  const note = `${image.registry} did not cancel the upload that was tried; it will in time.`;
  return { right: "yes", ...(isCancelled ? {} : { notes: [note] }) };
}

async function cancel(client: RegistryClient, purpose: Purpose, { href }: URL): Promise<boolean> {
  try {
    const request = { method: "DELETE", path: href, timeout: CANCEL_LIMIT } as const;
    const { answer } = await ask(client, purpose, request);
    return answer.status < 300 || answer.status === 404;
  } catch (error) {
    if (!(error instanceof RegistryError)) throw error;
    return false;
  }
}

async function deleteRight(client: RegistryClient, purpose: Purpose): Promise<Right> {
  const { target, credential, actions } = purpose;
  try {
    const authorization = await authorize(client, target, credential, actions);
    return claimedRight(authorization, purpose, "delete");
  } catch (error) {
    // Quay refuses a scope that it does not know: that says nothing.
    if (error instanceof RegistryError && (error.diagnosis.facts.status ?? 500) < 500) {
      return "unknown";
    }
    throw error;
  }
}

function claimedRight({ token }: Authorization, purpose: Purpose, action: Action): Right {
  const { target, credential } = purpose;
  const text = token?.value ?? credential?.registryToken;
  const claims = text && readClaims(text);
  const actions = claims && claimedActions(claims, target.registry, target.repository ?? "");
  if (actions === undefined) return "unknown";
  return actions.includes(action) || actions.includes("*") ? "claimed" : "no";
}

function notesOn({ token, withheld }: Authorization, { credential }: Purpose): readonly string[] {
  const isStranger = !isNobody(credential) && !withheld && token &&
    readClaims(token.value)?.anonymous;
  return [
    ...(withheld ? [withheld.message] : []),
    ...(isStranger ? ["The token server does not know this login."] : []),
  ];
}
