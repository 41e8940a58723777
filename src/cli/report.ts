import { writeFileSync } from "node:fs";
import { page } from "../report/page.js";
import { isWell } from "../status/fleet.js";
import { defineCommand } from "./command.js";
import { readFleet, stackOptions } from "./stack.js";

export const reportCommand = defineCommand({
  summary: "writes one HTML page about the jails of a stack",
  usage: ["[OPTION…]"],
  about: [
    "Writes one HTML page about the jails of a stack: what is wrong and what to do, when each jail last changed, and a table with everything that is known about each jail.",
    "The page needs no other file: mail it, archive it or put it on any web server. Its readers learn your hosts' names and weaknesses.",
  ],
  options: {
    ...stackOptions,
    output: {
      type: "string",
      default: "python3jail-report.html",
      value: "FILE",
      help: "file to write (default: python3jail-report.html; - is standard output)",
    },
  },
  closing: [
    "Exit code: 0 written and all jails are well, 1 written and some jails are not, 2 not written or the command line is wrong.",
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
