/**
 * Hosts of Amazon ECR. A password for one of them is good for all that its owner may use, so a host
 * counts only if every part of it fits: lookalikes, and regions under the domain of another partition,
 * are nobody's.
 *
 * @example What a host says
 * ```ts
 * import { ecrHost, parseEcrHost } from "./ecr_host.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const host = "123456789012.dkr.ecr.eu-central-1.amazonaws.com";
 * assertEquals(parseEcrHost(host), {
 *   account: "123456789012",
 *   region: "eu-central-1",
 *   partition: "aws",
 * });
 * assertEquals(parseEcrHost(`${host}.evil.example`), undefined);
 * assertEquals(ecrHost("123456789012", "eu-central-1"), host);
 * ```
 *
 * @module
 */

import { isAwsRegion, type PartitionName, partitionOf } from "./aws_partition.ts";

/** What the host of a registry says. */
export interface EcrHost {
  /** Account that the registry belongs to; absent for ECR Public. */
  readonly account?: string;
  /** Region where passwords for it are made. */
  readonly region: string;
  /** Partition of the region. */
  readonly partition: PartitionName;
  /** Whether the host keeps to FIPS 140. */
  readonly fips?: true;
  /** Whether the host has IPv6 addresses too. */
  readonly dualStack?: true;
}

/** The host of ECR Public. */
export const ECR_PUBLIC = "public.ecr.aws";

/** The host of ECR Public that has IPv6 addresses too. */
const PUBLIC_DUAL_STACK = "ecr-public.aws.com";

const PRIVATE_HOST = /^([0-9]{12})\.dkr([.-])ecr(-fips)?\.([^.]+)\.(.+)$/;

/**
 * Reads the host of a registry, as a client wrote it. The text is looked at before anything rewrites
 * it: URL parsers make other hosts of full-width letters, backslashes and percent signs.
 *
 * @param text A host, or a URL that is no plain http; port, path and a dot at the end of the name do
 * not matter.
 * @returns What it says, or `undefined` if it is not one of ECR.
 */
export function parseEcrHost(text: string): EcrHost | undefined {
  const [, written, port = "443"] =
    /^(?:https:\/\/)?([a-z0-9.-]+)(?::([0-9]{1,5}))?(?:\/[\x21-\x7e]*)?$/i.exec(text) ?? [];
  if (written === undefined || Number(port) < 1 || Number(port) > 65_535) return undefined;
  const name = written.toLowerCase().replace(/\.$/, "");
  if (name === ECR_PUBLIC) return { region: "us-east-1", partition: "aws" };
  if (name === PUBLIC_DUAL_STACK) return { region: "us-east-1", partition: "aws", dualStack: true };
  const [, account = "", separator, fips, region = "", domain] = PRIVATE_HOST.exec(name) ?? [];
  if (!isAwsRegion(region)) return undefined;
  const partition = partitionOf(region);
  const dualStack = domain === partition.registryDualStackSuffix;
  // Both upstream helpers know the dual-stack name in China, but spell it differently.
  const separators = dualStack ? partition.name === "aws-cn" ? "-." : "-" : ".";
  if (!dualStack && domain !== partition.dnsSuffix) return undefined;
  if (separator === undefined || !separators.includes(separator)) return undefined;
  if (fips !== undefined && !partition.fips) return undefined;
  return {
    account,
    region,
    partition: partition.name,
    ...(fips === undefined ? {} : { fips: true }),
    ...(dualStack ? { dualStack } : {}),
  };
}

/**
 * The host of an account's registry.
 *
 * @param account 12 digits.
 * @param region Such as `eu-central-1`.
 * @returns The host.
 */
export function ecrHost(account: string, region: string): string {
  return `${account}.dkr.ecr.${region}.${partitionOf(region).dnsSuffix}`;
}
