import { writeFileSync } from "node:fs";
import { page } from "../report/page.js";
import { isWell } from "../status/fleet.js";
import { parsed, type Command } from "./command.js";
import { readFleet, stackHelp, stackOptions } from "./stack.js";

const help = `usage: python3jail report [OPTION…]

Writes one HTML page on the jails of a stack: what is wrong and what to do, when each jail last changed, and a table of all with
everything that is known of each. It asks for nothing else, so it can be mailed, archived or put behind any web server. Whoever may
read it knows your hosts' names, and what is weak on them.

${stackHelp}  --output FILE      where to (default: python3jail-report.html; - is standard output)
  --help             print this

Exit code: 0 written and all is well, 1 written and something is not, 2 not written or the command is wrong.
`;

export const reportCommand: Command = {
  summary: "writes one HTML page on the jails of a stack",
  help,

  async run(args, terminal, session) {
    const { values } = parsed({
      args: [...args],
      options: { ...stackOptions, output: { type: "string", default: "python3jail-report.html" } },
    });
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
};
