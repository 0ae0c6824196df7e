/**
 * The table of commands: each is loaded when it is called.
 *
 * @module
 */

import type { CommandSpec } from "./command.ts";

/** A command that is not loaded yet. */
export interface CommandEntry {
  readonly name: string;
  /** One line for the list of commands. */
  readonly summary: string;
  load(): Promise<CommandSpec>;
}

/** All commands, in the order of the help text. */
export const COMMANDS: readonly CommandEntry[] = [
  {
    name: "setup",
    summary: "Set up a registry, step by step.",
    load: async () => (await import("./setup.ts")).setup,
  },
  {
    name: "login",
    summary: "Check a credential against a registry and save it.",
    load: async () => (await import("./login.ts")).login,
  },
  {
    name: "logout",
    summary: "Remove the saved credential of a registry.",
    load: async () => (await import("./logout.ts")).logout,
  },
  {
    name: "undo",
    summary: "Put back what the last write changed.",
    load: async () => (await import("./undo.ts")).undoCommand,
  },
  {
    name: "resolve",
    summary: "Show the credential for images or hosts.",
    load: async () => (await import("./resolve.ts")).resolveCommand,
  },
  {
    name: "explain",
    summary: "Show what every keychain says of an image, and why.",
    load: async () => (await import("./explain.ts")).explainCommand,
  },
  {
    name: "check",
    summary: "Ask the registry whether the credential works, and for what.",
    load: async () => (await import("./check.ts")).check,
  },
  {
    name: "token",
    summary: "Print the bearer token for an image.",
    load: async () => (await import("./token.ts")).token,
  },
  {
    name: "policy",
    summary: "Print the least that an administrator has to allow.",
    load: async () => (await import("./policy.ts")).policy,
  },
  {
    name: "ls",
    summary: "List the credentials known on this machine.",
    load: async () => (await import("./ls.ts")).ls,
  },
  {
    name: "doctor",
    summary: "Look for what is wrong with the set-up, and mend it.",
    load: async () => (await import("./doctor.ts")).doctor,
  },
  {
    name: "config",
    summary: "Look at regauth's own file, and change it.",
    load: async () => (await import("./config.ts")).config,
  },
  {
    name: "helper",
    summary: "Become the credential helper of other tools, or cease to be it.",
    load: async () => (await import("./helper.ts")).helper,
  },
  {
    name: "completions",
    summary: "Print the completion script of a shell.",
    load: async () => (await import("./completions.ts")).completions,
  },
];
