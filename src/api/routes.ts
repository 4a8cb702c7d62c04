/**
 * The routes of the API, as a table: what is matched, which methods there are, what each may do.
 *
 * Source: reference of Distribution, "Routes"; OCI distribution specification, "Endpoints".
 *
 * @module
 */

import { getBase } from "./handlers/base.ts";
import { deleteBlob, getBlob } from "./handlers/blob.ts";
import { getCatalog } from "./handlers/catalog.ts";
import { deleteManifest, getManifest, putManifest } from "./handlers/manifest.ts";
import { getReferrers } from "./handlers/referrers.ts";
import { getTags } from "./handlers/tags.ts";
import { deleteRepository } from "./handlers/repository.ts";
import { deleteUpload, getUpload, patchUpload, postUpload, putUpload } from "./handlers/upload.ts";
import type { Route } from "./route.ts";

const PULL = { action: "pull" } as const;
const PUSH = { action: "push" } as const;
const DELETE = { action: "delete" } as const;

/** All routes, in the order in which they are tried. */
export const ROUTES: readonly Route[] = [
  {
    name: "base",
    tail: [""],
    named: false,
    operations: { GET: { ...PULL, handle: getBase }, HEAD: { ...PULL, handle: getBase } },
  },
  {
    name: "tags",
    tail: ["tags", "list"],
    named: true,
    operations: { GET: { ...PULL, handle: getTags }, HEAD: { ...PULL, handle: getTags } },
  },
  {
    name: "manifest",
    tail: ["manifests", ":reference"],
    named: true,
    operations: {
      GET: { ...PULL, handle: getManifest },
      HEAD: { ...PULL, handle: getManifest },
      PUT: { ...PUSH, handle: putManifest },
      DELETE: { ...DELETE, handle: deleteManifest },
    },
  },
  {
    name: "blob_upload",
    tail: ["blobs", "uploads", ""],
    named: true,
    operations: { POST: { ...PUSH, handle: postUpload } },
  },
  {
    name: "blob_upload_chunk",
    tail: ["blobs", "uploads", ":uuid"],
    named: true,
    operations: {
      GET: { ...PULL, handle: getUpload },
      HEAD: { ...PULL, handle: getUpload },
      POST: { ...PUSH, handle: postUpload },
      PATCH: { ...PUSH, handle: patchUpload },
      PUT: { ...PUSH, handle: putUpload },
      // Whoever may push may also give up; Distribution asks for the right to delete.
      DELETE: { ...PUSH, handle: deleteUpload },
    },
  },
  {
    name: "blob",
    tail: ["blobs", ":digest"],
    named: true,
    operations: {
      GET: { ...PULL, handle: getBlob },
      HEAD: { ...PULL, handle: getBlob },
      DELETE: { ...DELETE, handle: deleteBlob },
    },
  },
  {
    name: "referrers",
    tail: ["referrers", ":digest"],
    named: true,
    operations: {
      GET: { ...PULL, handle: getReferrers },
      HEAD: { ...PULL, handle: getReferrers },
    },
  },
  {
    // Stowage's own; no repository's name has a part that starts with an underscore.
    name: "repository",
    tail: ["_repository"],
    named: true,
    operations: { DELETE: { ...DELETE, handle: deleteRepository } },
  },
  {
    name: "catalog",
    tail: ["_catalog"],
    named: false,
    operations: {
      GET: { ...PULL, handle: getCatalog },
      HEAD: { ...PULL, handle: getCatalog },
    },
  },
];
