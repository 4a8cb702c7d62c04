/**
 * The entry of the program.
 *
 * @module
 */

import { realSurroundings } from "./cli/real_surroundings.ts";
import { runProgram } from "./cli/run_program.ts";

Deno.exit(await runProgram(Deno.args, realSurroundings()));
