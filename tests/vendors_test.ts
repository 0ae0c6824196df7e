import { assert, assertEquals } from "@std/assert";
import { vendorOf } from "../lib/vendors.ts";

const HOSTS: readonly (readonly [host: string, name: string | undefined])[] = [
  ["phx.ocir.io", "Oracle Cloud"],
  ["ocir.eu-frankfurt-1.oci.oraclecloud.com", "Oracle Cloud"],
  ["icr.io", "IBM Cloud"],
  ["de.icr.io", "IBM Cloud"],
  ["registry.digitalocean.com", "DigitalOcean"],
  ["rg.fr-par.scw.cloud", "Scaleway"],
  ["registry.cn-hangzhou.aliyuncs.com", "Alibaba Cloud"],
  ["registry-vpc.cn-hangzhou.aliyuncs.com", "Alibaba Cloud"],
  ["acme-registry.cn-hangzhou.cr.aliyuncs.com", "Alibaba Cloud"],
  ["docker.cloudsmith.io", "Cloudsmith"],
  ["registry.redhat.io", "Red Hat"],
  ["registry.connect.redhat.com", "Red Hat"],
  ["nvcr.io", "NVIDIA NGC"],
  ["cgr.dev", "Chainguard"],
  ["acme.cgr.dev", "Chainguard"],
  ["registry.heroku.com", "Heroku"],
  ["registry.access.redhat.com", undefined],
  ["nvcr.io.evil.example", undefined],
  ["evil-nvcr.io", undefined],
  ["xicr.io", undefined],
  ["cgr.dev.evil.example", undefined],
  ["registryXheroku.com", undefined],
  ["rg.fr-par.scw.cloud.evil.example", undefined],
  ["registry.evil.example.aliyuncs.com", undefined],
  ["nvcr.io:5000", undefined],
];

for (const [host, name] of HOSTS) {
  Deno.test(`vendorOf(${host}) is ${name ?? "nobody"}`, () => {
    assertEquals(vendorOf(host)?.name, name);
  });
}

Deno.test("vendors speak in whole sentences", () => {
  for (const [host] of HOSTS) {
    const vendor = vendorOf(host);
    if (!vendor) continue;
    for (const text of [vendor.login, vendor.rights.pull, vendor.rights.push]) {
      assert(/^[A-Z].*\.$/.test(text) && text.length <= 300 && !/\s\s/.test(text), text);
    }
    assertEquals(vendor.url === undefined || URL.canParse(vendor.url), true, vendor.name);
  }
});
