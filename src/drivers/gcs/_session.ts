import { AnswerError, fetchAnswer } from "../fetch_answer.ts";
import { generationOf } from "./_bucket.ts";

/** Parts that are not the last one have a multiple of this length. Source: Cloud Storage. */
export const GRANULE_BYTES = 256 * 1024;

/** The store has taken what was sent, and waits for more. */
const RESUME_INCOMPLETE = 308;

/** How often in a row a part is sent of which nothing arrives. */
const MAX_BARREN_ATTEMPTS = 5;

/** Bytes and where they belong. */
interface Part {
  readonly offset: number;
  readonly content: Uint8Array<ArrayBuffer>;
  /** Length of the whole file, where these are its last bytes. */
  readonly totalBytes?: number;
}

/**
 * Sends a part that others follow.
 *
 * @throws {AnswerError} the store does not know the session any more
 * @throws {Error} somebody else has sent bytes too
 */
export async function sendPart(uri: string, part: Part): Promise<void> {
  const response = await deliver(uri, part);
  if (response !== undefined) throw new Error("Cannot go on: the upload was ended meanwhile");
}

/**
 * Sends the last part, which may be empty, and ends the session.
 *
 * @returns the generation of the object that it has made
 */
export async function endSession(
  uri: string,
  part: Part & { readonly totalBytes: number },
): Promise<string> {
  const response = await deliver(uri, part);
  if (response === undefined) throw new Error("Cannot end the upload: the store waits for more");
  return await generationOf(response);
}

/** Ends a session without a result; one that is gone is as good as ended. */
export async function abandonSession(uri: string): Promise<void> {
  try {
    const response = await fetch(uri, { method: "DELETE" });
    await response.body?.cancel();
  } catch {
    // The store forgets it after a week.
  }
}

/** Sends a part until the store has all of it; gives its answer if it has made the object. */
async function deliver(uri: string, part: Part): Promise<Response | undefined> {
  const end = part.offset + part.content.byteLength;
  let offset = part.offset;
  for (let barren = 0; barren < MAX_BARREN_ATTEMPTS;) {
    const answer = await attempt(uri, { ...part, offset, content: rest(part, offset) });
    if (answer.status !== RESUME_INCOMPLETE) return answer;
    await answer.body?.cancel();
    const arrived = arrivedBytes(answer);
    if (arrived === end && part.totalBytes === undefined) return undefined;
    if (arrived < part.offset || arrived > end) {
      throw new Error(`Cannot go on at byte ${offset}: the store has ${arrived}`);
    }
    barren = arrived > offset ? 0 : barren + 1;
    offset = arrived;
  }
  throw new Error(`Cannot go on at byte ${offset}: the store takes nothing`);
}

/** Sends once; where no answer comes, asks how much has arrived. */
async function attempt(uri: string, part: Part): Promise<Response> {
  try {
    return await put(uri, { range: rangeOf(part), content: part.content, repeatable: false });
  } catch (error) {
    if (error instanceof AnswerError && error.status < 500 && error.status !== 429) throw error;
    const range = `bytes */${part.totalBytes ?? "*"}`;
    return await put(uri, { range, content: new Uint8Array(), repeatable: true });
  }
}

function put(
  uri: string,
  { range, content, repeatable }: {
    readonly range: string;
    readonly content: Uint8Array<ArrayBuffer>;
    readonly repeatable: boolean;
  },
): Promise<Response> {
  const init = { method: "PUT", headers: { "content-range": range }, body: content };
  return fetchAnswer({
    request: () => Promise.resolve([uri, init]),
    expect: [200, 201, RESUME_INCOMPLETE],
    repeatable,
  });
}

function rest({ offset, content }: Part, from: number): Uint8Array<ArrayBuffer> {
  return content.subarray(from - offset);
}

function rangeOf({ offset, content, totalBytes }: Part): string {
  const total = totalBytes ?? "*";
  return content.byteLength === 0
    ? `bytes */${total}`
    : `bytes ${offset}-${offset + content.byteLength - 1}/${total}`;
}

/** How much of the file the store has. */
function arrivedBytes(answer: Response): number {
  const last = /-(\d+)$/.exec(answer.headers.get("range") ?? "")?.[1];
  return last === undefined ? 0 : Number(last) + 1;
}
