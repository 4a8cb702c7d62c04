import {
  type BlobClient,
  BlobSASPermissions,
  generateBlobSASQueryParameters,
  SASProtocol,
  StorageSharedKeyCredential,
  type UserDelegationKey,
} from "@azure/storage-blob";
import { type Clock, SYSTEM_CLOCK } from "../../base/clock.ts";
import type { Account } from "./_account.ts";

const MINUTE_MS = 60_000;

/** How long the URLs are valid that clients are sent to. Source: Distribution, as the rest. */
const LINK_MS = 20 * MINUTE_MS;

/** How far the clocks of the store and of this machine may be apart. */
const SKEW_MS = 10_000;

/** How long a key is valid that signs in the name of an identity. */
const DELEGATION_MS = 48 * 60 * MINUTE_MS;

/** A key that is valid no longer than this is not used any more. */
const GRACE_MS = 30 * MINUTE_MS;

/** Signs URLs at which anybody may read one blob for some time. */
export class SignedLinks {
  readonly #account: Account;
  readonly #clock: Clock;
  #delegation: Promise<UserDelegationKey> | undefined;
  #delegatedUntilMs = 0;

  constructor(account: Account, clock: Clock = SYSTEM_CLOCK) {
    this.#account = account;
    this.#clock = clock;
  }

  /**
   * A URL of a blob, for a client.
   * @throws {RestError} the identity may not sign
   */
  async sign(blob: BlobClient): Promise<string> {
    return await this.#sign(blob, { startsOn: new Date(this.#clock.now() - SKEW_MS) });
  }

  /** A URL of a blob, for this program, whose clock need not be right. */
  async signOwn(blob: BlobClient): Promise<string> {
    return await this.#sign(blob, {});
  }

  async #sign(blob: BlobClient, start: { readonly startsOn?: Date }): Promise<string> {
    const { service, credential } = this.#account;
    const values = {
      ...start,
      containerName: blob.containerName,
      blobName: blob.name,
      permissions: BlobSASPermissions.parse("r"),
      protocol: blob.url.startsWith("https:") ? SASProtocol.Https : SASProtocol.HttpsAndHttp,
      expiresOn: new Date(this.#clock.now() + LINK_MS),
    };
    const query = credential instanceof StorageSharedKeyCredential
      ? generateBlobSASQueryParameters(values, credential)
      : generateBlobSASQueryParameters(values, await this.#delegate(), service.accountName);
    return `${blob.url}?${query}`;
  }

  #delegate(): Promise<UserDelegationKey> {
    const nowMs = this.#clock.now();
    if (this.#delegation !== undefined && nowMs < this.#delegatedUntilMs - GRACE_MS) {
      return this.#delegation;
    }
    this.#delegatedUntilMs = nowMs + DELEGATION_MS;
    const { service } = this.#account;
    const asked: Promise<UserDelegationKey> = service.getUserDelegationKey(
      new Date(nowMs - SKEW_MS),
      new Date(this.#delegatedUntilMs),
    );
    this.#delegation = asked;
    asked.catch(() => {
      if (this.#delegation === asked) this.#delegation = undefined;
    });
    return asked;
  }
}
