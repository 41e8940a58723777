import { HostError } from "../../src/base/errors.js";
import { failureGroups, isFailureCode } from "../../src/base/failure-codes.js";
import { failuresInSource, type FailureInSource } from "./failures-in-source.js";

const introduction = (example: string): string => `# Errors

\`\`\`
${example}
\`\`\`

The first line of an error names the host, the step, the reason and, in brackets, a code. This page lists every code. The codes stay the
same from release to release, so scripts can rely on them. The JSON of \`status\`, \`doctor\`, \`audit\`, \`adopt\` and \`up\` has them as
\`code\` (\`up\`: \`codes\` of each host).

A word in capitals in an example stands for a name or path of yours, and \`…\` for a text that differs from case to case.

Not every message has a code. A config that is wrong is refused in the preview, which names the property. A wrong command line ends with
exit code 2.
`;

/** docs/errors.md, made of the catalogue and of the messages in the source. */
export function errorsPage(): string {
  const samples = samplesOf(failuresInSource());
  const groups = Object.entries(failureGroups).map(([title, group]) => {
    const entries = Object.entries(group).map(([code, { meaning, cause, whatToDo }]) => {
      const sample = samples.get(code);
      return [
        `### ${code}\n\n${meaning}\n`,
        `- **Cause:** ${cause}`,
        `- **What to do:** ${whatToDo}`,
        ...(sample === undefined ? [] : [`\n\`\`\`\n${sample}\n\`\`\``]),
      ].join("\n");
    });
    return `## ${title}\n\n${entries.join("\n\n")}\n`;
  });
  const example = (samples.get("not-root") ?? "")
    .replace("HOST: STEP", "judge-1: lay out the jail")
    .replace("you are …", "you are deploy");
  return [introduction(example), ...groups].join("\n");
}

/** A message of each code: that of which the source tells most. */
export function samplesOf(failures: readonly FailureInSource[]): Map<string, string> {
  const unknowns = ({ reason, remedy }: FailureInSource): number =>
    `${reason}${remedy}`.split("…").length + (["", "…"].includes(remedy) ? 3 : 0) + (reason === "…" ? 6 : 0);
  const length = ({ reason, remedy }: FailureInSource): number => reason.length + remedy.length;
  const best = [...failures].sort(
    (one, other) => unknowns(one) - unknowns(other) || length(one) - length(other),
  );
  const samples = new Map<string, string>();
  for (const { code, reason, remedy } of best)
    if (isFailureCode(code) && !samples.has(code))
      samples.set(code, new HostError({ host: "HOST", step: "STEP", code, reason, remedy }).message);
  return samples;
}
