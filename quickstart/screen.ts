const styled = process.stdout.isTTY && process.stderr.isTTY && !process.env.NO_COLOR;
const bold = styled ? "\u001b[1m" : "";
const red = styled ? "\u001b[31m" : "";
const plain = styled ? "\u001b[0m" : "";

/**
 * Prints one line on what a step did or will do, in the format of the set-up's lines (setup/lib.sh), which come before.
 */
export function say(step: string, text: string): void {
  process.stdout.write(`  ${bold}${step.padEnd(13)}${plain}${text}\n`);
}

export function headline(text: string): void {
  process.stdout.write(`\n${bold}${text}${plain}\n`);
}

export function sayError(reason: string, remedy: string): void {
  process.stderr.write(`${red}error:${plain} ${reason}\n       ${remedy}\n`);
}

/** Formats a duration for people. */
export function duration(milliseconds: number): string {
  const seconds = milliseconds / 1000;
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)} min ${whole % 60} s`;
}
