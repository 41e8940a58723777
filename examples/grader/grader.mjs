// HTTP in, the program runs in the jail, verdict out. Usage: node grader.mjs COMMAND_FILE
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { availableParallelism } from "node:os";
import { page, securityPolicy } from "./page.mjs";
import { Queue } from "./queue.mjs";
import { judge, runInJail } from "./sandbox.mjs";

/** A request may have this many bytes: program, input and expected output together. */
const maxRequest = 256 * 1024;

/** Requests that may wait for their turn. */
const maxWaiting = 20;

const { ADDRESS = "127.0.0.1", PORT = "8080", AT_ONCE = String(availableParallelism()) } = process.env;
const command = readFileSync(process.argv[2], "utf8").trim();
const queue = new Queue(Number(AT_ONCE), maxWaiting);

/** An answer that is no verdict, with its HTTP status. */
class Refusal extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

async function grade({ program, input, expected }) {
  return judge(await runInJail(command, program, input), expected);
}

/** The media type of a request, without its parameters. */
function typeOf(request) {
  return (request.headers["content-type"] ?? "").split(";")[0].trim().toLowerCase();
}

/** Reads the body of a request, up to the limit. */
async function bodyOf(request) {
  const parts = [];
  let size = 0;
  // An iterator that leaves the connection open, so that the refusal arrives.
  for await (const part of request.iterator({ destroyOnReturn: false })) {
    size += part.length;
    if (size > maxRequest) throw new Refusal(413, `the request is larger than ${maxRequest} bytes`);
    parts.push(part);
  }
  return Buffer.concat(parts).toString();
}

/** Parses a task from the page's form or from JSON. */
function taskOf(type, body) {
  if (type === "application/x-www-form-urlencoded") {
    const { program = "", input = "", expected = "" } = Object.fromEntries(new URLSearchParams(body));
    const [code, given, wanted] = [program, input, expected].map((text) => text.replaceAll("\r\n", "\n"));
    return { program: code, input: given, expected: wanted };
  }
  if (type !== "application/json") throw new Refusal(415, "send application/json, or the page's form");
  let task;
  try {
    task = JSON.parse(body);
  } catch {
    throw new Refusal(400, "the body is not JSON");
  }
  const { program, input = "", expected } = task ?? {};
  if (![program, input, expected].every((text) => typeof text === "string"))
    throw new Refusal(400, '"program" and "expected" must be strings, and "input" too if you give it');
  return { program, input, expected };
}

/** Grades a request. Returns the status, the task as far as it is known, and the result or an error. */
async function answerTo(request, response) {
  let task;
  try {
    task = taskOf(typeOf(request), await bodyOf(request));
    // Whoever has gone while waiting needs no run.
    const result = await queue.run(() => (response.destroyed ? undefined : grade(task)));
    if (result === "full") throw new Refusal(503, "too many programs are waiting: try again in a minute");
    return { status: 200, task, result };
  } catch (error) {
    if (error instanceof Refusal) return { status: error.status, task, result: { error: error.message } };
    console.error(error);
    return { status: 500, task, result: { error: "the grader failed; its log says why" } };
  }
}

function send(response, status, type, text, headers = {}) {
  response.writeHead(status, {
    "content-type": `${type}; charset=utf-8`,
    "content-security-policy": securityPolicy,
    "x-content-type-options": "nosniff",
    "cache-control": "no-store",
    ...headers,
  });
  response.end(text);
}

const server = createServer(async (request, response) => {
  const path = request.url.split("?")[0];
  const route = `${request.method} ${path}`;
  if (route === "GET /") return send(response, 200, "text/html", page());
  if (route !== "POST /grade") return send(response, 404, "text/plain", "GET / or POST /grade\n");
  const fromPage = typeOf(request) === "application/x-www-form-urlencoded";
  const { status, task, result } = await answerTo(request, response);
  // The rest of a request that was too large.
  request.resume();
  if (fromPage) send(response, status, "text/html", page(task, result));
  else send(response, status, "application/json", `${JSON.stringify(result)}\n`);
});
server.requestTimeout = 30_000;
server.maxConnections = 200;

const trial = await grade({ program: "print(1 + 1)", input: "", expected: "2" });
if (trial.verdict !== "accepted") throw new Error(`a trial in the jail failed: ${JSON.stringify(trial)}`);
server.listen(Number(PORT), ADDRESS, () => console.log(`grading on http://${ADDRESS}:${PORT}, ${AT_ONCE} at a time`));
