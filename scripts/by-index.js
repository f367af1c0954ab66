// Writes TypeScript anew so that arrays are taken by index where the source takes their items in turn or names them in
// brackets. The values and their order are the same. For each item V8 asks the iterator protocol, which makes an object,
// until it has compiled a function for good, and most runs of the command end before that: of what a check of 10,000 rules
// allocates a sixth was such objects.
import ts from 'typescript';

const { factory: f } = ts;

/** Typed arrays: by index they give what their iterators do. Strings don't, and sets and maps have no index. */
const TYPED_ARRAYS = new Set([
  'Uint8Array',
  'Uint16Array',
  'Uint32Array',
  'Int32Array',
  'Float64Array',
  'Buffer',
]);

/**
 * The text of a source file, with arrays taken by index, and with class fields that have no value as fields that are
 * undefined: where fields are assigned and not defined, esbuild would leave them out, and objects of one class had several shapes.
 *
 * @param {ts.SourceFile} source
 * @param {ts.TypeChecker} checker of a program with the file
 */
export function takenByIndex(source, checker) {
  const { transformed } = ts.transform(source, [(context) => new ByIndex(context, checker).file]);
  return ts.createPrinter().printFile(transformed[0]);
}

class ByIndex {
  constructor(context, checker) {
    this.context = context;
    this.checker = checker;
  }

  file = (source) => ts.visitNode(source, this.visit);

  visit = (node) => {
    if (ts.isForOfStatement(node)) return this.loop(node);
    if (ts.isVariableDeclarationList(node)) return this.declarations(node);
    if (ts.isPropertyDeclaration(node)) return this.classField(node);
    const visited = ts.visitEachChild(node, this.visit, this.context);
    return isFunction(node) && visited.body !== undefined ? this.withPlainParameters(node, visited) : visited;
  };

  loop(node) {
    const { initializer, expression, statement } = node;
    const isPlain = node.awaitModifier === undefined && ts.isVariableDeclarationList(initializer);
    if (!isPlain) return ts.visitEachChild(node, this.visit, this.context);
    const [{ name }] = initializer.declarations;
    const body = ts.visitNode(statement, this.visit);
    const begun = (declared) =>
      f.createBlock([
        f.createVariableStatement(undefined, f.createVariableDeclarationList(declared, initializer.flags)),
        body,
      ]);
    const counted = this.arrayOfEntries(expression, name);
    if (counted !== undefined) {
      const [number, item] = name.elements;
      return this.byIndex(counted, number.name, (value) => begun(this.named(item.name, value)));
    }
    if (this.isArray(this.typeOf(expression)))
      return this.byIndex(expression, f.createUniqueName('at'), (value) => begun(this.named(name, value)));
    if (!this.isTakenApart(name)) return ts.visitEachChild(node, this.visit, this.context);
    const entry = f.createUniqueName('entry');
    const one = f.createVariableDeclarationList([declared(entry)], ts.NodeFlags.Const);
    return f.createForOfStatement(
      undefined,
      one,
      ts.visitNode(expression, this.visit),
      begun(this.items(name, entry)),
    );
  }

  /** A loop over the indices of an array, which asks for its length each time, as the array's own iterator does. */
  byIndex(array, index, bodyFor) {
    const list = f.createUniqueName('list');
    return f.createForStatement(
      f.createVariableDeclarationList(
        [declared(index, f.createNumericLiteral(0)), declared(list, ts.visitNode(array, this.visit))],
        ts.NodeFlags.Let,
      ),
      f.createLessThan(index, f.createPropertyAccessExpression(list, 'length')),
      f.createPostfixIncrement(index),
      bodyFor(f.createElementAccessExpression(list, index)),
    );
  }

  /** The array, where a loop takes `array.entries()` as `[number, item]`. */
  arrayOfEntries(expression, pattern) {
    if (!ts.isCallExpression(expression) || !ts.isPropertyAccessExpression(expression.expression))
      return undefined;
    const { name, expression: array } = expression.expression;
    const isAsked = name.text === 'entries' && this.isArray(this.typeOf(array));
    if (!isAsked || !ts.isArrayBindingPattern(pattern) || pattern.elements.length !== 2) return undefined;
    const isPlain = pattern.elements.every((one) => !ts.isOmittedExpression(one) && isPlainElement(one));
    return isPlain && ts.isIdentifier(pattern.elements[0].name) ? array : undefined;
  }

  declarations(node) {
    const isOne = ({ name, initializer }) =>
      initializer !== undefined && isListPattern(name) && this.isArray(this.typeOf(initializer));
    if (!node.declarations.some(isOne)) return ts.visitEachChild(node, this.visit, this.context);
    const all = node.declarations.flatMap((one) =>
      isOne(one)
        ? this.apart(one.name, ts.visitNode(one.initializer, this.visit))
        : [ts.visitEachChild(one, this.visit, this.context)],
    );
    return f.updateVariableDeclarationList(node, all);
  }

