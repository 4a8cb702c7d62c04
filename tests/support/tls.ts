import { CERTIFICATE, KEY } from "../server/_certificates.ts";
import type { TempFolder } from "./temp.ts";

/** Writes a certificate for localhost and 127.0.0.1, and gives the section `http.tls` with it. */
export async function writeTlsFiles(
  temp: TempFolder,
): Promise<{ readonly certificate: string; readonly key: string }> {
  return {
    certificate: await temp.write("tls.crt", CERTIFICATE),
    key: await temp.write("tls.key", KEY),
  };
}
