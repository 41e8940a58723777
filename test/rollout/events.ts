import type { EngineEvent } from "../../src/base/pulumi-internals.js";

type Metadata = NonNullable<EngineEvent["resourcePreEvent"]>["metadata"];

const urnOf = (type: string, name: string): string => `urn:pulumi:test::p::${type}::${name}`;

/** What the engine tells of one operation on a resource of ours; a component where no host is given. */
export function metadata(
  op: Metadata["op"],
  kind: string,
  host: string,
  more: { outputs?: object; component?: boolean; type?: string } = {},
): Metadata {
  const type =
    more.type ?? (more.component ? `python3jail:index:${kind}` : `pulumi-nodejs:dynamic/python3jail:${kind}`);
  const state = {
    type,
    custom: !more.component,
    urn: urnOf(type, host),
    id: "",
    parent: more.component ? "stack" : urnOf("python3jail:index:PythonJail", host),
    inputs: more.component ? {} : { host },
    outputs: more.outputs ?? {},
    provider: "",
  };
  return {
    op,
    type,
    urn: state.urn,
    provider: "",
    ...(op === "create" ? {} : { old: state }),
    ...(op.startsWith("delete") ? {} : { new: state }),
  };
}

const event = (part: Partial<EngineEvent>): EngineEvent => ({ sequence: 0, timestamp: 0, ...part });
export const begins = (data: Metadata): EngineEvent => event({ resourcePreEvent: { metadata: data } });
export const ends = (data: Metadata): EngineEvent => event({ resOutputsEvent: { metadata: data } });
export const fails = (data: Metadata): EngineEvent =>
  event({ resOpFailedEvent: { metadata: data, status: 1, steps: 1 } });
export const says = (severity: "error" | "info" | "warning", message: string, urn?: string): EngineEvent =>
  event({ diagnosticEvent: { severity, message, color: "never", ...(urn === undefined ? {} : { urn }) } });
export const prints = (message: string): EngineEvent => event({ stdoutEvent: { message, color: "never" } });
export const configIs = (config: Record<string, string>): EngineEvent => event({ preludeEvent: { config } });
