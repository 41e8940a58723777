import { createHash } from "node:crypto";

const style = `
:root {
  color-scheme: light dark;
  --ground: light-dark(#f6f7f9, #0f1318);
  --surface: light-dark(#ffffff, #171c23);
  --line: light-dark(#7b8594, #6b7686);
  --text: light-dark(#1a1f26, #e6eaf0);
  --quiet: light-dark(#566070, #9aa6b5);
  --accent: light-dark(#1d4fd7, #8ab4ff);
  --on-accent: light-dark(#ffffff, #0f1318);
  --well: light-dark(#0a6639, #6fdba0);
  --failed: light-dark(#a8122c, #ff9aa8);
  font: 16px/1.5 system-ui, sans-serif;
}
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 760px; padding: 24px 16px 40px; background: var(--ground); color: var(--text); overflow-wrap: anywhere; }
h1 { margin: 0 0 4px; font-size: 26px; line-height: 1.2; }
p { margin: 0 0 16px; color: var(--quiet); }
label { display: block; margin: 16px 0 4px; font-weight: 600; }
textarea { display: block; width: 100%; padding: 10px; border: 1px solid var(--line); border-radius: 6px; background: var(--surface); color: inherit; font: 16px/1.45 ui-monospace, monospace; resize: vertical; }
button { margin-top: 20px; padding: 10px 24px; min-height: 44px; border: 0; border-radius: 6px; background: var(--accent); color: var(--on-accent); font: inherit; font-weight: 600; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
[role="status"] { margin: 16px 0; padding: 12px 16px; border-left: 5px solid var(--failed); border-radius: 6px; background: var(--surface); }
[role="status"].accepted { border-color: var(--well); }
[role="status"] h2 { margin: 0; font-size: 20px; color: var(--failed); }
[role="status"].accepted h2 { color: var(--well); }
[role="status"] p { margin: 4px 0 0; }
[role="status"] code { color: var(--text); white-space: pre-wrap; }
`;

/** Nothing but the page's own style: no scripts, and nothing from elsewhere. */
export const securityPolicy = [
  "default-src 'none'",
  `style-src 'sha256-${createHash("sha256").update(style).digest("base64")}'`,
  "img-src data:",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join("; ");

const entities = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

const escaped = (text) => text.replace(/[&<>"']/g, (character) => entities[character]);

/** The form; after a run with its fields as they were sent, and the result above it. */
export function page({ program = "", input = "", expected = "" } = {}, result = undefined) {
  const title = result === undefined ? "Grader" : `${headingOf(result)} – Grader`;
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)}</title>
<link rel="icon" href="data:,">
<style>${style}</style>
<main>
<h1>Grader</h1>
<p>Your program reads the input and prints the output. It runs in a jail, with limits.</p>
${result === undefined ? "" : resultOf(result)}<form method="post" action="/grade" accept-charset="utf-8">
${field("program", "Program in Python", 10, program, "required")}
${field("input", "Input", 3, input)}
${field("expected", "Expected output", 3, expected)}
<button>Grade</button>
</form>
</main>
</html>
`;
}

/** A labelled text field. The parser drops the line break at the beginning of its text. */
function field(name, label, rows, text, more = "") {
  return `<label for="${name}">${label}</label>
<textarea id="${name}" name="${name}" rows="${rows}" spellcheck="false" autocapitalize="off" ${more}>
${escaped(text)}</textarea>`;
}

function headingOf({ verdict, error }) {
  const text = verdict ?? (error === undefined ? "" : "Not graded");
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function resultOf(result) {
  const { verdict, error, detail = "", cpuSeconds, memoryKb } = result;
  const figures = verdict === undefined ? "" : `<p>${cpuSeconds} s of processor time, ${memoryKb} kB of memory</p>`;
  const text = error ?? detail;
  return `<div role="status" class="${verdict === "accepted" ? "accepted" : "failed"}">
<h2>${headingOf(result)}</h2>
${text === "" ? "" : `<p><code>${escaped(text)}</code></p>`}
${figures}
</div>
`;
}
