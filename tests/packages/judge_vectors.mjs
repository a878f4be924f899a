// Prints what the runtime that runs it makes of the vectors of a file.
import { argv, stdout } from "node:process";
import { judge } from "./judge.mjs";

stdout.write(JSON.stringify(await judge(argv[2])));
