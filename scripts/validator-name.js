/**
 * Names the file with the code that ajv makes of a schema, for those who write it and those who look for it: the bundle has
 * the text of this function (lazy-libraries.js), so it is given what it needs.
 *
 * @param {typeof import('node:crypto').createHash} createHash
 * @param {[options: object, schema: object]} asked
 */
export function validatorName(createHash, asked) {
  const digest = createHash('sha256').update(JSON.stringify(asked)).digest('hex');
  return `validator-${digest.slice(0, 16)}.cjs`;
}
