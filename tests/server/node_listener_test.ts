import { listenerContract } from "../contracts/listener.ts";

listenerContract("listenWithNode", "node");
