import { assertEquals, assertRejects } from "@std/assert";
import { readDisplaced } from "../lib/displaced_helpers.ts";
import { RegauthError } from "../lib/errors.ts";
import { namedHelper, nameHelper, unnameHelper } from "../lib/helper_install.ts";
import { type MemoryIo, memoryIo } from "../lib/memory_io.ts";

const path = "/home/me/.docker/config.json";
const place = { path, suffix: "regauth" };

function worldOf(text: string | undefined): MemoryIo {
  return memoryIo({ env: { HOME: "/home/me" }, files: text === undefined ? {} : { [path]: text } });
}

/** Config files whose bytes must be there again. */
const FILES: readonly (readonly [what: string, text: string | undefined])[] = [
  ["no file", undefined],
  ["an empty file", ""],
  ["blanks alone", " \n"],
  ["an empty object", "{}"],
  ["an empty object with blanks", "{ }\n"],
  ["Docker's layout", '{\n\t"auths": {\n\t\t"r.example": {\n\t\t\t"auth": "dTpw"\n\t\t}\n\t}\n}'],
  ["four blanks and CRLF", '{\r\n    "auths": {},\r\n    "x-mine": 1e400\r\n}\r\n'],
  ["one line", '{"auths":{},"credsStore":"desktop"}'],
  ["the store in the middle", '{ "credsStore" : "pass" , "auths": {} }'],
  ["an empty store", '{"credsStore":""}'],
  ["a store that is null", '{"credsStore":null}'],
  ["empty credHelpers", '{\n  "credHelpers": {}\n}\n'],
  ["credHelpers with blanks", '{"credHelpers": { }}'],
  ["credHelpers that are null", '{"credHelpers":null}'],
  ["other hosts", '{"credHelpers":{"gcr.io":"gcloud"},"credsStore":"pass"}'],
  ["the same host", '{"credHelpers":{"gcr.io":"gcloud","ghcr.io":"ghcr-login"}}'],
  ["the same host without helper", '{"credHelpers":{"ghcr.io":""}}'],
  ["fields in other case", '{"CredHelpers":{"gcr.io":"gcloud"},"CREDSSTORE":"pass"}'],
  ["escapes in the name of the store", '{"credsStore":"p\\u0061ss"}'],
  ["a byte-order mark", '\uFEFF{"auths":{}}'],
];

for (const [what, text] of FILES) {
  Deno.test(`unnameHelper() puts back every byte of ${what}`, async () => {
    for (const all of [true, false]) {
      for (const hosts of [[], ["ghcr.io"], ["ghcr.io", "docker.io", "R.example:5000"]]) {
        const io = worldOf(text);
        await nameHelper(io, { ...place, hosts, all });
        await unnameHelper(io, place);
        assertEquals(io.files.get(path)?.text, text, `${hosts} ${all}`);
        assertEquals(await readDisplaced(io, path), undefined);
      }
    }
  });

  Deno.test(`unnameHelper() puts back every byte of ${what} after several steps`, async () => {
    const io = worldOf(text);
    await nameHelper(io, { ...place, hosts: ["a.example"], all: false });
    await nameHelper(io, { ...place, hosts: ["ghcr.io"], all: true });
    await nameHelper(io, { ...place, hosts: ["ghcr.io", "b.example"], all: true });
    await unnameHelper(io, { ...place, hosts: ["a.example"] });
    await unnameHelper(io, place);
    assertEquals(io.files.get(path)?.text, text);
  });
}

Deno.test("nameHelper() changes nothing where it is named already", async () => {
  const io = worldOf("{}");
  const options = { ...place, hosts: ["ghcr.io"], all: true };
  const first = await nameHelper(io, options);
  const before = io.writes.length;
  assertEquals(await nameHelper(io, options), first);
  assertEquals(io.writes.length, before);
});

Deno.test("nameHelper() remembers what it displaced, and namedHelper() sees it", async () => {
  const io = worldOf('{"credsStore":"desktop","credHelpers":{"ghcr.io":"x","gcr.io":"gcloud"}}');
  await nameHelper(io, { ...place, hosts: ["ghcr.io", "docker.io"], all: true });
  assertEquals(await readDisplaced(io, path), {
    credsStore: "desktop",
    credHelpers: { "ghcr.io": "x", "https://index.docker.io/v1/": null, "docker.io": null },
  });
  assertEquals(await namedHelper(io, place), {
    keys: ["ghcr.io", "https://index.docker.io/v1/", "docker.io"],
    all: true,
  });
});

Deno.test("unnameHelper() leaves what others wrote in the meantime", async () => {
  const io = worldOf('{"credsStore":"pass"}');
  await nameHelper(io, { ...place, hosts: ["ghcr.io", "a.example"], all: true });
  // Docker sorts, and drops what it does not know.
  const docker = {
    auths: { "r.example": {} },
    credsStore: "regauth",
    credHelpers: { "a.example": "other", "ghcr.io": "regauth" },
  };
  await io.writePrivate(path, JSON.stringify(docker));
  assertEquals(await unnameHelper(io, place), true);
  assertEquals(
    io.files.get(path)?.text,
    '{"auths":{"r.example":{}},"credsStore":"pass","credHelpers":{"a.example":"other"}}',
  );
});

Deno.test("unnameHelper() removes what somebody else named, and is done where nothing is", async () => {
  const io = worldOf('{"credsStore":"regauth","credHelpers":{"ghcr.io":"regauth"}}');
  assertEquals(await unnameHelper(io, place), true);
  assertEquals(io.files.get(path)?.text, '{"credHelpers":{}}');
  assertEquals(await unnameHelper(io, place), false);
  assertEquals(await unnameHelper(worldOf(undefined), place), false);
});

Deno.test("unnameHelper() of one host keeps the others", async () => {
  const io = worldOf('{"credHelpers":{"ghcr.io":"x"}}');
  await nameHelper(io, { ...place, hosts: ["ghcr.io", "a.example"], all: true });
  await unnameHelper(io, { ...place, hosts: ["ghcr.io"] });
  assertEquals(JSON.parse(io.files.get(path)?.text ?? ""), {
    credHelpers: { "ghcr.io": "x", "a.example": "regauth" },
    credsStore: "regauth",
  });
});

Deno.test("nameHelper() leaves a broken config as it is", async () => {
  const io = worldOf('{"auths":');
  const options = { ...place, hosts: [], all: true };
  const error = await assertRejects(() => nameHelper(io, options), RegauthError);
  assertEquals([error.code, io.writes], ["config-syntax", []]);
});

Deno.test("what was displaced is remembered for several configs, and a damaged record is none", async () => {
  const io = worldOf('{"credsStore":"pass"}');
  const other = { path: "/other/config.json", suffix: "regauth" };
  await nameHelper(io, { ...place, hosts: [], all: true });
  await nameHelper(io, { ...other, hosts: [], all: true });
  await unnameHelper(io, other);
  assertEquals((await readDisplaced(io, path))?.credsStore, "pass");
  const record = "/home/me/.config/regauth/regauth-helper.json";
  await io.writePrivate(record, "{");
  assertEquals(await readDisplaced(io, path), undefined);
  await io.writePrivate(
    record,
    JSON.stringify({ files: { [path]: { credHelpers: [], whole: 1 } } }),
  );
  assertEquals(await readDisplaced(io, path), { credHelpers: {} });
});
