/**
 * The keychain named `ecr`: passwords for Amazon ECR, made with the AWS keys that this machine has,
 * and remembered for half of their life.
 *
 * @example
 * ```ts
 * import { ecrKeychain } from "./ecr_keychain.ts";
 * import { memoryIo } from "../memory_io.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const io = memoryIo({
 *   env: { HOME: "/home/me", AWS_ACCESS_KEY_ID: "AKIDEXAMPLE", AWS_SECRET_ACCESS_KEY: "s3cret" },
 *   fetch: () =>
 *     Response.json({
 *       authorizationData: [{ authorizationToken: btoa("AWS:fake-password-1") }],
 *     }),
 * });
 * const registry = "123456789012.dkr.ecr.eu-west-1.amazonaws.com";
 * const found = await ecrKeychain().resolve({ registry }, { io });
 * assertEquals(found?.username, "AWS");
 * assertEquals(found?.detail, "AWS keys from the environment");
 * assertEquals(await ecrKeychain().resolve({ registry: "reg.example" }, { io }), undefined);
 * ```
 *
 * @module
 */

import { type Credential, Secret } from "../credential.ts";
import type { RegistryOptions } from "../config_schema.ts";
import { type EcrHost, parseEcrHost } from "../ecr_host.ts";
import type { EcrToken } from "../ecr_token.ts";
import { messageOf, RegauthError } from "../errors.ts";
import { findIdentity } from "../identity/aws/chain.ts";
import { checkedEndpoint, endpointOverride } from "../identity/aws/endpoint.ts";
import { type AwsIdentity, type AwsNotes, awsNotes } from "../identity/aws/keys.ts";
import { type Aws, type AwsOptions, openAws } from "../identity/aws/settings.ts";
import { digest } from "../identity/cached_token.ts";
import { type Memory, processMemory, type Remembered } from "../identity/memory.ts";
import type { Context } from "../io.ts";
import { parseObject } from "../json_object.ts";
import type { Keychain } from "../keychain.ts";
import { later } from "../later.ts";

const HERE = import.meta.url;

/** What the keychain is told, by the caller or an entry of regauth's own file. */
export interface EcrOptions extends AwsOptions {
  /** Where the service is, if not where the rules say. */
  readonly endpoint?: string;
}

/**
 * Reads what an entry of regauth's own file says.
 *
 * @param entry The entry.
 * @returns Profile, role and the like.
 */
export function ecrOptions(entry: RegistryOptions): EcrOptions {
  const { duration } = entry;
  const texts = ["profile", "roleArn", "externalId", "region", "endpoint"].flatMap((name) =>
    typeof entry[name] === "string" ? [[name, entry[name]]] : []
  );
  return {
    ...Object.fromEntries(texts),
    ...(typeof duration === "number" ? { duration } : {}),
  };
}

/** A login, and when it was made. */
interface Login extends EcrToken {
  readonly madeAt: Date;
}

/** A login in its last minutes may expire before it is used. */
const LAST_MINUTES = 300_000;

/**
 * Makes the keychain. It knows nothing of hosts that are not those of ECR; of ECR Public it knows
 * nothing either if there are no AWS keys, because anybody can pull from there.
 *
 * @param options Profile, role, endpoint.
 * @returns A keychain named `ecr`.
 */
export function ecrKeychain(options: EcrOptions = {}): Keychain {
  const notes = awsNotes();
  let memory = options.memory;
  const pending = new Map<string, Promise<Login>>();
  return {
    name: "ecr",
    async resolve({ registry }, context) {
      const host = parseEcrHost(registry);
      if (host === undefined) {
        context.trace?.(`${registry} is not known as a registry of ECR`);
        return undefined;
      }
      const found = await find(host, options, context, notes);
      if (found === undefined) return undefined;
      const { aws, identity, endpoint } = found;
      const id = [
        "ecr",
        host.partition,
        host.region,
        host.account === undefined ? "public" : "private",
        endpoint?.href ?? "",
        ...identity.id,
      ];
      const key = await digest(id);
      const request = pending.get(key) ??
        loginOf({ aws, host, identity, endpoint }, key, memory ??= processMemory(context.io.now))
          .finally(() => pending.delete(key));
      pending.set(key, request);
      return credentialOf(await request, identity);
    },
  };
}

