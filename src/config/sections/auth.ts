import type { Report } from "../_report.ts";
import { describeSource } from "../error.ts";
import {
  choice,
  duration,
  flag,
  list,
  optionalSection,
  type Output,
  section,
  text,
} from "../fields.ts";
import { present } from "./_present.ts";

const AUTH_TYPES = ["none", "silly", "htpasswd", "token", "stowage"] as const;

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** An algorithm that may sign a token. */
export type SigningAlgorithm =
  | "EdDSA"
  | "HS256"
  | "HS384"
  | "HS512"
  | "RS256"
  | "RS384"
  | "RS512"
  | "ES256"
  | "ES384"
  | "ES512"
  | "PS256"
  | "PS384"
  | "PS512";

/** Source: RFC 7518, section 3.1; RFC 8037. */
const SIGNING_ALGORITHMS: readonly SigningAlgorithm[] = [
  "EdDSA",
  "HS256",
  "HS384",
  "HS512",
  "RS256",
  "RS384",
  "RS512",
  "ES256",
  "ES384",
  "ES512",
  "PS256",
  "PS384",
  "PS512",
];

const REALM = "Realm that clients are told";

/** The fields of `auth`. */
export const authSection = section({
  none: optionalSection({}, { about: "Nobody has to sign in; so it is without the section, too." }),
  silly: optionalSection({
    realm: text({ about: `${REALM}.`, required: true }),
    service: text({ about: "Service that clients are told.", required: true }),
  }, { about: "Any Authorization header will do; for tests." }),
  htpasswd: optionalSection({
    realm: text({ about: `${REALM}.`, required: true }),
    path: text({ about: "File of users with bcrypt hashes.", required: true }),
  }, { about: "Users from a file." }),
  token: optionalSection({
    realm: text({ about: `${REALM}: the URL of the token server.`, required: true }),
    issuer: text({ about: "Issuer that tokens must name.", required: true }),
    service: text({ about: "Audience that tokens must name.", required: true }),
    rootcertbundle: text({ about: "PEM file of certificates whose keys sign tokens." }),
    jwks: text({ about: "File of a JSON Web Key Set whose keys sign tokens." }),
    autoredirect: flag({
      about: "Tell clients a realm on the host that they asked.",
      default: false,
    }),
    autoredirectpath: text({ about: "Path of that realm.", default: "/auth/token" }),
    signingalgorithms: list(choice(SIGNING_ALGORITHMS, { about: "An algorithm." }), {
      about: `Algorithms that may sign. Without any: \`${SIGNING_ALGORITHMS.join("`, `")}\`.`,
    }),
  }, { about: "Tokens of a token server." }),
  stowage: optionalSection({
    path: text({ about: "File of users, groups and rules.", required: true, own: true }),
    realm: text({
      about: "URL of the token endpoint, `/auth/token`, as clients reach it.",
      defaultText: "on the host that the client asked",
      own: true,
    }),
    service: text({ about: "Audience and issuer of the tokens.", default: "stowage", own: true }),
    tokenttl: duration({
      about: "How long a token counts; rights that it gives are checked at each request besides.",
      default: 5 * MINUTE_MS,
      min: MINUTE_MS,
      max: DAY_MS,
      own: true,
    }),
    refreshttl: duration({
      about: "How long a client may get new tokens without the password.",
      default: 30 * DAY_MS,
      min: MINUTE_MS,
      own: true,
    }),
    keys: text({
      about: "Folder of the keys that sign tokens, which all replicas must share.",
      defaultText: "`stowage/keys` in the storage",
      own: true,
    }),
    keyrotation: duration({
      about: "How long one key signs before the next is made.",
      default: 90 * DAY_MS,
      min: HOUR_MS,
      own: true,
    }),
  }, { about: "A token service: users, groups and rules in one file." }),
}, { about: "Who may do what: one type at most.", nameAlone: AUTH_TYPES, emptyName: "none" });

