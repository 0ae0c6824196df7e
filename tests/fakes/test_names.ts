/**
 * Prints the names of the tests in files, without running them: `test_names.ts FILE…`.
 *
 * @module
 */

/** What `Deno.test` takes: a name first, or an object that has one. */
type Registered = string | { readonly name?: string };

const names: string[] = [];
Object.defineProperty(Deno, "test", {
  value: (test: Registered) => {
    names.push((typeof test === "string" ? test : test.name) ?? "");
  },
});
const lines: string[] = [];
for (const file of Deno.args) {
  await import(new URL(`../${file}`, import.meta.url).href);
  // A program that is not installed does not make another test of it.
  const found = names.splice(0).map((name) => name.replace(/ \(skipped: .*\)$/, ""));
  lines.push(JSON.stringify([file, found]));
}
Deno.stdout.writeSync(new TextEncoder().encode(`${lines.join("\n")}\n`));
Deno.exit(0);
