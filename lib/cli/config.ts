/**
 * `regauth config`: look at regauth's own file and change it.
 *
 * @module
 */

import { recordChanges } from "../backup.ts";
import { setConfigValues, unsetConfig } from "../config_edit.ts";
import { configPath } from "../config_path.ts";
import { CONNECTION_RULES, FILE_RULES, KEYCHAINS, type Rules } from "../config_schema.ts";
import { RegauthError } from "../errors.ts";
import { type JsonValue, parseJson, valueOf } from "../json_tree.ts";
import { isJsonObject } from "../json_object.ts";
import { shortPath } from "../short_path.ts";
import type { Call, CommandSpec } from "./command.ts";
import { Exit } from "./exit.ts";
import { cleanText } from "./style.ts";

export const config: CommandSpec = {
  description: "A PATTERN is a host, or host and path, with * for any text between two dots; " +
    "without it the setting is for all. Only the values that are named are changed.",
  arguments: "<action:string> [words...:string]",
  examples: [
    ["Where secrets go", "regauth config set store=pass"],
    ["Who knows a registry", "regauth config set '*.azurecr.io' keychain=acr"],
    ["What is set for it", "regauth config get '*.azurecr.io'"],
    ["One value, then all of it", "regauth config unset '*.azurecr.io' keychain"],
    ["In your editor", "regauth config edit"],
    ["Where the file is", "regauth config path"],
  ],
  async run(call) {
    const [name = "", ...words] = call.args;
    const action = ACTIONS[name];
    if (action) return await action(call, words, requirePath(call));
    throw new RegauthError("usage", `Cannot "${cleanText(name, 80)}" the configuration`, {
      hint: `Name one of ${Object.keys(ACTIONS).join(", ")}.`,
    });
  },
};

type Action = (call: Call, words: readonly string[], path: string) => Promise<number>;

const ACTIONS: Readonly<Partial<Record<string, Action>>> = {
  get,
  set,
  unset,
  edit: async (call, _words, path) =>
    await (await import("./config_editor.ts")).editInEditor(call, path),
  path({ output }, _words, path) {
    if (output.json) output.document({ path });
    else output.result(path);
    return Promise.resolve(Exit.done);
  },
};

async function get({ io, output }: Call, words: readonly string[], path: string): Promise<number> {
  const text = (await io.readText(path) ?? "").replace(/^\uFEFF/, "");
  const root = text.trim() === "" ? {} : valueOf(parseJson(text, path));
  const keys = keysOf(words);
  const value = keys.reduce<JsonValue | undefined>(
    (object, key) => isJsonObject(object) && Object.hasOwn(object, key) ? object[key] : undefined,
    root,
  );
  if (value === undefined) {
    output.note(`${cleanText(words.join(" "), 200)}: not set.`);
    return Exit.failed;
  }
  if (output.json) output.document(value);
  else if (typeof value === "string") output.result(cleanText(value, 2_000));
  else output.result(JSON.stringify(value, undefined, 2));
  return Exit.done;
}

async function set(call: Call, words: readonly string[], path: string): Promise<number> {
  const { io, output, trace } = call;
  const pattern = words[0]?.includes("=") ? undefined : words[0];
  const pairs = pattern === undefined ? words : words.slice(1);
  if (pairs.length === 0) throw missing("NAME=VALUE", "regauth config set store=pass");
  const values = pairs.map((pair) => {
    const [, name, value] = /^([^=]+)=(.*)$/s.exec(pair) ?? [];
    if (name === undefined || value === undefined) {
      throw missing(`a value for "${cleanText(pair, 80)}"`, `${cleanText(pair, 80)}=VALUE`);
    }
    const keys = pattern === undefined ? [name] : ["registries", pattern, name];
    return [keys, typed(value, pattern === undefined ? FILE_RULES : ENTRY_RULES, name)] as const;
  });
  const recording = recordChanges(io, "config set", trace);
  return done(call, path, await setConfigValues(recording.io, values, { path }), output.json);
}

async function unset(call: Call, words: readonly string[], path: string): Promise<number> {
  if (words.length === 0) throw missing("what to remove", "regauth config unset store");
  const recording = recordChanges(call.io, "config unset", call.trace);
  const [first = "", ...names] = words;
  const keys = Object.hasOwn(FILE_RULES, first) && first !== "registries"
    ? words.map((name) => [name])
    : first === "registries" || names.length === 0
    ? [keysOf(words)]
    : names.map((name) => ["registries", first, name]);
  let changed = false;
  for (const key of keys) changed = await unsetConfig(recording.io, key, { path }) || changed;
  return done(call, path, changed, call.output.json);
}

function done({ io, output }: Call, path: string, changed: boolean, json: boolean): number {
  if (json) output.document({ path, changed });
  else if (changed) output.result(`Wrote ${shortPath(io, path)}.`);
  else output.note("Nothing was changed.");
  return Exit.done;
}

/** All options that any entry takes; which of them fit together is for the check to say. */
const ENTRY_RULES: Rules = Object.assign(
  { ...CONNECTION_RULES },
  ...Object.values(KEYCHAINS).map(({ options }) => options),
);

/** What the text stands for, by the kind of value that is wanted there. */
function typed(text: string, rules: Rules, name: string): JsonValue {
  const rule = Object.hasOwn(rules, name) ? rules[name] : undefined;
  if (rule?.type === "list") {
    return text.split(",").map((item) => item.trim()).filter((item) => item !== "");
  }
  if (rule?.type === "number" && /^\d{1,15}$/.test(text)) return Number(text);
  if (rule?.type === "boolean" && (text === "true" || text === "false")) return text === "true";
  return text;
}

/** Words that do not begin with the name of a setting begin with a pattern. */
function keysOf(words: readonly string[]): readonly string[] {
  const [first] = words;
  return first === undefined || Object.hasOwn(FILE_RULES, first) ? words : ["registries", ...words];
}

function requirePath({ io }: Call): string {
  const path = configPath(io);
  if (path !== undefined) return path;
  throw new RegauthError("config-io", "Cannot find the configuration: its folder is unknown", {
    hint: "Set HOME, or name the file in REGAUTH_CONFIG.",
  });
}

function missing(what: string, example: string): RegauthError {
  return new RegauthError("usage", `Missing: ${what}`, { hint: `Example: ${example}` });
}
