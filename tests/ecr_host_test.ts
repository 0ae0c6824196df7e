import { assertEquals } from "@std/assert";
import { ecrHost, isAwsRegion, parseEcrHost, type Partition } from "../lib/ecr_host.ts";
import { normalizeHost } from "../lib/reference.ts";

const HOME = "123456789012.dkr.ecr.us-east-1.amazonaws.com";

/** What is written, and region and partition of the registry that is meant. */
const PRIVATE: readonly (readonly [text: string, region: string, partition: Partition])[] = [
  [HOME, "us-east-1", "aws"],
  [`${HOME}:443`, "us-east-1", "aws"],
  [`${HOME}:8443`, "us-east-1", "aws"],
  [`${HOME}.`, "us-east-1", "aws"],
  [`https://${HOME}/v2/blah`, "us-east-1", "aws"],
  [`HTTPS://${HOME}`, "us-east-1", "aws"],
  ["123456789012.DKR.ECR.US-EAST-1.AMAZONAWS.COM", "us-east-1", "aws"],
  ["123456789012.dkr.ecr-fips.us-east-2.amazonaws.com", "us-east-2", "aws"],
  ["123456789012.dkr-ecr.us-west-2.on.aws", "us-west-2", "aws"],
  ["123456789012.dkr-ecr-fips.us-gov-east-1.on.aws", "us-gov-east-1", "aws-us-gov"],
  ["123456789012.dkr.ecr-fips.us-gov-west-1.amazonaws.com", "us-gov-west-1", "aws-us-gov"],
  ["123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn", "cn-north-1", "aws-cn"],
  ["123456789012.dkr-ecr.cn-north-1.on.amazonwebservices.com.cn", "cn-north-1", "aws-cn"],
  ["123456789012.dkr.ecr.cn-north-1.on.amazonwebservices.com.cn", "cn-north-1", "aws-cn"],
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
  `${HOME}:bad`,
  `${HOME}:123456`,
];

for (const [text, region, partition] of PRIVATE) {
  Deno.test(`parseEcrHost() reads ${text}`, () => {
    const expected = { account: "123456789012", region, partition };
    assertEquals(parseEcrHost(normalizeHost(text)), expected);
  });
}

for (const text of PUBLIC) {
  Deno.test(`parseEcrHost() knows ${text} as ECR Public`, () => {
    const expected = { region: "us-east-1", partition: "aws" };
    assertEquals(parseEcrHost(normalizeHost(text)), expected);
  });
}

for (const text of FOREIGN) {
  Deno.test(`parseEcrHost() leaves ${JSON.stringify(text)} alone`, () => {
    assertEquals(parseEcrHost(normalizeHost(text)), undefined);
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

Deno.test("isAwsRegion() wants a number at the end, and no zone", () => {
  const right = ["eu-central-1", "us-gov-west-1", "ap-southeast-7", "us-isob-east-1"];
  const wrong = ["", "eu-central", "eu-central-1a", "eu_central_1", "Frankfurt", "EU-CENTRAL-1"];
  assertEquals(right.filter((text) => !isAwsRegion(text)), []);
  assertEquals(wrong.filter((text) => isAwsRegion(text)), []);
});
