import { toBytes } from "../../base/bytes.ts";
import type { Reply } from "../reply.ts";
import type { RequestContext } from "../request_context.ts";

const BODY = toBytes("{}");

/** Says that this is a registry: clients ask it first. */
export function getBase(context: RequestContext): Reply {
  const headers = { "content-type": "application/json", "content-length": String(BODY.byteLength) };
  const warning = context.settings.readOnly ? { warning: READ_ONLY_WARNING } : {};
  return { status: 200, headers: { ...headers, ...warning }, body: BODY };
}

/** Source: OCI distribution specification, "Warnings". */
const READ_ONLY_WARNING = '299 - "This registry is read-only for now: pushes are refused."';
