import { assertEquals } from "@std/assert";
import { planLines } from "../../lib/cli/plan_view.ts";
import { makeStyle } from "../../lib/cli/style.ts";
import { Secret } from "../../lib/credential.ts";
import { memoryIo } from "../../lib/memory_io.ts";
import type { Change } from "../../lib/plan.ts";
import { previewPlan } from "../../lib/plan_preview.ts";

const credential = { username: "robot", password: new Secret("s3cret") };
const PLAN: readonly Change[] = [
  { kind: "secret", helper: "x", server: "reg.example", credential },
  { kind: "mark", path: "/home/me/c.json", key: "reg.example" },
];

async function lines(columns: number, unicode: boolean, plan = PLAN): Promise<readonly string[]> {
  const io = memoryIo({
    env: { HOME: "/home/me", PATH: "/usr/bin" },
    files: { "/home/me/c.json": '{"a":1,"b":2,"c":3,"auths":{"reg.example":{"auth":"eDp5"}}}' },
    programs: {
      "/usr/bin/docker-credential-x": () => ({ stdout: '{"Username":"old","Secret":"OLD"}' }),
    },
  });
  return planLines(io, await previewPlan({ io }, plan), {
    style: makeStyle(false, unicode),
    columns,
  });
}

Deno.test("planLines() shows files and helpers", async () => {
  assertEquals(await lines(80, true), [
    "  ~/c.json",
    "    …",
    '    "b": 2',
    '    "c": 3',
    '    "auths": {',
    '  -   "reg.example": { "auth": "x:‹secret›" }',
    '  +   "reg.example": {}',
    "    }",
    "  docker-credential-x",
    "  - reg.example: ‹secret›",
    "  + reg.example as robot: ‹secret, 6 characters›",
  ]);
});

Deno.test("58: planLines() has a twin in ASCII", async () => {
  const text = (await lines(80, false)).join("\n");
  // deno-lint-ignore no-control-regex
  assertEquals(/[^\x00-\x7f]/.test(text), false);
});

Deno.test("planLines() breaks long lines between words, below their mark", async () => {
  assertEquals((await lines(30, true)).slice(5, 8), [
    '  -   "reg.example": {',
    '  -     "auth": "x:‹secret›" }',
    '  +   "reg.example": {}',
  ]);
});

Deno.test("planLines() shows what a helper is to forget", async () => {
  const plan = [{ kind: "forget", helper: "x", server: "reg.example" }] as const;
  assertEquals(await lines(80, true, plan), ["  docker-credential-x", "  - reg.example as old"]);
});
