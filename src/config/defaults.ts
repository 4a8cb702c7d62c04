import type { Environment } from "./environment.ts";
import { loadConfig, type LoadedConfig } from "./load.ts";

/** A registry for one person: reachable from this machine alone, data in a folder beside. */
const DEVELOPMENT_TEXT = `version: 0.1
log:
  accesslog:
    disabled: true
http:
  addr: 127.0.0.1:5000
storage:
  filesystem:
    rootdirectory: ./data
  delete:
    enabled: true
  cache:
    blobdescriptor: inmemory
validation:
  manifests:
    urls:
      allow: ["^https?://"]
`;

/**
 * What the registry runs with when nobody names a file: at `127.0.0.1:5000`, data in `./data`,
 * deletion allowed. The environment counts as it does over a file.
 *
 * @throws {ConfigError} invalid: the environment says something that cannot be used
 */
export function developmentConfig(env: Environment = {}): LoadedConfig {
  return loadConfig({ text: DEVELOPMENT_TEXT, env });
}
