import type { AccessRecord } from "./controller.ts";

/**
 * What a token allows: the claim `access` of the Docker token specification.
 *
 * Source: reference of Distribution, "token".
 */
export interface AccessClaim {
  readonly type: string;
  /** A refinement of the type, which decides nothing. */
  readonly class?: string;
  readonly name: string;
  readonly actions: readonly string[];
}

/** Looks rights up that a token gives. */
export class AccessSet {
  readonly #actions = new Map<string, Set<string>>();

  constructor(claims: readonly AccessClaim[]) {
    for (const { type, name, actions } of claims) {
      const resource = `${type}:${name}`;
      const known = this.#actions.get(resource) ?? new Set();
      for (const action of actions) known.add(action);
      this.#actions.set(resource, known);
    }
  }

  /** Tells whether the right is there; type and name must be the same, and `*` gives every action. */
  has({ type, name, action }: AccessRecord): boolean {
    const actions = this.#actions.get(`${type}:${name}`);
    return actions !== undefined && (actions.has(action) || actions.has("*"));
  }

  /** Tells whether every one of these rights is there. */
  hasAll(access: readonly AccessRecord[]): boolean {
    return access.every((record) => this.has(record));
  }
}

/**
 * Reads the claim `access`; absent and `null` are none.
 *
 * @returns `undefined` where it is malformed
 */
export function readAccessClaims(value: unknown): readonly AccessClaim[] | undefined {
  if (value === undefined || value === null) return [];
  return Array.isArray(value) && value.every(isAccessClaim) ? value : undefined;
}

function isAccessClaim(value: unknown): value is AccessClaim {
  if (typeof value !== "object" || value === null) return false;
  const { type, name, actions } = value as Partial<Record<keyof AccessClaim, unknown>>;
  return typeof type === "string" && typeof name === "string" && Array.isArray(actions) &&
    actions.every((action) => typeof action === "string");
}
