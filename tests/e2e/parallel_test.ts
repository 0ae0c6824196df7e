import { assertEquals } from "@std/assert";
import { sandbox } from "../../scripts/sandbox.ts";

Deno.test("50 regauth logins at once lose no entry of the config file", async () => {
  await using regauth = await sandbox();
  const hosts = Array.from({ length: 50 }, (_, index) => `host-${index}.example.com`);
  const runs = await Promise.all(
    hosts.map((host) =>
      regauth.run(["login", host, "-u", "robot", "--password-stdin", "--no-verify"], {
        stdin: `secret of ${host}`,
      })
    ),
  );
  const failures = runs.filter(({ code }) => code !== 0).map(({ stderr }) => stderr);
  assertEquals([...new Set(failures)], []);
  const { auths } = JSON.parse(await Deno.readTextFile(`${regauth.home}/.docker/config.json`));
  const expected = hosts.map((host) => [host, { auth: btoa(`robot:secret of ${host}`) }]);
  assertEquals(new Map(Object.entries(auths)), new Map(expected as [string, unknown][]));
});
