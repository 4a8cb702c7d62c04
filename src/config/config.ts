/**
 * The configuration of a registry, as everything else of the program sees it: read, checked,
 * defaults filled in, durations in milliseconds, deep-frozen.
 *
 * There is nothing in this file but types. `load.ts` makes the values.
 *
 * @module
 */

import type { AuthConfig } from "./sections/auth.ts";
import type { HealthConfig } from "./sections/health.ts";
import type { HttpConfig } from "./sections/http.ts";
import type { CatalogConfig, TagsConfig } from "./sections/limits.ts";
import type { LogConfig } from "./sections/log.ts";
import type { MiddlewareConfig } from "./sections/middleware.ts";
import type { NotificationsConfig } from "./sections/notifications.ts";
import type { PolicyConfig } from "./sections/policy.ts";
import type { ProxyConfig } from "./sections/proxy.ts";
import type { RedisConfig } from "./sections/redis.ts";
import type { StorageConfig } from "./sections/storage.ts";
import type { ValidationConfig } from "./sections/validation.ts";

/** The whole configuration. What may be switched off as a whole is absent where it is. */
export interface Config {
  /** The application log and the access log. */
  readonly log: LogConfig;
  /** The listeners. */
  readonly http: HttpConfig;
  /** Where data is kept. */
  readonly storage: StorageConfig;
  /** Who may do what. */
  readonly auth: AuthConfig;
  /** Middleware around the storage. */
  readonly middleware: MiddlewareConfig;
  /** Events for other programs. */
  readonly notifications: NotificationsConfig;
  /** Redis; absent where no server is named. */
  readonly redis?: RedisConfig;
  /** Checks that take the registry out of service. */
  readonly health: HealthConfig;
  /** The list of repositories. */
  readonly catalog: CatalogConfig;
  /** The list of tags. */
  readonly tags: TagsConfig;
  /** Pull-through cache; absent where no registry is named. */
  readonly proxy?: ProxyConfig;
  /** Checks of manifests that are pushed. */
  readonly validation: ValidationConfig;
  /** Rules for what may be pushed. */
  readonly policy: PolicyConfig;
}

export type {
  AuthConfig,
  SigningAlgorithm,
  StowageAuthConfig,
  TokenAuthConfig,
} from "./sections/auth.ts";
export type {
  FileCheckConfig,
  HealthConfig,
  HealthPace,
  HttpCheckConfig,
  TcpCheckConfig,
} from "./sections/health.ts";
export type { DebugConfig, HttpConfig } from "./sections/http.ts";
export type { CipherSuite, ClientAuth, LetsEncryptConfig, TlsConfig } from "./sections/http_tls.ts";
export type { CatalogConfig, TagsConfig } from "./sections/limits.ts";
export type {
  LogConfig,
  LogFormatter,
  LogHookLevel,
  LogLevel,
  MailHookConfig,
} from "./sections/log.ts";
export type {
  CloudFrontConfig,
  MiddlewareConfig,
  RedirectConfig,
  RewriteConfig,
  StorageMiddlewareConfig,
} from "./sections/middleware.ts";
export type {
  EndpointConfig,
  NotificationsConfig,
  OutboxConfig,
  PullEventsConfig,
} from "./sections/notifications.ts";
export type { PolicyConfig } from "./sections/policy.ts";
export type { ProxyConfig, UpstreamConfig } from "./sections/proxy.ts";
export type { RedisConfig, RedisTlsConfig } from "./sections/redis.ts";
export type {
  BlobDescriptorCacheConfig,
  GarbageCollectionConfig,
  StorageConfig,
  StorageDriverConfig,
  UploadPurgingConfig,
} from "./sections/storage.ts";
export type { AzureConfig, AzureCredentials } from "./sections/storage_azure.ts";
export type { GcsConfig } from "./sections/storage_gcs.ts";
export type { FilesystemConfig, InMemoryConfig } from "./sections/storage_local.ts";
export type { S3Config, S3LogLevel, S3ObjectAcl, S3StorageClass } from "./sections/storage_s3.ts";
export type { PlatformConfig, ValidationConfig } from "./sections/validation.ts";
