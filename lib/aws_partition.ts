/**
 * The partitions of AWS: parts of its cloud that know nothing of one another. A key of one is none in
 * another, and each has domains of its own.
 *
 * @example
 * ```ts
 * import { partitionOf } from "./aws_partition.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(partitionOf("eu-central-1").dnsSuffix, "amazonaws.com");
 * assertEquals(partitionOf("cn-north-1").dnsSuffix, "amazonaws.com.cn");
 * assertEquals(partitionOf("us-gov-west-1").name, "aws-us-gov");
 * ```
 *
 * @module
 */

/** Names of the partitions, as they stand in ARNs. */
export type PartitionName =
  | "aws"
  | "aws-cn"
  | "aws-us-gov"
  | "aws-eusc"
  | "aws-iso"
  | "aws-iso-b"
  | "aws-iso-e"
  | "aws-iso-f";

/** What is special about a partition. */
export interface Partition {
  /** Its name. */
  readonly name: PartitionName;
  /** How the names of its regions begin. */
  readonly prefix: string;
  /** Domain of its services. */
  readonly dnsSuffix: string;
  /** Domain of those services that have IPv6 addresses too. */
  readonly dualStackSuffix: string;
  /** Domain of container registries that have IPv6 addresses too. */
  readonly registryDualStackSuffix?: string;
  /** Whether there are container registries that keep to FIPS 140. */
  readonly fips?: true;
}

/** It has all regions that no other one claims, so that new ones are known at once. */
const WORLD: Partition = {
  name: "aws",
  prefix: "",
  dnsSuffix: "amazonaws.com",
  dualStackSuffix: "api.aws",
  registryDualStackSuffix: "on.aws",
  fips: true,
};

/** Sources: botocore `data/partitions.json`; amazon-ecr-credential-helper `ecr-login/api/client.go`. */
const PARTITIONS: readonly Partition[] = [
  {
    name: "aws-cn",
    prefix: "cn-",
    dnsSuffix: "amazonaws.com.cn",
    dualStackSuffix: "api.amazonwebservices.com.cn",
    registryDualStackSuffix: "on.amazonwebservices.com.cn",
  },
  { ...WORLD, name: "aws-us-gov", prefix: "us-gov-" },
  {
    name: "aws-eusc",
    prefix: "eusc-",
    dnsSuffix: "amazonaws.eu",
    dualStackSuffix: "api.amazonwebservices.eu",
  },
  {
    name: "aws-iso",
    prefix: "us-iso-",
    dnsSuffix: "c2s.ic.gov",
    dualStackSuffix: "api.aws.ic.gov",
  },
  {
    name: "aws-iso-b",
    prefix: "us-isob-",
    dnsSuffix: "sc2s.sgov.gov",
    dualStackSuffix: "api.aws.scloud",
  },
  {
    name: "aws-iso-e",
    prefix: "eu-isoe-",
    dnsSuffix: "cloud.adc-e.uk",
    dualStackSuffix: "api.cloud-aws.adc-e.uk",
  },
  {
    name: "aws-iso-f",
    prefix: "us-isof-",
    dnsSuffix: "csp.hci.ic.gov",
    dualStackSuffix: "api.aws.hci.ic.gov",
  },
];

/**
 * The partition that a region is in.
 *
 * @param region Name of a region, in lower case.
 * @returns The partition; `aws` for regions that are not known.
 */
export function partitionOf(region: string): Partition {
  return PARTITIONS.find(({ prefix }) => region.startsWith(prefix)) ?? WORLD;
}

/**
 * Whether a text has the form of a region; new ones appear every year.
 *
 * @param text Any text.
 * @returns Whether it has.
 */
export function isAwsRegion(text: string): boolean {
  return /^(?=.{1,32}$)[a-z]{2,5}(?:-[a-z0-9]+){1,3}-[0-9]{1,2}$/.test(text);
}
