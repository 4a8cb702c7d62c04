import type { Report } from "./_report.ts";
import type { Config } from "./config.ts";
import { anything, choice, type Output, section, text } from "./fields.ts";
import { authSection, resolveAuth } from "./sections/auth.ts";
import { healthSection, resolveHealth } from "./sections/health.ts";
import { httpSection, resolveHttp } from "./sections/http.ts";
import { catalogSection, resolveCatalog, resolveTags, tagsSection } from "./sections/limits.ts";
import { logSection, resolveLog } from "./sections/log.ts";
import { middlewareSection, resolveMiddleware } from "./sections/middleware.ts";
import { notificationsSection, resolveNotifications } from "./sections/notifications.ts";
import { policySection, resolvePolicy } from "./sections/policy.ts";
import { proxySection, resolveProxy } from "./sections/proxy.ts";
import { redisSection, resolveRedis } from "./sections/redis.ts";
import { resolveStorage, storageSection } from "./sections/storage.ts";
import { resolveValidation, validationSection } from "./sections/validation.ts";
import { present } from "./sections/_present.ts";

/** The only version of the file's format. */
export const CONFIG_VERSION = "0.1";

/** The whole file, section by section. */
export const rootSection = section({
  version: choice([CONFIG_VERSION], {
    about: "Version of the file's format.",
    required: true,
    fileOnly: true,
  }),
  log: logSection,
  loglevel: text({
    about: "Older name of `log.level`.",
    obsolete: { use: "log.level", note: "it has had this name since version 2" },
  }),
  http: httpSection,
  storage: storageSection,
  auth: authSection,
  middleware: middlewareSection,
  notifications: notificationsSection,
  redis: redisSection,
  health: healthSection,
  catalog: catalogSection,
  tags: tagsSection,
  proxy: proxySection,
  validation: validationSection,
  policy: policySection,
  compatibility: anything({
    about: "Signed manifests of schema 1.",
    obsolete: { note: "manifests of schema 1 are refused, as by Distribution 3" },
  }),
  reporting: anything({
    about: "Bugsnag and New Relic.",
    secret: true,
    obsolete: { note: "errors are told by the log, by metrics and by traces" },
  }),
}, { about: "The configuration of a registry." });

/** The values of a file, checked one by one, in its own keys. */
export type Document = Output<typeof rootSection>;

/** Makes the final form of every section, and checks what lies between keys. */
export function resolveConfig(document: Document, report: Report): Config {
  const redis = resolveRedis(document.redis, report);
  const hasRedis = redis !== undefined;
  return present({
    log: resolveLog(document.log, report),
    http: resolveHttp(document.http, report),
    storage: resolveStorage(document.storage, { report, hasRedis }),
    auth: resolveAuth(document.auth, report),
    middleware: resolveMiddleware(document.middleware, report),
    notifications: resolveNotifications(document.notifications, report),
    redis,
    health: resolveHealth(document.health, report),
    catalog: resolveCatalog(document.catalog),
    tags: resolveTags(document.tags),
    proxy: resolveProxy(document.proxy, report),
    validation: resolveValidation(document.validation, report),
    policy: resolvePolicy(document.policy, report),
  });
}
