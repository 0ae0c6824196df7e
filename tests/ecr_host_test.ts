import { assertEquals } from "@std/assert";
import { isAwsRegion, type PartitionName, partitionOf } from "../lib/aws_partition.ts";
import { type EcrHost, ecrHost, parseEcrHost } from "../lib/ecr_host.ts";
import { normalizeHost } from "../lib/reference.ts";

const HOME = "123456789012.dkr.ecr.us-east-1.amazonaws.com";

type Row = readonly [
  text: string,
  region: string,
  partition: PartitionName,
  more?: Partial<EcrHost>,
];

/** What is written, and region and partition of the registry that is meant. */
const PRIVATE: readonly Row[] = [
  [HOME, "us-east-1", "aws"],
  [`${HOME}:443`, "us-east-1", "aws"],
  [`${HOME}:8443`, "us-east-1", "aws"],
  [`${HOME}.`, "us-east-1", "aws"],
  [`${HOME}.:65535/`, "us-east-1", "aws"],
  [`https://${HOME}/v2/blah`, "us-east-1", "aws"],
  [`HTTPS://${HOME}`, "us-east-1", "aws"],
  ["123456789012.DKR.ECR.US-EAST-1.AMAZONAWS.COM", "us-east-1", "aws"],
  ["123456789012.dkr.ecr-fips.us-east-2.amazonaws.com", "us-east-2", "aws", { fips: true }],
  ["123456789012.dkr-ecr.us-west-2.on.aws", "us-west-2", "aws", { dualStack: true }],
  ["123456789012.dkr-ecr-fips.us-gov-east-1.on.aws", "us-gov-east-1", "aws-us-gov", {
    fips: true,
    dualStack: true,
  }],
  ["123456789012.dkr.ecr-fips.us-gov-west-1.amazonaws.com", "us-gov-west-1", "aws-us-gov", {
    fips: true,
  }],
  ["123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn", "cn-north-1", "aws-cn"],
  ["123456789012.dkr-ecr.cn-north-1.on.amazonwebservices.com.cn", "cn-north-1", "aws-cn", {
    dualStack: true,
  }],
  ["123456789012.dkr.ecr.cn-north-1.on.amazonwebservices.com.cn", "cn-north-1", "aws-cn", {
    dualStack: true,
  }],
  ["123456789012.dkr.ecr.eusc-de-east-1.amazonaws.eu", "eusc-de-east-1", "aws-eusc"],
  ["123456789012.dkr.ecr.us-iso-east-1.c2s.ic.gov", "us-iso-east-1", "aws-iso"],
  ["123456789012.dkr.ecr.us-isob-east-1.sc2s.sgov.gov", "us-isob-east-1", "aws-iso-b"],
  ["123456789012.dkr.ecr.eu-isoe-west-1.cloud.adc-e.uk", "eu-isoe-west-1", "aws-iso-e"],
  ["123456789012.dkr.ecr.us-isof-south-1.csp.hci.ic.gov", "us-isof-south-1", "aws-iso-f"],
  ["123456789012.dkr.ecr.xy-newland-1.amazonaws.com", "xy-newland-1", "aws"],
];

const PUBLIC = [
  "public.ecr.aws",
  "https://public.ecr.aws/amazonlinux",
  "public.ecr.aws:443",
  "PUBLIC.ECR.AWS",
  "public.ecr.aws.",
  "ecr-public.aws.com/docker/library/node",
];

