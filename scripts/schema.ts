/**
 * Writes `regauth.schema.json`, the JSON Schema of regauth's own file for editors, from the tables
 * by which the program checks it.
 *
 * @module
 */

import {
  CONNECTION_RULES,
  FILE_RULES,
  KEYCHAIN_RULE,
  KEYCHAINS,
  type Rule,
  type Rules,
} from "../lib/config_schema.ts";

const FILE = new URL("../regauth.schema.json", import.meta.url);

/**
 * The JSON Schema as the file holds it. It is of draft 7, which every editor knows.
 *
 * @returns JSON text.
 */
export function schemaText(): string {
  const schema = {
    $schema: "http://json-schema.org/draft-07/schema#",
    title: "regauth",
    description: "Which keychain knows the credential of which container registry.",
    ...objectOf(FILE_RULES),
    definitions: {
      entry: { anyOf: [objectOf(CONNECTION_RULES), ...Object.keys(KEYCHAINS).map(entryOf)] },
    },
  };
  return `${JSON.stringify(schema, undefined, 2)}\n`;
}

/** One variant of an entry: its keychain decides which options there are. */
function entryOf(keychain: string): object {
  const { aliases = [], options } = KEYCHAINS[keychain] ?? { options: {} };
  const named: Rule = {
    type: "string",
    about: KEYCHAIN_RULE.about,
    values: [keychain, ...aliases],
  };
  return {
    ...objectOf({ keychain: named, ...CONNECTION_RULES, ...options }),
    required: ["keychain"],
  };
}

function objectOf(rules: Rules): object {
  const pairs = { clientCert: ["clientKey"], clientKey: ["clientCert"] };
  return {
    type: "object",
    properties: Object.fromEntries(
      Object.entries(rules).map(([key, rule]) => [key, valueOf(rule)]),
    ),
    ...("clientCert" in rules ? { dependencies: pairs } : {}),
    additionalProperties: false,
  };
}

function valueOf(rule: Rule): object {
  const description = rule.about;
  switch (rule.type) {
    case "boolean":
      return { description, type: "boolean" };
    case "number":
      return { description, type: "integer", minimum: rule.least, maximum: rule.most };
    case "string":
      return rule.values
        ? { description, enum: rule.values }
        : { description, type: "string", minLength: 1 };
    case "list":
      return { description, type: "array", items: { enum: rule.values } };
    case "registries":
      return {
        description,
        type: "object",
        additionalProperties: { $ref: "#/definitions/entry" },
      };
  }
}

if (import.meta.main) await Deno.writeTextFile(FILE, schemaText());
