/**
 * The entry of the thread that compares passwords, where Stowage is a library; the program starts
 * the thread from its own entry.
 *
 * @module
 */

import { type PasswordThreadScope, runPasswordThread } from "./run_password_thread.ts";

await runPasswordThread(globalThis as unknown as PasswordThreadScope);
