import { assertEquals } from "@std/assert";
import { fromSource, runProcess } from "../scripts/sandbox.ts";

/*
 * What the documents of imgpkg ("Authentication"), kaniko ("Pushing to Different Registries") and
 * nerdctl ("registry authentication") say about credentials, and the tests that show it of regauth.
 * What they say of their own containers, pods and networks is theirs alone.
 */

/** A sentence of the document in few words, and tests as `file: name`. */
type Claim = readonly [claim: string, ...tests: string[]];

const IMGPKG: readonly Claim[] = [
  [
    "environment, then cloud, then flags, then Docker's config",
    "keychains_test.ts: selectKeychains() follows imgpkg by default",
    "documents_test.ts: variables of imgpkg for a registry come before flags for all, and Docker's config last",
  ],
  [
    "a hostname may be a host, a URL or Docker Hub by its names",
    "env_keychain_test.ts: envKeychain() row https scheme: scheme is stripped",
    "env_keychain_test.ts: envKeychain() row hub: alias docker.io, as REGAUTH_REGISTRY_*",
    "env_keychain_test.ts: envKeychain() row hub: alias docker.io/v2/, as REGAUTH_REGISTRY_*",
  ],
  [
    "a hostname may hold wildcards, one for each label",
    'match_test.ts: matchPattern() row "*.*.docker.io" on "bar.foo.docker.io/x": documented imgpkg example',
  ],
  [
    "of two that overlap the one without wildcard counts",
    "env_keychain_test.ts: envKeychain() row literal beats glob: documented: the hostname without glob is used",
  ],
  [
    "a hostname may be a whole repository",
    "env_keychain_test.ts: envKeychain() row full repository: hostname may carry a repository",
  ],
  [
    "user name and password",
    "env_keychain_test.ts: envKeychain() row basic, no suffix: plain username and password",
  ],
  [
    "an identity token gets an access token by the refresh-token grant",
    "env_keychain_test.ts: envKeychain() row identity token: OAuth2 refresh token",
    "authorize_test.ts: authorize() posts an identity token and keeps the new one for the next time",
  ],
  [
    "a registry token is sent as bearer token",
    "env_keychain_test.ts: envKeychain() row registry token: bearer token used as it is",
    'authorize_test.ts: authorize() with Bearer realm="https://reg.example/token",service="reg" and a registry token: Bearer RT',
  ],
  [
    "a suffix makes a set for each registry",
    "env_keychain_test.ts: envKeychain() row two sets, first: sets are independent",
    "env_keychain_test.ts: envKeychain() row two sets, second: sets are independent",
  ],
  [
    "a set for the registry comes before command flags",
    "documents_test.ts: variables of imgpkg for a registry come before flags for all, and Docker's config last",
  ],
  [
    "no cloud is asked by default",
    "documents_test.ts: with no variable these are asked: env config flags docker",
  ],
  [
    "a variable names the clouds to ask, and gke,aks,ecr is what it was before",
    "documents_test.ts: with IMGPKG_ACTIVE_KEYCHAINS=gke,aks,ecr these are asked: env config google acr ecr flags docker",
  ],
  [
    "Google, by the metadata server",
    "documents_test.ts: with IMGPKG_ACTIVE_KEYCHAINS=gke these are asked: env config google flags docker",
    "registries/google_keychain_test.ts: googleKeychain() takes the metadata server",
  ],
  [
    "Amazon, by instance metadata and the rest of the chain of its tools",
    "documents_test.ts: with IMGPKG_ACTIVE_KEYCHAINS=ecr these are asked: env config ecr flags docker",
    "identity/aws/imds_test.ts: an instance gives the keys of its role, by tokens of IMDSv2",
    "identity/aws/chain_test.ts: environment is asked before profile",
  ],
  [
    "Azure, by managed identities",
    "documents_test.ts: with IMGPKG_ACTIVE_KEYCHAINS=aks these are asked: env config acr flags docker",
    "registries/acr_keychain_test.ts: acrKeychain() takes the identity of a virtual machine",
  ],
  [
    "GitHub, by GITHUB_TOKEN and for ghcr.io",
    "documents_test.ts: with IMGPKG_ACTIVE_KEYCHAINS=github these are asked: env config github flags docker",
    "registries/github_keychain_test.ts: github answers unset:t for GHCR.io with a token without a name",
  ],
  [
    "the older switch activates all clouds or none",
    "documents_test.ts: with IMGPKG_ENABLE_IAAS_AUTH=true these are asked: env config google ecr acr github flags docker",
    "documents_test.ts: with IMGPKG_ENABLE_IAAS_AUTH=false these are asked: env config flags docker",
  ],
  [
    "Amazon's config file is read beside its credentials file",
    "identity/aws/shared_files_test.ts: readSharedFiles() takes the credentials file on top",
  ],
  [
    "Azure by a configuration file, with secret, certificate, identity, tenant and cloud",
    "registries/acr_keychain_test.ts: acrKeychain() takes the cloud configuration of a node, as imgpkg took it",
    "identity/azure/cloud_config_test.ts: cloudConfig() reads a secret",
    "identity/azure/cloud_config_test.ts: cloudConfig() reads a certificate",
    "identity/azure/cloud_config_test.ts: cloudConfig() reads a managed identity by its client id",
    "identity/azure/cloud_config_test.ts: cloudConfig() reads cloud and tenant alone",
    "env_keychain_test.ts: envKeychain() row azure config is ignored: the one reserved name that is ignored (left over from v0.18)",
  ],
  [
    "user name, password, token and anonymous access by flags or variables",
    "flags_keychain_test.ts: flagsKeychain() with name and password: basic u p - by --registry-username",
    "flags_keychain_test.ts: flagsKeychain() with a token: registryToken - - t by --registry-token",
    "flags_keychain_test.ts: flagsKeychain() with anon: anonymous - - - by --registry-anon",
    "flags_keychain_test.ts: flagsKeychain() with variables of imgpkg: basic u p - by IMGPKG_USERNAME",
    "flags_keychain_test.ts: flagsKeychain() with an empty variable: registryToken - - t by IMGPKG_TOKEN",
    "flags_keychain_test.ts: flagsKeychain() with anon by variable: anonymous - - - by IMGPKG_ANON",
  ],
  [
    "Docker's config is read by default; its auth is base64 of user and password",
    "documents_test.ts: a config.json with an entry of Docker Hub: me/app",
  ],
  [
    "the example of it, whose comma too many no tool reads",
    "docker_keychain_vectors_test.ts: dockerKeychain() by default: trailing-comma",
  ],
  [
    "gcr.io by a key file as password of _json_key",
    "documents_test.ts: regauth login -u _json_key --password-stdin https://gcr.io stores what the documents want, with a warning",
    "registries/google_keychain_test.ts: googleKeychain() gives a key file as it is",
  ],
  [
    "the roles of the service account",
    "registries/google_test.ts: google key-file to pull on europe-west1-docker.pkg.dev: its page",
  ],
  [
    "a repository in ECR must be made, by somebody with keys",
    "registries/ecr_test.ts: ecr tells what to do next",
    "registries/ecr_keychain_test.ts: ecr answers with the password of whoever has the keys",
  ],
  [
    "a policy for ECR",
    "cli/policy_test.ts: policy ecr --push allows no more than imgpkg's documentation does",
  ],
  [
    "a login to ECR by the password of the AWS command line",
    "documents_test.ts: regauth login --username AWS --password-stdin 123456789012.dkr.ecr.eu-west-1.amazonaws.com stores what the documents want, with a warning",
  ],
  [
    "a certificate file for Harbor",
    "e2e/registry_tls_test.ts: a real registry with a private authority, known by --registry-ca-cert-path",
    "registries/harbor_test.ts: harbor tells what to do next",
  ],
];

