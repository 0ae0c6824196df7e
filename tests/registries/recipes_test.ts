import { assert, assertEquals } from "@std/assert";
import { parseChallenges } from "../../lib/challenge.ts";
import type { Facts } from "../../lib/facts.ts";
import type { Question, Recipe, Way } from "../../lib/recipe.ts";
import { recipeFor, RECIPES } from "../../lib/registries/index.ts";
import { answersOf, machine } from "../fakes/recipe.ts";

/** Hosts of vendors, each with the recipe that must own it, alone. */
const OWNERS: readonly (readonly [host: string, recipe: string])[] = [
  ["index.docker.io", "dockerhub"],
  ["docker.io", "dockerhub"],
  ["registry-1.docker.io", "dockerhub"],
  ["registry.hub.docker.com", "dockerhub"],
  ["hub.docker.com", "dockerhub"],
  ["ghcr.io", "ghcr"],
  ["containers.acme.ghe.com", "ghcr"],
  ["docker.pkg.github.com", "ghcr"],
  ["registry.gitlab.com", "gitlab"],
  ["gitlab.com", "gitlab"],
  ["quay.io", "quay"],
  ["123456789012.dkr.ecr.eu-central-1.amazonaws.com", "ecr"],
  ["123456789012.dkr-ecr.eu-central-1.on.aws", "ecr"],
  ["123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn", "ecr"],
  ["public.ecr.aws", "ecr"],
  ["gallery.ecr.aws", "ecr"],
  ["contoso.azurecr.io", "acr"],
  ["contoso.azurecr.cn", "acr"],
  ["contoso.eastus.data.azurecr.io", "acr"],
  ["mcr.microsoft.com", "acr"],
  ["us-docker.pkg.dev", "google"],
  ["docker.us-east1.rep.pkg.dev", "google"],
  ["gcr.io", "google"],
  ["eu.gcr.io", "google"],
  ["acme.jfrog.io", "artifactory"],
];

const KEBAB = /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/;

/** What a way may lead to by now. */
const KEYCHAINS = ["env", "flags", "docker", "config", "store", "ecr", "google", "acr"];

/** Beginnings of secrets with so much behind them that a scanner would stop at it. */
const SECRET =
  /(?:gh[opsur]_|github_pat_|glpat-|gldt-|dckr_[op]at_|AKCp|cmVmd|eyJ)[\w-]{8}|AKIA\w{12}|-----BEGIN/;

interface Text {
  readonly where: string;
  readonly text: string;
}

Deno.test("recipes have names of their own", () => {
  const ids = RECIPES.map(({ id }) => id);
  assertEquals(ids, [...new Set(ids)]);
  const titles = RECIPES.map(({ title }) => title);
  assertEquals(titles, [...new Set(titles)]);
});

Deno.test("every host belongs to one recipe", () => {
  const owners = (host: string): string[] =>
    RECIPES.filter((recipe) => recipe.owns(host)).map(({ id }) => id);
  assertEquals(
    OWNERS.map(([host]) => [host, ...owners(host)]),
    OWNERS.map(([host, recipe]) => [host, recipe]),
  );
  assertEquals(OWNERS.filter(([host, recipe]) => recipeFor(host)?.id !== recipe), []);
});

/** What registries on hosts of their own answer to a ping, and the recipe that this tells. */
const ANSWERS: readonly (readonly [header: string, recipe: string])[] = [
  ['Bearer realm="https://git.example/jwt/auth",service="container_registry"', "gitlab"],
  ['Bearer realm="https://git.example/jwt/auth",service="other"', "generic"],
  ['Bearer realm="https://reg.example/v2/auth",service="reg.example"', "quay"],
  ['Bearer realm="https://reg.example/v2/auth/more",service="reg.example"', "generic"],
  ['Bearer realm="https://reg.example/v2/token",service="container_registry", Basic', "generic"],
  ['Bearer realm="/token"', "generic"],
  ['Basic realm="Sonatype Nexus Repository Manager"', "generic"],
  ["Negotiate", "generic"],
];

