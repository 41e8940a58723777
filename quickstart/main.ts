import { parseCommandLine, usage, type CommandLine } from "./command-line.js";
import { destroy } from "./destroy.js";
import { failureOf } from "./failure.js";
import { defaultDirectory } from "./places.js";
import { sayError } from "./screen.js";
import { up } from "./up.js";
import { usePulumi, usePython } from "./use.js";

async function run({ options, command }: CommandLine): Promise<number> {
  switch (command.do) {
    case "up":
      return up(options);
    case "destroy":
      return destroy(options);
    case "pulumi":
      return usePulumi(options, command.args);
    case "python":
      return usePython(options, command.args);
    case "help":
      process.stdout.write(usage());
      return 0;
  }
}

async function main(): Promise<number> {
  let directory = defaultDirectory;
  try {
    const commandLine = parseCommandLine(process.argv.slice(2));
    directory = commandLine.options.directory ?? directory;
    return await run(commandLine);
  } catch (error) {
    const { message, remedy } = failureOf(error, directory);
    sayError(message, remedy);
    return 1;
  }
}

void main().then((code) => process.exit(code));