const KANIKO: readonly Claim[] = [
  [
    "default, env, google, ecr, acr, gitlab, in this order; a flag names others, and default stays",
    "documents_test.ts: kaniko's providers in kaniko's order, or those that are named, or none",
    "keychains_test.ts: selectKeychains() takes the values of kaniko's --credential-helpers",
  ],
  [
    "the provider env",
    "docker_env_keychain_test.ts: docker-env finds kaniko's name of the host",
    "docker_env_keychain_test.ts: docker-env finds kaniko's name of the domain",
  ],
  [
    "the provider gitlab",
    'registries/gitlab_keychain_test.ts: gitlab answers u:p for "registry.gitlab.com" with the login of a job',
  ],
  [
    "default is DOCKER_AUTH_CONFIG, which hides the file until it is unset",
    "documents_test.ts: a config.json in the folder of kaniko, and DOCKER_AUTH_CONFIG before it until it is unset",
    "peer_vectors_test.ts: V41: DOCKER_AUTH_CONFIG comes before the file",
  ],
  [
    "Docker Hub under its URL of version 1",
    "documents_test.ts: a config.json with an entry of Docker Hub: me/app",
    "documents_test.ts: regauth login -u octocat --password-stdin stores what the documents want, with a warning",
  ],
  [
    "Google by a key file in GOOGLE_APPLICATION_CREDENTIALS",
    "registries/google_keychain_test.ts: googleKeychain() takes a key file that the variable names",
  ],
  [
    "Google by workload identity",
    "registries/google_keychain_test.ts: googleKeychain() takes the metadata server",
  ],
  [
    "the roles that pushing to Google wants",
    "registries/google_test.ts: google gcr to push on europe-west1-docker.pkg.dev: its page",
  ],
  [
    "ECR by the role of the machine",
    "identity/aws/imds_test.ts: an instance gives the keys of its role, by tokens of IMDSv2",
  ],
  [
    "a variable switches the metadata service off",
    "identity/aws/imds_test.ts: AWS_EC2_METADATA_DISABLED=true skips it without a request",
  ],
  [
    "ECR by a credentials file, and settings in the config file",
    "identity/aws/profile_test.ts: a profile has its keys",
    "identity/aws/shared_files_test.ts: readSharedFiles() takes the credentials file on top",
  ],
  [
    "a helper of Azure as store of all registries, which is wrong for the others",
    "documents_test.ts: a config.json with acr as the store of all registries: me/app",
  ],
  [
    "a helper of Azure for one registry",
    "documents_test.ts: a config.json with acr-env as the helper of one registry: mycr.azurecr.io/app",
    "documents_test.ts: a config.json with acr-env as the helper of one registry, and another registry: me/app",
  ],
  [
    "a service principal by three variables",
    "registries/acr_keychain_test.ts: acrKeychain() takes a secret in variables",
  ],
  [
    "else the identity of the machine or the app",
    "registries/acr_keychain_test.ts: acrKeychain() takes the identity of a virtual machine",
    "registries/acr_keychain_test.ts: acrKeychain() takes an identity of App Service",
  ],
  [
    "four names of clouds",
    "documents_test.ts: the values of AZURE_ENVIRONMENT in kaniko's documents choose a cloud",
  ],
  [
    "JFrog by an entry of its host",
    "documents_test.ts: a config.json with an entry of Artifactory: artprod.company.com/repo/app",
  ],
];

