/**
 * Where the services of AWS are: by rule, or where the user says.
 *
 * @example
 * ```ts
 * import { endpointOverride, serviceUrl } from "./endpoint.ts";
 * import { openAws } from "./settings.ts";
 * import { memoryIo } from "../../memory_io.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const aws = await openAws({
 *   io: memoryIo({ env: { AWS_ENDPOINT_URL_STS: "http://127.0.0.1:4566" } }),
 * });
 * assertEquals(endpointOverride(aws, "STS")?.href, "http://127.0.0.1:4566/");
 * assertEquals(endpointOverride(aws, "ECR"), undefined);
 * assertEquals(serviceUrl(aws, "SSO", "portal.sso", "eu-west-1").host, "portal.sso.eu-west-1.amazonaws.com");
 * ```
 *
 * @module
 */

import { isAwsRegion, partitionOf } from "../../aws_partition.ts";
import { RegauthError } from "../../errors.ts";
import { isLoopbackHost } from "../../reference.ts";
import { type Aws, settingOf, switchOf, variable } from "./settings.ts";

/** The services that are asked. */
export type ServiceId = "ECR" | "ECR PUBLIC" | "SIGNIN" | "SSO" | "SSO OIDC" | "STS";

/** Which kind of endpoints the user wants. */
export interface EndpointVariant {
  /** Those that keep to FIPS 140. */
  readonly fips: boolean;
  /** Those that have IPv6 addresses too. */
  readonly dualStack: boolean;
}

/**
 * Which kind of endpoints variables and profile ask for.
 *
 * @param aws The settings.
 * @returns The kind.
 * @throws {RegauthError} `invalid-environment` or `config-type` if a switch is neither true nor false.
 */
export function endpointVariant(aws: Aws): EndpointVariant {
  return {
    fips: switchOf(aws, "AWS_USE_FIPS_ENDPOINT", "use_fips_endpoint"),
    dualStack: switchOf(aws, "AWS_USE_DUALSTACK_ENDPOINT", "use_dualstack_endpoint"),
  };
}

/**
 * Where the user says that a service is (AWS SDKs and Tools Reference Guide, "Service-specific
 * endpoints").
 *
 * @param aws The settings.
 * @param service The service.
 * @returns The URL, or `undefined` if it is where the rules say.
 * @throws {RegauthError} `invalid-environment` or `config-type` if it is no URL, not encrypted, or
 * contradicts a switch for another kind of endpoints.
 */
export function endpointOverride(aws: Aws, service: ServiceId): URL | undefined {
  const { files, profile, context: { io } } = aws;
  const ignored = settingOf(
    aws,
    "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
    "ignore_configured_endpoint_urls",
  );
  if (ignored?.toLowerCase() === "true") return undefined;
  const id = service.replace(" ", "_");
  const services = files.services.get(profile?.values.get("services") ?? "");
  const places: readonly (readonly [subject: string, value: string | undefined])[] = [
    [`AWS_ENDPOINT_URL_${id}`, variable(io, `AWS_ENDPOINT_URL_${id}`)],
    ["AWS_ENDPOINT_URL", variable(io, "AWS_ENDPOINT_URL")],
    ["endpoint_url", services?.blocks.get(id.toLowerCase())?.get("endpoint_url")],
    ["endpoint_url", profile?.values.get("endpoint_url")],
  ];
  const [subject, value] = places.find(([_, value]) => value !== undefined) ?? [];
  if (subject === undefined || value === undefined) return undefined;
  const url = checkedEndpoint(value, subject);
  const { fips, dualStack } = endpointVariant(aws);
  if (!fips && !dualStack) return url;
  const kind = fips ? "FIPS" : "dual-stack";
  throw endpointError(
    subject,
    `${kind} endpoints are wanted too, and nobody knows whether it is one`,
    `Remove it, or the setting that asks for ${kind} endpoints.`,
  );
}

/**
 * Reads the URL of an endpoint.
 *
 * @param text The URL.
 * @param subject What holds it.
 * @returns The URL.
 * @throws {RegauthError} `invalid-environment` or `config-type`
 */
export function checkedEndpoint(text: string, subject: string): URL {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol) || url.username || url.password) {
    throw endpointError(subject, "it is no URL", "Write it as https://HOST.");
  }
  if (url.protocol === "http:" && !isLoopbackHost(url.host)) {
    throw endpointError(
      subject,
      `${url.host} would see credentials unencrypted`,
      "Write https: in place of http:; plain HTTP is for this machine alone.",
    );
  }
  return url;
}

/**
 * Where a service is.
 *
 * @param aws The settings.
 * @param service The service, as overrides name it.
 * @param name How its host begins.
 * @param region Region.
 * @returns Its URL.
 * @throws {RegauthError} As {@linkcode endpointOverride}; `config-type` if the region is none.
 */
export function serviceUrl(aws: Aws, service: ServiceId, name: string, region: string): URL {
  const override = endpointOverride(aws, service);
  if (override) return override;
  if (!isAwsRegion(region)) {
    throw new RegauthError("config-type", `Cannot use the region "${region}": it is none of AWS`, {
      subject: region,
      hint: "A region is written like eu-central-1.",
    });
  }
  const { fips, dualStack } = endpointVariant(aws);
  const partition = partitionOf(region);
  // All endpoints of GovCloud keep to it, under their plain names.
  const suffix = fips && partition.name !== "aws-us-gov" ? "-fips" : "";
  const domain = dualStack ? partition.dualStackSuffix : partition.dnsSuffix;
  return new URL(`https://${name}${suffix}.${region}.${domain}/`);
}

/**
 * A place below an endpoint; the endpoint may have a path of its own.
 *
 * @param endpoint The endpoint.
 * @param path Path below it, with a slash at its start.
 * @returns The URL.
 */
export function below(endpoint: URL, path: string): URL {
  return new URL(endpoint.pathname.replace(/\/$/, "") + path, endpoint);
}

function endpointError(subject: string, why: string, hint: string): RegauthError {
  const code = subject.startsWith("AWS_") ? "invalid-environment" : "config-type";
  return new RegauthError(code, `Cannot use the endpoint of ${subject}: ${why}`, { subject, hint });
}
