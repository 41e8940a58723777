import { writeFileSync } from "node:fs";
import { page } from "../report/page.js";
import { isWell } from "../status/fleet.js";
import { defineCommand } from "./command.js";
import { readFleet, stackOptions } from "./stack.js";

export const reportCommand = defineCommand({
  summary: "writes one HTML page on the jails of a stack",
  usage: ["[OPTION…]"],
  about: [
    "Writes one HTML page on the jails of a stack: what is wrong and what to do, when each jail last changed, and a table of all with everything that is known of each.",
    "The page needs nothing else: mail it, archive it or put it behind any web server. Whoever may read it knows your hosts' names, and what is weak on them.",
  ],
  options: {
    ...stackOptions,
    output: {
      type: "string",
      default: "python3jail-report.html",
      value: "FILE",
      help: "where to (default: python3jail-report.html; - is standard output)",
    },
  },
  closing: [
    "Exit code: 0 written and all is well, 1 written and something is not, 2 not written or the command is wrong.",
  ],

  async run(values, _, terminal, session) {
    const fleet = await readFleet(values, session);
    const text = page(fleet, new Date());
    if (values.output === "-") {
      terminal.write(text);
    } else {
      writeFileSync(values.output, text);
      const wrong = fleet.jails.filter((jail) => !isWell(jail)).length;
      terminal.write(
        `${values.output}: ${fleet.jails.length} jails, ${wrong === 0 ? "all well" : `${wrong} not well`}\n`,
      );
    }
    return fleet.jails.every(isWell) ? 0 : 1;
  },
});
