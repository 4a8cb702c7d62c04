/** The runtime of the executable, Deno 2.4, is in some things unlike later ones. */
export const IS_OLD_RUNTIME: boolean = /^2\.[0-4]\./.test(Deno.version.deno);
