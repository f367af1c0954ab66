import { describe, expect, it } from 'vitest';
import { readLocated } from '../../../src/formats/exports/located.ts';
import { withVariables } from '../../../src/formats/azure/template-variables.ts';

const VARIABLES = {
  port: '8443',
  number: 300,
  ports: ['80', "[variables('port')]"],
  both: "[concat(variables('PORT'), '-', 9000)]",
  here: "[variables('there')]",
  there: "[variables('here')]",
  place: "[parameters('place')]",
  literal: '[[shop]',
  rules: [{ name: 'web', place: "[variables('place')]" }],
  copy: [{ name: 'made', count: 2, input: { name: "[concat('rule', add(9000, copyIndex('made')))]" } }],
};

/** A file with a template whose one resource has the value. */
function template(value: unknown, variables: object = VARIABLES) {
  const text = JSON.stringify({ variables, resources: [{ value }] });
  const located = readLocated({ path: 't.json', text } as never);
  if (!located.ok) throw new Error('no JSON');
  return withVariables(located.value);
}

function valueIn(value: unknown, variables?: object): unknown {
  const [found] = template(value, variables).values as [{ resources: [{ value: unknown }] }];
  return found.resources[0].value;
}

describe('variables of templates', () => {
  it.each([
    ["[variables('port')]", '8443'],
    ["[Variables('Port')]", '8443'],
    ["[variables('number')]", 300],
    ["[variables('both')]", '8443-9000'],
    ["[variables('ports')]", ['80', '8443']],
    ["[concat(variables('ports'), createArray('443'))]", ['80', '8443', '443']],
    ["[format('{0}-{1}', variables('port'), variables('number'))]", '8443-300'],
    ["[toUpper(variables('both'))]", '8443-9000'],
    ["[variables('rules')[0]]", { name: 'web', place: "[variables('place')]" }],
    ["[variables('rules')[0].name]", 'web'],
    ["[variables('rules')[sub(1, 1)].Name]", 'web'],
    ["[add(variables('number'), mul(2, 5))]", 310],
    ["[if(equals(variables('port'), '8443'), variables('number'), parameters('it'))]", 300],
    ["[if(and(not(empty(variables('rules'))), false()), 'a', 'b')]", 'b'],
    ["[length(variables('ports'))]", 2],
    ["[last(split('a-b', '-'))]", 'b'],
    ["[if(contains(variables('rules')[0], 'PLACE'), max(1, 3), min(createArray(1, 2)))]", 3],
    ["[contains(variables('ports'), '81')]", false],
    ["[contains(variables('port'), '44')]", true],
    ["[string(int('7'))]", '7'],
    ["[variables('made')[1].name]", 'rule9001'],
    ["[concat(variables('port'), parameters('it'))]", "[concat('8443',parameters('it'))]"],
    // What only the deployment knows, what names itself, what is not there, what is not known here.
    ["[variables('place')]", "[variables('place')]"],
    ["[variables('here')]", "[variables('here')]"],
    ["[variables('none')]", "[variables('none')]"],
    ["[variables('rules')[1]]", "[variables('rules')[1]]"],
    ["[variables('rules')[0].place]", "[variables('rules')[0].place]"],
    ["[if(parameters('it'), 1, 2)]", "[if(parameters('it'), 1, 2)]"],
    ["[add(parameters('first'), variables('number'))]", "[add(parameters('first'),300)]"],
    ['[copyIndex()]', '[copyIndex()]'],
    ["[format('{0:N2}', variables('number'))]", "[format('{0:N2}',300)]"],
    ["[parameters('port')]", "[parameters('port')]"],
    ["[variables('literal')]", "[variables('literal')]"],
    ['variables(port)', 'variables(port)'],
  ])('%s', (written, value) => expect(valueIn(written)).toEqual(value));

  it('are in loops, of lists and of resources', () => {
    const input = { name: "[variables('ports')[copyIndex('securityRules')]]" };
    const loop = {
      copy: [{ name: 'securityRules', count: "[length(variables('ports'))]", input }],
      other: 1,
    };
    expect(valueIn(loop)).toEqual({ other: 1, securityRules: [{ name: '80' }, { name: '8443' }] });
    const unknown = { copy: [{ name: 'securityRules', count: "[parameters('count')]", input }] };
    expect(valueIn(unknown)).toMatchObject({ copy: [{ name: 'securityRules' }] });
    const resource = { type: 'a/b', copy: { name: 'each', count: 2 }, name: "[concat('r', copyIndex(1))]" };
    const made = valueIn({ resources: [resource, { type: 'c/d' }] }) as { resources: { name: string }[] };
    expect(made.resources.map(({ name }) => name)).toEqual(['r1', 'r2', undefined]);
    const many = { copy: [{ name: 'x', count: 10_001, input: 1 }] };
    expect(valueIn(many)).toEqual(many);
  });

  it('keep their places', () => {
    const json = template("[variables('rules')]");
    const [{ resources }] = json.values as [{ resources: [{ value: [object] }] }];
    const { start } = json.place(resources[0].value[0]);
    expect(json.file.text.slice(start, start + 8)).toBe('{"name":');
    expect(json.place(resources[0]).start).toBeGreaterThan(0);
  });

  it('mean those of the template around, unless its own are said to be meant', () => {
    const inside = { variables: { port: '1' }, resources: [{ value: "[variables('port')]" }] };
    const nested = (scope: string) =>
      valueIn({ expressionEvaluationOptions: { scope }, template: inside }) as {
        template: { resources: [{ value: unknown }] };
      };
    expect(nested('outer').template.resources[0].value).toBe('8443');
    expect(nested('inner').template.resources[0].value).toBe('1');
  });

  it('end where they name each other without end, and where they grow', () => {
    const row = Object.fromEntries(
      Array.from({ length: 5000 }, (_, i) => [`v${i}`, `[variables('v${i + 1}')]`]),
    );
    expect(valueIn("[variables('v0')]", row)).toBe("[variables('v0')]");
    const doubled = Object.fromEntries(
      Array.from({ length: 40 }, (_, i) => [
        `v${i}`,
        `[concat(variables('v${i + 1}'), variables('v${i + 1}'))]`,
      ]),
    );
    expect(valueIn("[variables('v0')]", { ...doubled, v40: 'x' })).toBe("[variables('v0')]");
    const objects = Object.fromEntries(
      Array.from({ length: 40 }, (_, i) => [
        `v${i}`,
        { a: `[variables('v${i + 1}')]`, b: `[variables('v${i + 1}')]` },
      ]),
    );
    expect(valueIn("[variables('v0')]", objects)).toEqual({ a: "[variables('v1')]", b: "[variables('v1')]" });
  });
});
