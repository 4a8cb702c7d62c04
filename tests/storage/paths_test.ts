import { assert, assertEquals } from "@std/assert";
import { makeDigest } from "../../src/oci/digest.ts";
import {
  blobAliasPath,
  blobDataPath,
  blobFolderPath,
  BLOBS,
  layerLinkPath,
  manifestsPath,
  referrerPath,
  referrersIndexedPath,
  referrersPath,
  REPOSITORIES,
  repositoryPath,
  revisionLinkPath,
  revisionsPath,
  ROOT,
  tagCurrentLinkPath,
  tagIndexLinkPath,
  tagPath,
  tagsPath,
  uploadDataPath,
  uploadPath,
  uploadStartedAtPath,
} from "../../src/storage/paths.ts";

const HEX = "0123456789abcdef".repeat(4);
const DIGEST = makeDigest("sha256", HEX);
const SHA384 = makeDigest("sha384", `${HEX}${HEX.slice(32)}`);
const SHA512 = makeDigest("sha512", HEX + HEX);
const V2 = "/docker/registry/v2";
const REPO = `${V2}/repositories/library/alpine`;

const PATHS: readonly (readonly [string, string, string])[] = [
  ["ROOT", ROOT, V2],
  ["BLOBS", BLOBS, `${V2}/blobs`],
  ["REPOSITORIES", REPOSITORIES, `${V2}/repositories`],
  ["repositoryPath", repositoryPath("library/alpine"), REPO],
  ["blobFolderPath", blobFolderPath(DIGEST), `${V2}/blobs/sha256/01/${HEX}`],
  ["blobDataPath", blobDataPath(DIGEST), `${V2}/blobs/sha256/01/${HEX}/data`],
  ["blobAliasPath", blobAliasPath(SHA512), `${V2}/blobs/sha512/01/${HEX}${HEX}/link`],
  [
    "layerLinkPath",
    layerLinkPath("library/alpine", DIGEST),
    `${REPO}/_layers/sha256/${HEX}/link`,
  ],
  ["manifestsPath", manifestsPath("library/alpine"), `${REPO}/_manifests`],
  ["revisionsPath", revisionsPath("library/alpine"), `${REPO}/_manifests/revisions`],
  [
    "revisionLinkPath",
    revisionLinkPath("library/alpine", SHA384),
    `${REPO}/_manifests/revisions/sha384/${HEX}${HEX.slice(32)}/link`,
  ],
  ["tagsPath", tagsPath("library/alpine"), `${REPO}/_manifests/tags`],
  ["tagPath", tagPath("library/alpine", "3.20"), `${REPO}/_manifests/tags/3.20`],
  [
    "tagCurrentLinkPath",
    tagCurrentLinkPath("library/alpine", "3.20"),
    `${REPO}/_manifests/tags/3.20/current/link`,
  ],
  [
    "tagIndexLinkPath",
    tagIndexLinkPath("library/alpine", "3.20", DIGEST),
    `${REPO}/_manifests/tags/3.20/index/sha256/${HEX}/link`,
  ],
  ["uploadPath", uploadPath("library/alpine", "0190-a"), `${REPO}/_uploads/0190-a`],
  ["uploadDataPath", uploadDataPath("library/alpine", "0190-a"), `${REPO}/_uploads/0190-a/data`],
  [
    "uploadStartedAtPath",
    uploadStartedAtPath("library/alpine", "0190-a"),
    `${REPO}/_uploads/0190-a/startedat`,
  ],
  [
    "referrersIndexedPath",
    referrersIndexedPath("library/alpine"),
    `${REPO}/_referrers/indexed`,
  ],
  [
    "referrersPath",
    referrersPath("library/alpine", DIGEST),
    `${REPO}/_referrers/sha256/${HEX}`,
  ],
  [
    "referrerPath",
    referrerPath("library/alpine", DIGEST, SHA512),
    `${REPO}/_referrers/sha256/${HEX}/sha512/${HEX}${HEX}`,
  ],
];

for (const [name, found, expected] of PATHS) {
  Deno.test(`${name} is where it is in Distribution's tree, or beside it`, () => {
    assertEquals(found, expected);
  });
}

Deno.test("all paths keep to the characters that drivers take", () => {
  for (const [, path] of PATHS) assert(/^(?:\/[A-Za-z0-9._-]+)+$/.test(path), path);
});