for (const [header, recipe] of ANSWERS) {
  Deno.test(`recipeFor() takes ${header} for ${recipe}`, () => {
    const challenges = parseChallenges(header);
    assertEquals(recipeFor("reg.example", challenges).id, recipe);
    assertEquals(recipeFor("ghcr.io", challenges).id, "ghcr");
    const claims = RECIPES.filter((other) => other.recognises?.(challenges));
    assert(claims.length <= 1);
  });
}

Deno.test("a question of one name is of one kind in all recipes", () => {
  const kinds = new Map<string, string>();
  for (const { id, kind } of RECIPES.flatMap(questionsOf)) {
    assert(KEBAB.test(id), id);
    assertEquals(kind, kinds.get(id) ?? kind, id);
    assertEquals(kind === "secret", id === "secret", id);
    kinds.set(id, kind);
  }
});

for (const recipe of RECIPES) {
  Deno.test(`${recipe.id}: names of ways and questions`, () => {
    const ids = recipe.ways.map(({ id }) => id);
    assertEquals(ids, [...new Set(ids)]);
    assertEquals(ids.filter((id) => !KEBAB.test(id)), []);
    for (const { id, questions } of recipe.ways) {
      const asked = questions.map((question) => question.id);
      assertEquals(asked, [...new Set(asked)], id);
      assert(questions.filter(({ kind }) => kind === "secret" || kind === "file").length <= 1, id);
      assert(questions.length <= 6, id);
    }
    assertEquals(recipe.repository.id, "repo");
    assertEquals(recipe.repository.check?.("", answersOf({})), {});
  });

  Deno.test(`${recipe.id}: every way has a page, or says where the secret comes from`, () => {
    for (const way of recipe.ways) {
      const page = way.page?.(answersOf({ host: hostOf(recipe) }));
      assert(page?.url !== undefined || page?.remark !== undefined, way.id);
      if (page.url !== undefined) {
        assertEquals(URL.parse(page.url)?.protocol, "https:", way.id);
        assert(!page.url.includes("undefined"), page.url);
      }
    }
  });

  Deno.test(`${recipe.id}: only what works by now is offered`, () => {
    for (const way of recipe.ways) {
      const outcome = way.outcome(answersOf({ host: hostOf(recipe), secret: "{}" }));
      if (outcome.kind === "helper") {
        assert(outcome.helper !== "regauth", way.id);
        const program = `docker-credential-${outcome.helper}`;
        assert(recipe.programs.includes(program), `${way.id} does not look for ${program}`);
        assert(way.unavailable?.(machine({}), answersOf({ host: hostOf(recipe) })), way.id);
      }
      if (outcome.kind === "keychain") {
        assert(KEYCHAINS.includes(outcome.settings.keychain ?? ""), way.id);
      }
    }
  });

  Deno.test(`${recipe.id}: it names all variables and programs that it looks at`, () => {
    const { facts, variables, programs } = watched(hostOf(recipe));
    askEverything(recipe, facts);
    assertEquals([...variables].filter((name) => !recipe.variables.includes(name)), []);
    assertEquals([...programs].filter((name) => !recipe.programs.includes(name)), []);
    assertEquals(recipe.variables.filter((name) => !/^[A-Z][A-Z0-9_]*$/.test(name)), []);
  });

  Deno.test(`${recipe.id}: sentences are whole, and no text is too long`, () => {
    const bad = sentencesOf(recipe).filter(({ text }) => !/^\S.*[.!?]$/s.test(text));
    assertEquals(bad, []);
    const labels = labelsOf(recipe).filter(({ text }) => !/^\S(?:.*[^\s.])?$/.test(text));
    assertEquals(labels, []);
    const odd = [...sentencesOf(recipe), ...labelsOf(recipe)].filter(({ text }) =>
      text.length > 300 || /undefined|\bnull\b|\s\s|\p{Cc}/u.test(text) || SECRET.test(text)
    );
    assertEquals(odd, []);
  });

  Deno.test(`${recipe.id}: the guide is complete`, () => {
    const { pitfalls, troubles } = recipe.guide;
    assert(pitfalls.length > 0 && troubles.length > 0);
    const messages = troubles.map(({ message }) => message);
    assertEquals(messages, [...new Set(messages)]);
  });
}