  /** Parameters in brackets become plain ones, taken apart at the beginning of the body. */
  withPlainParameters(node, visited) {
    // What a parameter has by default may name those before it.
    if (node.parameters.some(({ initializer }) => initializer !== undefined)) return visited;
    const names = [];
    const parameters = visited.parameters.map((parameter, i) => {
      const { name } = node.parameters[i];
      if (!this.isTakenApart(name)) return parameter;
      const whole = f.createUniqueName('items');
      names.push(...this.items(name, whole));
      return f.createParameterDeclaration(parameter.modifiers, parameter.dotDotDotToken, whole);
    });
    if (names.length === 0) return visited;
    const head = f.createVariableStatement(
      undefined,
      f.createVariableDeclarationList(names, ts.NodeFlags.Const),
    );
    const rest = ts.isBlock(visited.body) ? visited.body.statements : [f.createReturnStatement(visited.body)];
    return withBody(visited, parameters, f.createBlock([head, ...rest]));
  }

  classField(node) {
    const isNone = node.modifiers?.some(({ kind }) => NO_FIELD.has(kind)) ?? false;
    const visited = ts.visitEachChild(node, this.visit, this.context);
    if (isNone || node.initializer !== undefined) return visited;
    const { modifiers, name, type } = visited;
    return f.updatePropertyDeclaration(visited, modifiers, name, undefined, type, f.createVoidZero());
  }

  /** What a name or pattern stands for, which has the value. */
  named(name, value) {
    return this.isTakenApart(name) ? this.apart(name, value) : [declared(this.pattern(name), value)];
  }

  apart(pattern, value) {
    const list = f.createUniqueName('items');
    return [declared(list, value), ...this.items(pattern, list)];
  }

  /** The items of a list that a pattern names, each as a declaration of its own. */
  items(pattern, list) {
    return pattern.elements.flatMap((one, i) => {
      if (ts.isOmittedExpression(one)) return [];
      const value = f.createElementAccessExpression(list, i);
      if (one.initializer === undefined) return this.named(one.name, value);
      const item = f.createUniqueName('item');
      const given = ts.visitNode(one.initializer, this.visit);
      const isMissing = f.createStrictEquality(item, f.createVoidZero());
      const chosen = f.createConditionalExpression(isMissing, undefined, given, undefined, item);
      return [declared(item, value), ...this.named(one.name, chosen)];
    });
  }

  pattern(name) {
    return ts.visitNode(name, this.visit);
  }

  isTakenApart(name) {
    return isListPattern(name) && this.isArray(this.typeOf(name));
  }

  typeOf(node) {
    return this.checker.getTypeAtLocation(node);
  }

  isArray(type) {
    if (type.isUnion()) return type.types.every((one) => this.isArray(one));
    if ((type.flags & ts.TypeFlags.TypeParameter) !== 0) {
      const bound = this.checker.getBaseConstraintOfType(type);
      return bound !== undefined && bound !== type && this.isArray(bound);
    }
    const isList = this.checker.isArrayType(type) || this.checker.isTupleType(type);
    return isList || TYPED_ARRAYS.has(type.symbol?.name ?? '');
  }
}

/** Modifiers of members that have no field of their own, or one of the class. */
const NO_FIELD = new Set([
  ts.SyntaxKind.DeclareKeyword,
  ts.SyntaxKind.AbstractKeyword,
  ts.SyntaxKind.StaticKeyword,
]);

const declared = (name, value) => f.createVariableDeclaration(name, undefined, undefined, value);

const isPlainElement = ({ dotDotDotToken, initializer }) =>
  dotDotDotToken === undefined && initializer === undefined;

/** Whether a pattern names items of a list, and no rest of it. */
const isListPattern = (name) =>
  ts.isArrayBindingPattern(name) &&
  name.elements.every((one) => ts.isOmittedExpression(one) || one.dotDotDotToken === undefined);

const isFunction = (node) =>
  ts.isArrowFunction(node) || ts.isFunctionDeclaration(node) || ts.isMethodDeclaration(node);

/** The function with other parameters and another body. */
function withBody(node, parameters, body) {
  const { modifiers, typeParameters, type, name, asteriskToken, questionToken } = node;
  if (ts.isArrowFunction(node))
    return f.updateArrowFunction(
      node,
      modifiers,
      typeParameters,
      parameters,
      type,
      node.equalsGreaterThanToken,
      body,
    );
  if (ts.isFunctionDeclaration(node))
    return f.updateFunctionDeclaration(
      node,
      modifiers,
      asteriskToken,
      name,
      typeParameters,
      parameters,
      type,
      body,
    );
  return f.updateMethodDeclaration(
    node,
    modifiers,
    asteriskToken,
    name,
    questionToken,
    typeParameters,
    parameters,
    type,
    body,
  );
}
