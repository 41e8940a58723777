/** A program of dynamic resources that do nothing: the least that this number of dynamic resources costs. */
export function inertProgram(count: number): string {
  return `
const pulumi = require("@pulumi/pulumi");
class Inert extends pulumi.CustomResource {
  constructor(name) {
    super("pulumi-nodejs:dynamic/inert:Inert", name, { __provider: "exports.handler = () => ({ create: async () => ({ id: 'inert', outs: {} }) })" });
  }
}
for (let number = 1; number <= ${count}; number += 1) new Inert(\`inert-\${number}\`);
`;
}