function hostOf(recipe: Recipe): string {
  return recipe.hosts(machine({}))[0]?.value ?? "reg.example";
}

function questionsOf(recipe: Recipe): readonly Question[] {
  const ofHost = recipe.hostForm?.questions ?? [];
  return [recipe.repository, ...ofHost, ...recipe.ways.flatMap(({ questions }) => questions)];
}

/** A machine that writes down which variables and programs were looked at; all have one value. */
function watched(
  value: string,
): { facts: Facts; variables: Set<string>; programs: Set<string> } {
  const variables = new Set<string>();
  const programs = new Set<string>();
  const facts = {
    ...machine({}),
    env: new Proxy<Record<string, string>>({}, {
      get: (_, name) => variables.add(String(name)) && value,
    }),
    programs: Object.assign(new Set<string>(), {
      has: (name: string) => programs.add(name) && false,
    }),
  };
  return { facts, variables, programs };
}

function askEverything(recipe: Recipe, facts: Facts): void {
  recipe.hosts(facts);
  const answers = answersOf({ host: hostOf(recipe) });
  for (const way of recipe.ways) way.unavailable?.(facts, answers);
  for (const question of questionsOf(recipe)) {
    question.suggest?.(facts, answers);
    question.choices?.(facts, answers);
  }
}

function sentencesOf(recipe: Recipe): readonly Text[] {
  const { guide, repository } = recipe;
  return [
    text("about", guide.about),
    text("rights.pull", guide.rights.pull),
    text("rights.push", guide.rights.push),
    text("repositories", guide.repositories),
    text("names", guide.names),
    text("repository", repository.help),
    ...recipe.hostForm?.questions.map(({ id, help }) => text(`host.${id}`, help)) ?? [],
    ...guide.pitfalls.map((pitfall) => text("pitfall", pitfall)),
    ...guide.troubles.flatMap(({ cause, fix }) => [text("cause", cause), text("fix", fix)]),
    ...recipe.ways.flatMap((way) => sentencesOfWay(recipe, way)),
    ...bothAccesses(recipe).flatMap((answers) => recipe.next(answers))
      .map((step) => text("next", step.text)),
  ];
}

function sentencesOfWay(recipe: Recipe, way: Way): readonly Text[] {
  const pages = bothAccesses(recipe).map((answers) => way.page?.(answers));
  const reason = way.unavailable?.(machine({}), answersOf({ host: hostOf(recipe) }));
  return [
    text(way.id, way.meaning),
    ...way.questions.map(({ id, help }) => text(`${way.id}.${id}`, help)),
    ...pages.flatMap((page) => page ? [text(`${way.id}.rights`, page.rights)] : []),
    ...pages.flatMap((page) => page?.remark ? [text(`${way.id}.remark`, page.remark)] : []),
    ...(reason === undefined ? [] : [text(`${way.id}.unavailable`, reason)]),
  ];
}

function labelsOf(recipe: Recipe): readonly Text[] {
  const commands = bothAccesses(recipe).flatMap((answers) => recipe.next(answers))
    .flatMap(({ command }) => command === undefined ? [] : [text("command", command)]);
  return [
    text("title", recipe.title),
    text("repository", recipe.repository.message),
    ...recipe.hostForm?.questions.map(({ id, message }) => text(`host.${id}`, message)) ?? [],
    ...recipe.guide.troubles.map(({ message }) => text("trouble", message)),
    ...recipe.ways.flatMap((way) => [
      text(way.id, way.title),
      ...way.questions.map(({ id, message }) => text(`${way.id}.${id}`, message)),
      ...(way.expires === undefined ? [] : [text(`${way.id}.expires`, way.expires)]),
    ]),
    ...commands,
  ];
}

function bothAccesses(recipe: Recipe): ReturnType<typeof answersOf>[] {
  const host = hostOf(recipe);
  return [answersOf({ host, access: "pull" }), answersOf({ host, access: "push" })];
}

function text(where: string, text: string): Text {
  return { where, text };
}
