import { readdirSync, readFileSync } from 'node:fs';
import { Ajv2020, type AnySchemaObject } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';

/** Exports are checked against schemas that the product takes to be right; here they are. */
const folders = readdirSync('grammars').filter((name) =>
  readdirSync(`grammars/${name}`).includes('export.schema.json'),
);

describe('the schemas of exports', () => {
  it('are there', () => expect(folders).toEqual(expect.arrayContaining(['aws', 'azure'])));

  it.each(folders)('that of %s is a JSON Schema, and says from which page each object is', (name) => {
    const schema = JSON.parse(readFileSync(`grammars/${name}/export.schema.json`, 'utf8')) as AnySchemaObject;
    const ajv = new Ajv2020({ strict: true, allowUnionTypes: true, strictRequired: false });
    expect(() => ajv.compile(schema)).not.toThrow();
    const closed = Object.entries(schema.$defs as Record<string, AnySchemaObject>).filter(([, one]) =>
      String(one.$comment ?? '').startsWith('closed'),
    );
    expect(closed.length).toBeGreaterThan(0);
    for (const [, { $comment }] of closed) expect($comment).toMatch(/^closed; https:\/\//);
  });
});