/** Who asks where. */
interface Question {
  readonly aws: Aws;
  readonly host: EcrHost;
  readonly identity: AwsIdentity;
  readonly endpoint: URL | undefined;
}

async function find(
  host: EcrHost,
  options: EcrOptions,
  context: Context,
  notes: AwsNotes,
): Promise<Omit<Question, "host"> | undefined> {
  const aws = await openAws(context, options, notes);
  const endpoint = options.endpoint === undefined
    ? endpointOverride(aws, host.account === undefined ? "ECR PUBLIC" : "ECR")
    : checkedEndpoint(options.endpoint, "endpoint");
  try {
    return { aws, identity: await findIdentity(aws, host.region), endpoint };
  } catch (error) {
    const isOpen = host.account === undefined;
    if (!isOpen || !(error instanceof RegauthError) || error.code !== "no-credential") throw error;
    context.trace?.("ECR Public can be read without a login");
    return undefined;
  }
}

/** A remembered login until half of its life is over; then a new one, if there is one to be had. */
async function loginOf(question: Question, key: string, memory: Memory): Promise<Login> {
  const { io, trace } = question.aws.context;
  if (io.env("AWS_ECR_DISABLE_CACHE")) return await fetchLogin(question);
  const known = await recall(memory, key);
  if (known && isYoung(known, io.now())) {
    trace?.("The login is a remembered one");
    return known;
  }
  const renew = async (): Promise<Login> => {
    // Whoever had the lock before may have got one.
    const newer = await recall(memory, key);
    if (newer && isYoung(newer, io.now())) return newer;
    try {
      const login = await fetchLogin(question);
      await remember(memory, key, login, io.now());
      return login;
    } catch (error) {
      const left = (newer?.expiresAt?.getTime() ?? 0) - io.now().getTime();
      const aborted = error instanceof RegauthError && error.code === "aborted";
      if (newer === undefined || left <= LAST_MINUTES || aborted) throw error;
      trace?.(`An older login serves, because there is no new one: ${messageOf(error)}`);
      return newer;
    }
  };
  return await (memory.exclusively?.(key, renew) ?? renew());
}

async function fetchLogin({ aws, host, identity, endpoint }: Question): Promise<Login> {
  const { context: { io }, warn } = aws;
  const { getEcrToken } = await later<typeof import("../ecr_token.ts")>("../ecr_token.ts", HERE);
  const token = await getEcrToken(aws, host, identity, endpoint);
  const madeAt = io.now();
  if (token.expiresAt && token.expiresAt <= madeAt) {
    warn("The login to ECR has expired already, by the clock of this machine: check the clock");
  }
  return { ...token, madeAt };
}

async function recall(memory: Memory, key: string): Promise<Login | undefined> {
  const known: Remembered | undefined = await memory.get(key);
  const { username, password, madeAt } = parseObject(known?.value ?? "") ?? {};
  return known && typeof username === "string" && typeof password === "string" &&
      typeof madeAt === "number"
    ? {
      username,
      password: new Secret(password),
      expiresAt: known.expiresAt,
      madeAt: new Date(madeAt),
    }
    : undefined;
}

async function remember(memory: Memory, key: string, login: Login, now: Date): Promise<void> {
  const { username, password, expiresAt, madeAt } = login;
  if (expiresAt === undefined || expiresAt <= now) return;
  const value = { username, password: password.reveal(), madeAt: madeAt.getTime() };
  await memory.put(key, JSON.stringify(value), expiresAt);
}

function isYoung({ madeAt, expiresAt }: Login, now: Date): boolean {
  if (expiresAt === undefined || now < madeAt) return false;
  return now.getTime() < (madeAt.getTime() + expiresAt.getTime()) / 2;
}

function credentialOf({ username, password, expiresAt }: Login, identity: AwsIdentity): Credential {
  return {
    username,
    password,
    detail: `AWS keys from ${identity.source}`,
    ...(expiresAt === undefined ? {} : { expiresAt }),
  };
}