const NERDCTL: readonly Claim[] = [
  [
    "the config is in DOCKER_CONFIG, by default in .docker of the home folder",
    "auth_files_test.ts: dockerConfigPath() is where DOCKER_CONFIG says",
    "auth_files_test.ts: dockerConfigPath() is in the home folder",
  ],
  [
    "a registry without TLS is told of, and allowed by a flag",
    "diagnosis_test.ts: diagnose() D-03 says a sentence and the next step",
    "ping_test.ts: ping() takes plain http where the user calls the host insecure, and https first",
  ],
  [
    "a certificate by containerd's hosts.toml, of the user or of the system",
    "tls_test.ts: hostSettings() takes the example of nerdctl's documentation",
    "certs_d_test.ts: certificateRoots() has the user's folders before the system's",
    "e2e/registry_tls_test.ts: a real registry with a private authority, known by containerd's hosts.toml",
  ],
  [
    "a certificate by Docker's folders",
    "e2e/registry_tls_test.ts: a real registry with a private authority, known by the certs.d of docker",
  ],
  [
    "ECR by the password of the AWS command line",
    "documents_test.ts: regauth login --username AWS --password-stdin 123456789012.dkr.ecr.eu-west-1.amazonaws.com stores what the documents want, with a warning",
    "registries/ecr_test.ts: ecr password to pull on 123456789012.dkr.ecr.eu-central-1.amazonaws.com: its page",
  ],
  [
    "ECR by a helper, the public gallery too",
    "documents_test.ts: a config.json with ecr-login as the helper of an account: 123456789012.dkr.ecr.eu-west-1.amazonaws.com/app",
    "documents_test.ts: a config.json with ecr-login as the helper of the public gallery: public.ecr.aws/acme/app",
    "identity/aws/profile_test.ts: a profile has its keys",
  ],
  [
    "the helper must be where the tool runs",
    "doctor_test.ts: doctor finds helper-missing in helper-of-one-host-missing, and nothing else",
  ],
  ["a repository in ECR must be made first", "registries/ecr_test.ts: ecr tells what to do next"],
  [
    "ACR by the access keys of the portal",
    "documents_test.ts: regauth login -u contoso --password-stdin contoso.azurecr.io stores what the documents want, with a warning",
    "registries/acr_test.ts: acr admin to pull on contoso.azurecr.io: its page",
  ],
  [
    "a push to ACR makes the repository, which is private",
    "registries/acr_test.ts: acr tells what to do next",
  ],
  [
    "Docker Hub is the registry of a login without host",
    "documents_test.ts: regauth login -u octocat --password-stdin stores what the documents want, with a warning",
  ],
  [
    "a push to Docker Hub makes the repository, which is public",
    "registries/dockerhub_test.ts: dockerhub warns of the public repository before the first push",
  ],
  [
    "GHCR by the login in lower case and a token with two scopes",
    "documents_test.ts: regauth login ghcr.io -u octocat --password-stdin stores what the documents want, with a warning",
    "registries/ghcr_test.ts: ghcr writes the login in lower case",
    "registries/ghcr_test.ts: ghcr token to push on containers.acme.ghe.com: its page",
  ],
  [
    "a push to GHCR makes the package, which is private, and shows up among the packages",
    "registries/ghcr_test.ts: ghcr tells what to do next",
  ],
  [
    "GitLab by a personal or deploy token, with the scopes to pull and push",
    "documents_test.ts: regauth login registry.gitlab.com -u jane --password-stdin stores what the documents want, with a warning",
    "registries/gitlab_test.ts: gitlab token to pull on registry.gitlab.com: its page",
    "registries/gitlab_test.ts: gitlab deploy-token to push on registry.gitlab.acme.example: its page",
  ],
  [
    "the project in GitLab must be there, and shows the image",
    "registries/gitlab_test.ts: gitlab tells what to do next",
  ],
  [
    "Artifact Registry by a key file, with roles to read and write",
    "documents_test.ts: regauth login -u _json_key --password-stdin https://asia-northeast1-docker.pkg.dev stores what the documents want, with a warning",
    "registries/google_test.ts: google key-file to pull on europe-west1-docker.pkg.dev: its page",
  ],
  [
    "Artifact Registry by the helper of gcloud",
    "documents_test.ts: a config.json with gcloud as the helper of a region: asia-northeast1-docker.pkg.dev/p/r/app",
    "registries/google_test.ts: google gcloud to pull on europe-west1-docker.pkg.dev: its page",
  ],
  [
    "a repository in Artifact Registry must be made first",
    "registries/google_test.ts: google tells what to do next",
  ],
  [
    "gcr.io by a key file, and by the helper of gcloud for each of its hosts",
    "documents_test.ts: regauth login -u _json_key --password-stdin https://asia.gcr.io stores what the documents want, with a warning",
    "documents_test.ts: a config.json with gcloud as the helper of the old registries: marketplace.gcr.io/p/app",
  ],
  [
    "a long list of helpers lets a build wait",
    "peer_vectors_test.ts: V39: only the helper of the host is started, once",
    "doctor_test.ts: doctor finds helper-slow in helper-slow, and nothing else",
  ],
  [
    "Artifactory by name and password",
    "documents_test.ts: regauth login acme.jfrog.io -u jane --password-stdin stores what the documents want, with a warning",
    "registries/artifactory_test.ts: artifactory password to pull on acme.jfrog.io: its page",
  ],
  [
    "Artifactory wants a local and a virtual repository, and shows the image there",
    "registries/artifactory_test.ts: artifactory tells what to do next",
  ],
  [
    "Quay by name and password",
    "documents_test.ts: regauth login quay.io -u acme+robot --password-stdin stores what the documents want, with a warning",
  ],
  [
    "a push to Quay makes the repository, which is private",
    "registries/quay_test.ts: quay tells what to do next",
  ],
  [
    "the password is asked for without showing it, and Enter is pressed once",
    "documents_test.ts: regauth login asks for the password without showing it, and one Enter is enough",
  ],
  [
    "a password in plain text is warned of",
    "cli/commands_test.ts: login saves what the registry accepted, and warns of plain text",
  ],
];

const CLAIMS = [...IMGPKG, ...KANIKO, ...NERDCTL];

Deno.test("every claim of the documents has tests, and they exist", async () => {
  const named = [...new Set(CLAIMS.flatMap(([_claim, ...tests]) => tests))];
  const files = [...new Set(named.map(fileOf))];
  const { code, stdout, stderr } = await runProcess(
    [...fromSource("tests/fakes/test_names.ts"), ...files],
    { env: Deno.env.toObject() },
  );
  assertEquals(code, 0, stderr);
  const known = new Set(
    stdout.trim().split("\n").flatMap((line) => {
      const [file, names]: [string, string[]] = JSON.parse(line);
      return names.map((name) => `${file}: ${name}`);
    }),
  );
  assertEquals(named.filter((test) => !known.has(test)), []);
  const bare = CLAIMS.filter(([_claim, ...tests]) => tests.length === 0);
  assertEquals(bare.map(([claim]) => claim), []);
});

function fileOf(test: string): string {
  return test.slice(0, test.indexOf(": "));
}
