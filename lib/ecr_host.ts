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

/** What Amazon calls the parts of its cloud that know nothing of one another. */
export type Partition =
  | "aws"
  | "aws-cn"
  | "aws-us-gov"
  | "aws-eusc"
  | "aws-iso"
  | "aws-iso-b"
  | "aws-iso-e"
  | "aws-iso-f";

/** What the host of a registry says. */
export interface EcrHost {
  /** Account that the registry belongs to; absent for ECR Public. */
  readonly account?: string;
  /** Region where passwords for it are made. */
  readonly region: string;
  /** Partition of the region. */
  readonly partition: Partition;
}

/** The host of ECR Public. */
export const ECR_PUBLIC = "public.ecr.aws";

interface PartitionRule {
  readonly partition: Partition;
  /** How its regions begin. */
  readonly prefix: string;
  /** Domain of hosts with `dkr.ecr`. */
  readonly domain: string;
  /** Domain of hosts with `dkr-ecr`, which also have IPv6 addresses. */
  readonly dualStack?: string;
  /** Whether there are hosts with `-fips`. */
  readonly fips?: true;
}

/** The one that has all regions of other names, so that new ones are known at once. */
const WORLD: PartitionRule = {
  partition: "aws",
  prefix: "",
  domain: "amazonaws.com",
  dualStack: "on.aws",
  fips: true,
};

/** Sources: botocore `data/partitions.json`; amazon-ecr-credential-helper `ecr-login/api/client.go`. */
const PARTITIONS: readonly PartitionRule[] = [
  {
    partition: "aws-cn",
    prefix: "cn-",
    domain: "amazonaws.com.cn",
    dualStack: "on.amazonwebservices.com.cn",
  },
  {
    partition: "aws-us-gov",
    prefix: "us-gov-",
    domain: "amazonaws.com",
    dualStack: "on.aws",
    fips: true,
  },
  { partition: "aws-eusc", prefix: "eusc-", domain: "amazonaws.eu" },
  { partition: "aws-iso", prefix: "us-iso-", domain: "c2s.ic.gov" },
  { partition: "aws-iso-b", prefix: "us-isob-", domain: "sc2s.sgov.gov" },
  { partition: "aws-iso-e", prefix: "eu-isoe-", domain: "cloud.adc-e.uk" },
  { partition: "aws-iso-f", prefix: "us-isof-", domain: "csp.hci.ic.gov" },
];

/** The second one has IPv6 addresses too. */
const PUBLIC_HOSTS: readonly string[] = [ECR_PUBLIC, "ecr-public.aws.com"];

const PRIVATE_HOST = /^([0-9]{12})\.dkr([.-])ecr(-fips)?\.([^.]+)\.(.+)$/;

const REGION = /^(?=.{1,32}$)[a-z]{2,5}(?:-[a-z0-9]+){1,3}-[0-9]{1,2}$/;

/**
 * Reads the host of a registry.
 *
 * @param host The host as `normalizeHost()` gives it; a port and a dot at the end do not matter.
 * @returns What it says, or `undefined` if it is not one of ECR.
 */
export function parseEcrHost(host: string): EcrHost | undefined {
  const name = host.replace(/:[0-9]{1,5}$/, "").replace(/\.$/, "");
  if (PUBLIC_HOSTS.includes(name)) return { region: "us-east-1", partition: "aws" };
  const [, account = "", separator, fips, region = "", domain] = PRIVATE_HOST.exec(name) ?? [];
  if (!isAwsRegion(region)) return undefined;
  const rule = ruleOf(region);
  // Both upstream helpers know the dual-stack name in China, but spell it differently.
  const domains = separator === "."
    ? [rule.domain, ...rule.partition === "aws-cn" ? [rule.dualStack] : []]
    : [rule.dualStack];
  return domains.includes(domain) && (fips === undefined || rule.fips)
    ? { account, region, partition: rule.partition }
    : undefined;
}

/**
 * The host of an account's registry.
 *
 * @param account 12 digits.
 * @param region Such as `eu-central-1`.
 * @returns The host.
 */
export function ecrHost(account: string, region: string): string {
  return `${account}.dkr.ecr.${region}.${ruleOf(region).domain}`;
}

/**
 * Whether a text has the form of a region; new ones appear every year.
 *
 * @param text Any text.
 * @returns Whether it has.
 */
export function isAwsRegion(text: string): boolean {
  return REGION.test(text);
}

function ruleOf(region: string): PartitionRule {
  return PARTITIONS.find(({ prefix }) => region.startsWith(prefix)) ?? WORLD;
}
