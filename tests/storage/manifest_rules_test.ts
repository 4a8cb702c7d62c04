import { assertEquals } from "@std/assert";
import { toBytes } from "../../src/base/bytes.ts";
import type { Descriptor } from "../../src/oci/descriptor.ts";
import type { Digest } from "../../src/oci/digest.ts";
import { digestBytes } from "../../src/oci/digester.ts";
import type { Manifest } from "../../src/oci/manifest.ts";
import {
  DOCKER_FOREIGN_LAYER,
  DOCKER_IMAGE_CONFIG,
  DOCKER_LIST,
  DOCKER_MANIFEST,
  DOCKER_PLUGIN_CONFIG,
  OCI_IMAGE_CONFIG,
  OCI_INDEX,
  OCI_MANIFEST,
  SCHEMA1_MANIFEST,
} from "../../src/oci/media_types.ts";
import type { ManifestProblem } from "../../src/storage/errors.ts";
import {
  checkManifest,
  type ManifestRules,
  MAX_PROBLEMS,
} from "../../src/storage/manifest_rules.ts";

const STORED = digestBytes(toBytes("stored"));
const MISSING = digestBytes(toBytes("missing"));
const DOCKER_LAYER = "application/vnd.docker.image.rootfs.diff.tar.gzip";
const OCI_LAYER = "application/vnd.oci.image.layer.v1.tar+gzip";
const OCI_TAR = "application/vnd.oci.image.layer.v1.tar";
const OCI_FOREIGN = "application/vnd.oci.image.layer.nondistributable.v1.tar";

