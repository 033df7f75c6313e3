// Checks custom resources with the models of their operators (npm packages @kubernetes-models/*).
//
//   node check.mjs <folder> < objects.json > defects.json
//
// Reads a JSON array of objects and writes an array of the same length: the defects of each, as texts. The schemas
// find missing fields and wrong values, and the types, compiled in <folder>, unknown fields. The folder must be below
// this one, so that the packages are found.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";

const PACKAGES = {
  "keda.sh/v1alpha1": "@kubernetes-models/keda",
  "monitoring.coreos.com/v1": "@kubernetes-models/prometheus-operator",
  "gateway.networking.k8s.io/v1": "@kubernetes-models/gateway-api",
};

const objects = JSON.parse(readFileSync(0, "utf8"));
const defects = objects.map(() => []);

for (const [index, object] of objects.entries()) {
  const models = await import(`${PACKAGES[object.apiVersion]}/${object.apiVersion}`);
  try {
    new models[object.kind](object).validate();
  } catch (error) {
    defects[index].push(error.message);
  }
}

// One line for each object, so that the line of an error is its number.
const kinds = [...new Map(objects.map((it) => [it.kind, it.apiVersion]))];
const imports = kinds.map(
  ([kind, version]) => `import type { I${kind} } from "${PACKAGES[version]}/${version}/${kind}";`,
);
const constants = objects.map((it, index) => `export const object${index}: I${it.kind} = ${JSON.stringify(it)};`);
const file = join(process.argv[2], "objects.ts");
writeFileSync(file, [imports.join(" "), ...constants].join("\n"));
const program = ts.createProgram([file], {
  noEmit: true,
  strict: true,
  skipLibCheck: true,
  types: [],
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
});
for (const found of ts.getPreEmitDiagnostics(program)) {
  const text = ts.flattenDiagnosticMessageText(found.messageText, " ");
  const line = found.file ? found.file.getLineAndCharacterOfPosition(found.start).line : 0;
  if (line === 0) throw new Error(text);
  defects[line - 1].push(text);
}
process.stdout.write(JSON.stringify(defects));