const FOREIGN = [
  "",
  "[::1]:5000",
  "12345678901.dkr.ecr.us-east-1.amazonaws.com",
  "1234567890123.dkr.ecr.us-east-1.amazonaws.com",
  "12345678901A.dkr.ecr.us-east-1.amazonaws.com",
  "١٢٣٤٥٦٧٨٩٠١٢.dkr.ecr.us-east-1.amazonaws.com",
  "123456789012.dkr.ecr.us-east-1.amazonaws。com",
  "123456789012.dkr.ecr.us-west-2.amazonaws.com.fake.example.com",
  "210987654321.dkr.ecr.cn-north-1.on.aws.com.cn",
  "public.ecr.aws.fake.example.com",
  "x.public.ecr.aws",
  `${HOME}@evil.example`,
  `https://${HOME}@evil.example/`,
  `https://user:pw@${HOME}`,
  `${HOME}#.evil.example`,
  `${HOME}?x=.evil`,
  `${HOME}\\.evil.example`,
  "123456789012.dkr.ecr.us-east-1.amazonaws.com%2eevil.example",
  "123456789012.dkr.ecr.us-east-1xamazonaws.com",
  "123456789012xdkr.ecr.us-east-1.amazonaws.com",
  "123456789012.dkr.ecr.us-east-1.amazonaws.com.cn",
  "123456789012.dkr.ecr.cn-north-1.amazonaws.com",
  "123456789012.dkr.ecr.us-east-1.amazonaws.eu",
  "123456789012.dkr.ecr.us-east-1.on.aws",
  "123456789012.dkr-ecr.us-east-1.amazonaws.com",
  "123456789012.dkr.ecr-fips.cn-north-1.amazonaws.com.cn",
  "123456789012.dkr.ecr.us-isob-east-1.c2s.ic.gov",
  "123456789012.dkr.ecr.a_b.amazonaws.com",
  "123456789012.dkr.ecr.us-east-1-.amazonaws.com",
  "123456789012.dkr.ecr.us-east-1a.amazonaws.com",
  "123456789012.dkr.ecr..amazonaws.com",
  `123456789012.dkr.ecr.us-${"a".repeat(30)}-1.amazonaws.com`,
  "api.ecr.us-east-1.amazonaws.com",
  "gallery.ecr.aws",
  "123456789012.dkr.ecr.cn-north-1.on.amazonaws.com.cn",
  "123456789012.dkr-ecr.eusc-de-east-1.on.amazonwebservices.eu",
  "１２３４５６７８９０１２.dkr.ecr.us-east-1.amazonaws.com",
  `${HOME.replace("dkr", "d\tkr")}`,
  `${HOME}..`,
  `${HOME}:0`,
  `${HOME}:65536`,
  `${HOME}:bad`,
  `${HOME}:123456`,
];

for (const [text, region, partition, more] of PRIVATE) {
  Deno.test(`parseEcrHost() reads ${text}`, () => {
    const expected = { account: "123456789012", region, partition, ...more };
    assertEquals(parseEcrHost(text), expected);
    assertEquals(parseEcrHost(normalizeHost(text)), expected);
  });
}

for (const text of PUBLIC) {
  Deno.test(`parseEcrHost() knows ${text} as ECR Public`, () => {
    const { dualStack, ...expected } = parseEcrHost(text) ?? {};
    assertEquals(expected, { region: "us-east-1", partition: "aws" });
    assertEquals(dualStack ?? false, text.startsWith("ecr-public"));
    assertEquals(parseEcrHost(normalizeHost(text)), parseEcrHost(text));
  });
}

for (const text of FOREIGN) {
  Deno.test(`parseEcrHost() leaves ${JSON.stringify(text)} alone`, () => {
    assertEquals(parseEcrHost(text), undefined);
    assertEquals(parseEcrHost(normalizeHost(text)), undefined);
  });
}

/** What normalising takes off. */
for (const text of [`http://${HOME}`, ` ${HOME}`, `${HOME}\n`, `docker://${HOME}`, `${HOME}/a b`]) {
  Deno.test(`parseEcrHost() leaves ${JSON.stringify(text)} alone`, () => {
    assertEquals(parseEcrHost(text), undefined);
  });
}

Deno.test("ecrHost() makes the host of every partition", () => {
  const plain = PRIVATE.filter(([text]) =>
    text === text.toLowerCase() && /^\d+\.dkr\.ecr\./.test(text) && !/[:]|\.$|\.on\./.test(text)
  );
  assertEquals(plain.length, 8);
  assertEquals(
    plain.map(([, region]) => ecrHost("123456789012", region)),
    plain.map(([text]) => text),
  );
});

Deno.test("partitionOf() knows the domains of every partition", () => {
  assertEquals(PRIVATE.filter(([_, region, name]) => partitionOf(region).name !== name), []);
  assertEquals(partitionOf("eu-isoe-west-1").dualStackSuffix, "api.cloud-aws.adc-e.uk");
});

Deno.test("isAwsRegion() wants a number at the end, and no zone", () => {
  const right = ["eu-central-1", "us-gov-west-1", "ap-southeast-7", "us-isob-east-1"];
  const wrong = ["", "eu-central", "eu-central-1a", "eu_central_1", "Frankfurt", "EU-CENTRAL-1"];
  assertEquals(right.filter((text) => !isAwsRegion(text)), []);
  assertEquals(wrong.filter((text) => isAwsRegion(text)), []);
});
