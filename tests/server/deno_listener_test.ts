import { listenerContract } from "../contracts/listener.ts";

listenerContract("listenWithDeno", "deno");
