import { assertEquals, assertStringIncludes } from "@std/assert";
import {
  pathOf,
  readSharedFiles,
  sharedFilePaths,
} from "../../../lib/identity/aws/shared_files.ts";
import { memoryIo, type MemoryIoOptions } from "../../../lib/memory_io.ts";

const HOME = "/home/me";

/** Profiles as `name: key=value …`, and what was heard. */
async function read(
  config: string,
  credentials = "",
  options: MemoryIoOptions = {},
): Promise<{ readonly profiles: Record<string, string>; readonly heard: string }> {
  const io = memoryIo({
    env: { HOME },
    files: { [`${HOME}/.aws/config`]: config, [`${HOME}/.aws/credentials`]: credentials },
    ...options,
  });
  const heard: string[] = [];
  const { profiles } = await readSharedFiles({ io, trace: (line) => heard.push(line) });
  return {
    profiles: Object.fromEntries(
      Array.from(profiles, ([name, { values }]) => [
        name,
        Array.from(values, ([key, value]) => `${key}=${value}`).join(" "),
      ]),
    ),
    heard: heard.join("\n"),
  };
}

for (
  const [what, config, credentials, profiles] of [
    ["both spellings of profiles", "[default]\na=1\n[profile p]\na=2", "", {
      default: "a=1",
      p: "a=2",
    }],
    ["names in quotes", "[profile \"my prof\"]\na=1\n[profile 'q']\na=2", "", {
      "my prof": "a=1",
      q: "a=2",
    }],
    ["blanks and tabs in section names", "[  profile   p  ]\na=1\n[profile\tq]\na=2", "", {
      p: "a=1",
      q: "a=2",
    }],
    ["names with marks and other letters", "[profile a.b/c@d+e:f]\na=1\n[profile übung]\na=2", "", {
      "a.b/c@d+e:f": "a=1",
      "übung": "a=2",
    }],
    ["no profile without a name", "[profile ]\na=1\n[profile]\nb=2", "", {}],
    ["[profile default] in place of [default]", "[profile default]\na=1\n[default]\nb=2", "", {
      default: "a=1",
    }],
    ["no section of another kind", "[preview]\na=1\n[prod]\na=2\n[sso-session s]\na=3", "", {}],
    ["a profile that is spelled twice", "[profile p]\na=1\nb=1\n[profile  p]\nb=2", "", {
      p: "a=1 b=2",
    }],
    ["the credentials file on top", "[profile p]\na=1\nb=1", "[p]\nb=2\nc=2", { p: "a=1 b=2 c=2" }],
    ["no word profile in the credentials file", "", "[profile p]\na=1\n[p]\nb=2", { p: "b=2" }],
    [
      "keys of one file as a whole",
      "[profile p]\naws_access_key_id=A\naws_secret_access_key=a\naws_session_token=t\nb=1",
      "[p]\naws_access_key_id=B\naws_secret_access_key=b",
      { p: "b=1 aws_access_key_id=B aws_secret_access_key=b" },
    ],
    [
      "keys of the config file beside settings of the other one",
      "[profile p]\naws_access_key_id=A\naws_secret_access_key=a",
      "[p]\nb=1",
      { p: "aws_access_key_id=A aws_secret_access_key=a b=1" },
    ],
  ] satisfies [string, string, string, Record<string, string>][]
) {
  Deno.test(`readSharedFiles() takes ${what}`, async () => {
    assertEquals((await read(config, credentials)).profiles, profiles);
  });
}

Deno.test("readSharedFiles() keeps sso-session and services apart", async () => {
  const text =
    "[sso-session s]\nsso_region=eu-west-1\n[services v]\necr =\n  endpoint_url = https://e\n";
  const io = memoryIo({ env: { HOME }, files: { [`${HOME}/.aws/config`]: text } });
  const { ssoSessions, services, misnamed } = await readSharedFiles({ io });
  assertEquals(ssoSessions.get("s")?.values.get("sso_region"), "eu-west-1");
  assertEquals(services.get("v")?.blocks.get("ecr")?.get("endpoint_url"), "https://e");
  assertEquals(misnamed, []);
});

Deno.test("readSharedFiles() says what is odd about the files, without their text", async () => {
  const { heard } = await read("[prod]\na=1\n[default]\ns3cret\nb=1\nb=2\n[s3cret#", "[default\n");
  assertStringIncludes(
    heard,
    'Section [prod] of /home/me/.aws/config is left out: it lacks the word "profile"',
  );
  assertStringIncludes(heard, "Line 4 of /home/me/.aws/config: it has no = or :");
  assertStringIncludes(heard, "Line 6 of");
  assertStringIncludes(heard, "Line 7 of");
  assertStringIncludes(heard, "Line 1 of /home/me/.aws/credentials");
  assertEquals(heard.includes("s3cret"), false);
});

Deno.test("readSharedFiles() takes a file that cannot be read for an empty one, and says so", async () => {
  const files = {
    [`${HOME}/.aws/config`]: { text: "[default]\na=1", mode: 0o200 },
    [`${HOME}/.aws/credentials`]: "[default]\nb=2",
  };
  const { profiles, heard } = await read("", "", { files });
  assertEquals(profiles, { default: "b=2" });
  assertStringIncludes(heard, "permission denied");
});

Deno.test("sharedFilePaths() follows variables and the home folder", () => {
  const paths = (env: Record<string, string>, platform: "linux" | "windows" = "linux"): unknown =>
    Object.values(sharedFilePaths(memoryIo({ env, platform })));
  assertEquals(paths({ HOME: "/h" }), ["/h/.aws/config", "/h/.aws/credentials"]);
  assertEquals(paths({ HOME: "/h", AWS_CONFIG_FILE: "~/c", AWS_SHARED_CREDENTIALS_FILE: "/x" }), [
    "/h/c",
    "/x",
  ]);
  assertEquals(paths({}), [undefined, undefined]);
  assertEquals(paths({ AWS_CONFIG_FILE: "/c" }), ["/c", undefined]);
  assertEquals(paths({ HOMEDRIVE: "C:", HOMEPATH: "\\Users\\me" }, "windows"), [
    "C:\\Users\\me\\.aws\\config",
    "C:\\Users\\me\\.aws\\credentials",
  ]);
  assertEquals(pathOf(memoryIo({ env: { HOME: "/h" } }), undefined, "a", "b"), "/h/.aws/a/b");
});
