import { createToken, EmbeddedActionsParser, Lexer, type TokenType } from 'chevrotain';

/*
 * Expressions of ARM templates, as far as names of resources are made by them: `concat(parameters('group'), '/rule')`.
 * (https://learn.microsoft.com/azure/azure-resource-manager/templates/template-expressions)
 */

const Blank = createToken({ name: 'Blank', pattern: /\s+/, group: Lexer.SKIPPED, line_breaks: true });
/** A quote inside is doubled. */
const Text = createToken({ name: 'Text', pattern: /'(?:[^']|'')*'/, line_breaks: true });
const Whole = createToken({ name: 'Whole', pattern: /-?\d+/ });
const Name = createToken({ name: 'Name', pattern: /[A-Za-z_]\w*/ });
const Open = createToken({ name: 'Open', pattern: /\(/ });
const Close = createToken({ name: 'Close', pattern: /\)/ });
const OpenIndex = createToken({ name: 'OpenIndex', pattern: /\[/ });
const CloseIndex = createToken({ name: 'CloseIndex', pattern: /\]/ });
const Comma = createToken({ name: 'Comma', pattern: /,/ });
const Dot = createToken({ name: 'Dot', pattern: /\./ });

const TOKENS: TokenType[] = [Blank, Text, Whole, Name, Open, Close, OpenIndex, CloseIndex, Comma, Dot];
const lexer = new Lexer(TOKENS, { positionTracking: 'onlyOffset' });

/**
 * A text, or what only the template's deployment knows: in one spelling, and a call with what is called and its arguments, or a member
 * of another expression's value, by its name or its place in a list.
 */
export type Expression =
  | { readonly kind: 'text'; readonly text: string }
  | {
      readonly kind: 'unknown';
      readonly text: string;
      readonly call?: { readonly name: string; readonly args: readonly Expression[] };
      readonly member?: { readonly of: Expression; readonly key: Expression };
    };

/** The language of expressions, without what stands around them: `[` and `]`. */
export class ExpressionParser extends EmbeddedActionsParser {
  /** @param validate checks that the grammar makes sense: the tests do, and a run that need not is faster for it */
  constructor(validate = false) {
    super(TOKENS, { recoveryEnabled: false, maxLookahead: 2, skipValidations: !validate });
    this.performSelfAnalysis();
  }

  /** expression := text | whole | (name ".")? name "(" (expression ("," expression)*)? ")" ("." name | "[" expression "]")* */
  readonly expression = this.RULE(
    'expression',
    (): Expression =>
      this.OR<Expression>([
        { ALT: () => ({ kind: 'text', text: this.CONSUME(Text).image.slice(1, -1).replaceAll("''", "'") }) },
        { ALT: () => ({ kind: 'unknown', text: this.CONSUME(Whole).image }) },
        { ALT: () => this.SUBRULE(this.called) },
      ]),
  );

  private readonly called = this.RULE('called', (): Expression => {
    const name = this.SUBRULE(this.function);
    const args: Expression[] = [];
    this.CONSUME(Open);
    this.MANY_SEP({
      SEP: Comma,
      DEF: () => {
        args.push(this.SUBRULE(this.expression));
      },
    });
    this.CONSUME(Close);
    const text = `${name}(${args.map(spelled).join(',')})`;
    let found: Expression = { kind: 'unknown', text, call: { name, args } };
    this.MANY(() => {
      found = this.SUBRULE(this.member, { ARGS: [found] });
    });
    return found;
  });

  /**
   * A template's own function has a namespace before its name; Bicep's is `__bicep`.
   * (https://learn.microsoft.com/azure/azure-resource-manager/templates/user-defined-functions)
   */
  private readonly function = this.RULE('function', (): string => {
    const name = this.CONSUME(Name).image;
    const own = this.OPTION(() => {
      this.CONSUME(Dot);
      return this.CONSUME2(Name).image;
    });
    return (own === undefined ? name : `${name}.${own}`).toLowerCase();
  });

  private readonly member = this.RULE(
    'member',
    (of: Expression): Expression =>
      this.OR<Expression>([
        {
          ALT: () => {
            this.CONSUME(Dot);
            const name = this.CONSUME(Name).image;
            return {
              kind: 'unknown',
              text: `${spelled(of)}.${name}`,
              member: { of, key: { kind: 'text', text: name } },
            };
          },
        },
        {
          ALT: () => {
            this.CONSUME(OpenIndex);
            const key = this.SUBRULE(this.expression);
            this.CONSUME(CloseIndex);
            return { kind: 'unknown', text: `${spelled(of)}[${spelled(key)}]`, member: { of, key } };
          },
        },
      ]),
  );
}

/** As the language writes it. During the parser's analysis of itself there is nothing yet. */
function spelled(expression: Expression | undefined): string {
  if (expression === undefined) return '';
  return expression.kind === 'text' ? `'${expression.text.replaceAll("'", "''")}'` : expression.text;
}

let parser: ExpressionParser | undefined;

/** The expression of a template that a text is; undefined where it is none. */
export function parseExpression(text: string): Expression | undefined {
  if (!/^\[(?!\[)[\s\S]*\]$/.test(text)) return undefined;
  const lexed = lexer.tokenize(text.slice(1, -1));
  if (lexed.errors.length > 0) return undefined;
  parser ??= new ExpressionParser();
  parser.input = lexed.tokens;
  const found = parser.expression();
  return parser.errors.length > 0 ? undefined : found;
}