/** As with Distribution's defaults, but with every URL below example.com allowed. */
const RULES: ManifestRules = {
  urls: { allow: [/^https?:\/\/example\.com\//], deny: [/\.exe$/] },
  children: "all",
  blobs: true,
  classes: [],
};

/** What a layer, the only one of an image, leads to. */
async function checkLayer(
  mediaType: typeof DOCKER_MANIFEST | typeof OCI_MANIFEST,
  layer: Omit<Descriptor, "size">,
  rules: Partial<ManifestRules> = {},
): Promise<string[]> {
  const type = mediaType === DOCKER_MANIFEST ? DOCKER_IMAGE_CONFIG : OCI_IMAGE_CONFIG;
  return await check(image(mediaType, type, [layer]), rules);
}

function image(
  mediaType: typeof DOCKER_MANIFEST | typeof OCI_MANIFEST,
  configType: string,
  layers: readonly Descriptor[],
): Manifest {
  return {
    mediaType,
    kind: "image",
    config: { mediaType: configType, digest: STORED },
    layers,
    manifests: [],
  };
}

function index(manifests: readonly Descriptor[], mediaType = OCI_INDEX): Manifest {
  return {
    mediaType: mediaType as typeof OCI_INDEX,
    kind: "index",
    layers: [],
    manifests,
  };
}

async function check(manifest: Manifest, rules: Partial<ManifestRules> = {}): Promise<string[]> {
  const holds = (digest: Digest) => Promise.resolve(digest === STORED);
  const problems = await checkManifest(manifest, { rules: { ...RULES, ...rules }, holds });
  return problems.map(describe);
}

function describe(problem: ManifestProblem): string {
  switch (problem.code) {
    case "content_unknown":
      return `unknown ${problem.digest === MISSING ? "MISSING" : problem.digest}`;
    case "url_refused":
    case "class_refused":
      return `${problem.code === "url_refused" ? "url" : "class"}: ${problem.reason}`;
  }
}

const GOOD = ["https://example.com/layer"];

/** The reference's table of layers, row by row: type, whether it is stored, URLs, what follows. */
const LAYERS: readonly (readonly [
  "docker" | "oci",
  string,
  Digest,
  readonly string[] | undefined,
  readonly string[],
])[] = [
  ["docker", DOCKER_LAYER, STORED, undefined, []],
  ["docker", DOCKER_LAYER, MISSING, undefined, ["unknown MISSING"]],
  ["docker", DOCKER_LAYER, STORED, ["ftp://bad"], []],
  ["docker", DOCKER_LAYER, MISSING, GOOD, ["unknown MISSING"]],
  ["docker", "application/anything", MISSING, undefined, ["unknown MISSING"]],
  ["docker", DOCKER_FOREIGN_LAYER, MISSING, undefined, ["url: a foreign layer must name a URL"]],
  ["docker", DOCKER_FOREIGN_LAYER, MISSING, [], ["url: a foreign layer must name a URL"]],
  ["docker", DOCKER_FOREIGN_LAYER, STORED, undefined, ["url: a foreign layer must name a URL"]],
  ["docker", DOCKER_FOREIGN_LAYER, MISSING, GOOD, []],
  ["docker", DOCKER_FOREIGN_LAYER, MISSING, ["ftp://bad"], [
    'url: "ftp://bad" is neither http nor https',
  ]],
  ["docker", OCI_FOREIGN, MISSING, GOOD, ["unknown MISSING"]],
  ["docker", DOCKER_MANIFEST, MISSING, undefined, ["unknown MISSING"]],
  ["oci", OCI_LAYER, STORED, undefined, []],
  ["oci", OCI_LAYER, MISSING, undefined, ["unknown MISSING"]],
  ["oci", OCI_TAR, MISSING, undefined, ["unknown MISSING"]],
  ["oci", OCI_LAYER, MISSING, GOOD, ["unknown MISSING"]],
  ["oci", OCI_LAYER, STORED, ["ftp://bad"], ['url: "ftp://bad" is neither http nor https']],
  ["oci", OCI_LAYER, MISSING, ["ftp://bad"], [
    'url: "ftp://bad" is neither http nor https',
    "unknown MISSING",
  ]],
  ["oci", OCI_FOREIGN, MISSING, GOOD, []],
  ["oci", `${OCI_FOREIGN}+gzip`, MISSING, GOOD, []],
  ["oci", `${OCI_FOREIGN}+zstd`, MISSING, GOOD, []],
  ["oci", OCI_FOREIGN, MISSING, undefined, ["unknown MISSING"]],
  ["oci", OCI_FOREIGN, MISSING, [], ["unknown MISSING"]],
  ["oci", OCI_FOREIGN, STORED, undefined, []],
  ["oci", OCI_FOREIGN, MISSING, ["ftp://bad"], ['url: "ftp://bad" is neither http nor https']],
  ["oci", DOCKER_FOREIGN_LAYER, MISSING, GOOD, ["unknown MISSING"]],
  ["oci", "application/anything", MISSING, undefined, ["unknown MISSING"]],
  ["oci", OCI_MANIFEST, MISSING, undefined, ["unknown MISSING"]],
];

for (const [kind, mediaType, digest, urls, expected] of LAYERS) {
  const stored = digest === STORED ? "stored" : "missing";
  const named = urls === undefined ? "no urls" : JSON.stringify(urls);
  Deno.test(`checkManifest ${kind}: ${mediaType}, ${stored}, ${named}`, async () => {
    const layer = { mediaType, digest, ...urls === undefined ? {} : { urls } };
    const type = kind === "docker" ? DOCKER_MANIFEST : OCI_MANIFEST;
    assertEquals(await checkLayer(type, layer), expected);
  });
}

/** URL, what is allowed, what is denied, and what is said of it. */
const URLS: readonly (readonly [string, readonly RegExp[], readonly RegExp[], string?])[] = [
  ["http://example.com/a", RULES.urls?.allow ?? [], []],
  ["https://example.com/a", RULES.urls?.allow ?? [], []],
  ["https://example.com/a?b=c", RULES.urls?.allow ?? [], []],
  ["https://example.org/a", RULES.urls?.allow ?? [], [], "is not an allowed URL"],
  ["https://example.org/a", [/\.com\//, /\.org\//], []],
  ["https://example.com/a", [/.*/], [/example\.com/], "is not an allowed URL"],
  ["https://example.com/a", [], [/example\.org/]],
  ["https://example.com/a", [], [/example\.com/], "is not an allowed URL"],
  ["https://example.com/a", [], [], "is not an allowed URL"],
  ["https://example.com/a#", [/.*/], [], "has a fragment"],
  ["https://example.com/a#b", [/.*/], [], "has a fragment"],
  ["ftp://example.com/a", [/.*/], [], "is neither http nor https"],
  ["file:///etc/passwd", [/.*/], [], "is neither http nor https"],
  ["javascript:alert(1)", [/.*/], [], "is neither http nor https"],
  ["example.com/a", [/.*/], [], "is not a URL"],
  ["//example.com/a", [/.*/], [], "is not a URL"],
  ["http://", [/.*/], [], "is not a URL"],
  ["", [/.*/], [], "is not a URL"],
];

for (const [url, allow, deny, problem] of URLS) {
  const lists = `allow ${allow.join(" ") || "nothing"}, deny ${deny.join(" ") || "nothing"}`;
  Deno.test(`checkManifest takes "${url}" or says why not: ${lists}`, async () => {
    const expected = problem === undefined ? [] : [`url: "${url}" ${problem}`];
    for (const type of [DOCKER_MANIFEST, OCI_MANIFEST] as const) {
      const mediaType = type === DOCKER_MANIFEST ? DOCKER_FOREIGN_LAYER : OCI_FOREIGN;
      const layer = { mediaType, digest: MISSING, urls: [url] };
      assertEquals(await checkLayer(type, layer, { urls: { allow, deny } }), expected);
    }
  });
}

Deno.test("checkManifest names the first bad URL of each layer among good ones", async () => {
  const layer = (urls: string[]) => ({ mediaType: OCI_FOREIGN, digest: MISSING, urls });
  const good = "https://example.com/a";
  const manifest = image(OCI_MANIFEST, OCI_IMAGE_CONFIG, [
    layer([good, "http://one", "http://two"]),
    layer([good]),
    layer(["http://three"]),
  ]);

  assertEquals(await check(manifest), [
    'url: "http://one" is not an allowed URL',
    'url: "http://three" is not an allowed URL',
  ]);
});

Deno.test("checkManifest looks at no URL where there are no rules for them", async () => {
  for (const urls of [undefined, ["ftp://bad#"]]) {
    const layer = { digest: MISSING, ...urls === undefined ? {} : { urls } };
    const docker = { mediaType: DOCKER_FOREIGN_LAYER, ...layer };
    assertEquals(await checkLayer(DOCKER_MANIFEST, docker, { urls: undefined }), []);
    const oci = { mediaType: OCI_FOREIGN, ...layer };
    const expected = urls === undefined ? ["unknown MISSING"] : [];
    assertEquals(await checkLayer(OCI_MANIFEST, oci, { urls: undefined }), expected);
  }
});

Deno.test("checkManifest names all that is missing once, the config first", async () => {
  const other = digestBytes(toBytes("other"));
  const manifest: Manifest = {
    ...image(OCI_MANIFEST, OCI_IMAGE_CONFIG, [
      { mediaType: OCI_LAYER, digest: MISSING },
      { mediaType: OCI_LAYER, digest: STORED },
      { mediaType: OCI_LAYER, digest: MISSING },
    ]),
    config: { mediaType: OCI_IMAGE_CONFIG, digest: other },
  };

  assertEquals(await check(manifest), [`unknown ${other}`, "unknown MISSING"]);
});

Deno.test("checkManifest gives up after so many reasons", async () => {
  let asked = 0;
  const holds = () => {
    asked++;
    return Promise.resolve(false);
  };
  const layers = Array.from({ length: MAX_PROBLEMS + 5 }, (_, place) => {
    const digest = digestBytes(toBytes(String(place)));
    return { mediaType: OCI_LAYER, digest, ...place < 10 ? { urls: ["ftp://bad"] } : {} };
  });
  const manifest = image(OCI_MANIFEST, OCI_IMAGE_CONFIG, layers);

  const problems = await checkManifest(manifest, { rules: RULES, holds });

  assertEquals(problems.length, MAX_PROBLEMS);
  assertEquals(asked, MAX_PROBLEMS - 10);
});

Deno.test("checkManifest asks for no blobs where they need not be there", async () => {
  const asked: Digest[] = [];
  const manifest = image(OCI_MANIFEST, OCI_IMAGE_CONFIG, [
    { mediaType: OCI_LAYER, digest: MISSING },
  ]);
  const holds = (digest: Digest) => {
    asked.push(digest);
    return Promise.resolve(false);
  };

  assertEquals(await checkManifest(manifest, { rules: { ...RULES, blobs: false }, holds }), []);
  assertEquals(asked, []);
});

Deno.test("checkManifest does not ask for the subject", async () => {
  const manifest = {
    ...image(OCI_MANIFEST, OCI_IMAGE_CONFIG, []),
    subject: { mediaType: OCI_MANIFEST, digest: MISSING },
  };

  assertEquals(await check(manifest), []);
});

const AMD64 = { architecture: "amd64", os: "linux" };
const ARM64 = { architecture: "arm64", os: "linux" };

function child(platform?: Descriptor["platform"]): Descriptor {
  const found = platform === undefined ? {} : { platform };
  return { mediaType: OCI_MANIFEST, digest: MISSING, ...found };
}

/** Child, the platforms whose children must be there, whether that is asked for. */
const CHILDREN: readonly (readonly [string, Descriptor, ManifestRules["children"], boolean])[] = [
  ["any platform, all", child(AMD64), "all", true],
  ["no platform, all", child(), "all", true],
  ["any platform, none", child(AMD64), "none", false],
  ["no platform, none", child(), "none", false],
  ["a listed platform", child(AMD64), [ARM64, AMD64], true],
  ["a listed platform with a variant", child({ ...ARM64, variant: "v8" }), [ARM64], true],
  ["another architecture", child(ARM64), [AMD64], false],
  ["another system", child({ ...AMD64, os: "windows" }), [AMD64], false],
  ["no platform, a list", child(), [AMD64], false],
  ["an empty platform, a list", child({}), [AMD64], false],
  ["no list at all", child(AMD64), [], false],
];

for (const [name, descriptor, children, required] of CHILDREN) {
  Deno.test(`checkManifest asks for the child of an index, or not: ${name}`, async () => {
    const expected = required ? ["unknown MISSING"] : [];
    for (const mediaType of [OCI_INDEX, DOCKER_LIST]) {
      assertEquals(await check(index([descriptor], mediaType), { children }), expected);
      const stored = { ...descriptor, digest: STORED };
      assertEquals(await check(index([stored], mediaType), { children }), []);
    }
  });
}

Deno.test("checkManifest asks for the children of an index though blobs need not be there", async () => {
  assertEquals(await check(index([child()]), { blobs: false }), ["unknown MISSING"]);
});

/** Manifest type, type of its config, classes that are allowed, and what follows. */
const CLASSES: readonly (readonly [
  typeof DOCKER_MANIFEST | typeof OCI_MANIFEST,
  string,
  readonly string[],
  string?,
])[] = [
  [DOCKER_MANIFEST, DOCKER_IMAGE_CONFIG, ["image"]],
  [DOCKER_MANIFEST, DOCKER_PLUGIN_CONFIG, ["image", "plugin"]],
  [DOCKER_MANIFEST, DOCKER_PLUGIN_CONFIG, ["image"], "registry does not allow plugin manifest"],
  [DOCKER_MANIFEST, DOCKER_IMAGE_CONFIG, ["plugin"], "registry does not allow image manifest"],
  [OCI_MANIFEST, OCI_IMAGE_CONFIG, ["image"]],
  [OCI_MANIFEST, OCI_IMAGE_CONFIG, ["plugin"], "registry does not allow image manifest"],
  [OCI_MANIFEST, "a/b", ["image", "plugin"], "unknown manifest class for a/b"],
  [OCI_MANIFEST, "", ["image"], "unknown manifest class for "],
  [OCI_MANIFEST, "constructor", ["image"], "unknown manifest class for constructor"],
  [OCI_MANIFEST, "a/b", []],
];

for (const [mediaType, configType, classes, problem] of CLASSES) {
  const kind = mediaType === OCI_MANIFEST ? "oci" : "docker";
  const name = `${kind} with config "${configType}" where [${classes}] is allowed`;
  Deno.test(`checkManifest goes by the class of an image: ${name}`, async () => {
    const expected = problem === undefined ? [] : [`class: ${problem}`];
    assertEquals(await check(image(mediaType, configType, []), { classes }), expected);
  });
}

Deno.test("checkManifest says nothing but that a class is refused, and asks for nothing", async () => {
  const layer = { mediaType: OCI_LAYER, digest: MISSING, urls: ["ftp://bad"] };
  const manifest = image(OCI_MANIFEST, "a/b", [layer]);

  assertEquals(await check(manifest, { classes: ["image"] }), [
    "class: unknown manifest class for a/b",
  ]);
});

Deno.test("checkManifest knows no class of an index or a schema 1 manifest", async () => {
  const schema1: Manifest = {
    mediaType: SCHEMA1_MANIFEST,
    kind: "schema1",
    layers: [],
    manifests: [],
  };
  for (const manifest of [index([]), index([], DOCKER_LIST), schema1]) {
    assertEquals(await check(manifest, { classes: ["plugin"] }), []);
  }
});