/** `auth.token`. */
export interface TokenAuthConfig {
  /** The type. */
  readonly type: "token";
  /** URL of the token server. */
  readonly realm: string;
  /** Issuer that tokens must name. */
  readonly issuer: string;
  /** Audience that tokens must name. */
  readonly service: string;
  /** PEM file; it or {@linkcode jwks} is there. */
  readonly rootCertBundle?: string;
  /** JSON file. */
  readonly jwks?: string;
  /** Whether clients are told a realm on the host that they asked. */
  readonly autoRedirect: boolean;
  /** Path of that realm. */
  readonly autoRedirectPath: string;
  /** Never empty. */
  readonly signingAlgorithms: readonly SigningAlgorithm[];
}

/** `auth.stowage`: the built-in token service. */
export interface StowageAuthConfig {
  /** The type. */
  readonly type: "stowage";
  /** File of users, groups and rules. */
  readonly path: string;
  /** URL of the token endpoint; absent: on the host that the client asked. */
  readonly realm?: string;
  /** Audience and issuer of the tokens. */
  readonly service: string;
  /** How long a token counts. */
  readonly tokenTtlMs: number;
  /** How long a refresh token counts. */
  readonly refreshTtlMs: number;
  /** Folder of the keys; absent: in the storage. */
  readonly keys?: string;
  /** How long one key signs. */
  readonly keyRotationMs: number;
}

/** The section `auth`, by its type. */
export type AuthConfig =
  | { readonly type: "none" }
  | { readonly type: "silly"; readonly realm: string; readonly service: string }
  | {
    readonly type: "htpasswd";
    readonly realm: string;
    /** File of users. */
    readonly path: string;
  }
  | TokenAuthConfig
  | StowageAuthConfig;

type AuthInput = Output<typeof authSection>;

/** Makes the section's final form. */
export function resolveAuth(raw: AuthInput, report: Report): AuthConfig {
  const { silly, htpasswd, token, stowage } = raw;
  let auth: AuthConfig = { type: "none" };
  if (silly !== undefined) auth = { type: "silly", realm: silly.realm, service: silly.service };
  if (htpasswd !== undefined) {
    auth = { type: "htpasswd", realm: htpasswd.realm, path: htpasswd.path };
  }
  if (token !== undefined) auth = resolveToken(token, report);
  if (stowage !== undefined) auth = resolveStowage(stowage);
  checkOneType(report);
  return auth;
}

function checkOneType(report: Report): void {
  const given = AUTH_TYPES.filter((type) => report.given(["auth", type]));
  if (given.length < 2) return;
  const found = given.map((type) => {
    const source = report.sourceOf(["auth", type]);
    return source === undefined ? type : `${type} (${describeSource(source)})`;
  });
  report.problem(["auth"], {
    found: found.join(" and "),
    expected: "one type at most",
    message: `Provide one type of auth, not ${found.join(" and ")}; to replace the file's type ` +
      "from the environment, set REGISTRY_AUTH to the type as well",
  });
}

function resolveStowage(raw: NonNullable<AuthInput["stowage"]>): StowageAuthConfig {
  return present({
    type: "stowage" as const,
    path: raw.path,
    realm: raw.realm,
    service: raw.service,
    tokenTtlMs: raw.tokenttl,
    refreshTtlMs: raw.refreshttl,
    keys: raw.keys,
    keyRotationMs: raw.keyrotation,
  });
}

function resolveToken(raw: NonNullable<AuthInput["token"]>, report: Report): TokenAuthConfig {
  if (raw.rootcertbundle === undefined && raw.jwks === undefined) {
    report.problem(["auth", "token", "rootcertbundle"], {
      expected: "a file of certificates here, or of keys as auth.token.jwks",
      message: "Add rootcertbundle or jwks: tokens cannot be checked without a key",
    });
  }
  const { signingalgorithms } = raw;
  return present({
    type: "token" as const,
    realm: raw.realm,
    issuer: raw.issuer,
    service: raw.service,
    rootCertBundle: raw.rootcertbundle,
    jwks: raw.jwks,
    autoRedirect: raw.autoredirect,
    autoRedirectPath: raw.autoredirectpath,
    signingAlgorithms: signingalgorithms.length > 0 ? signingalgorithms : SIGNING_ALGORITHMS,
  });
}
