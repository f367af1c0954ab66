import { EmbeddedActionsParser } from 'chevrotain';
import { Colon, Comma, Digits, Equals, openstackLexer, Quoted, TOKENS, Word } from './tokens.ts';

/** What the column "Port Range" says. */
export type PortColumn =
  | { readonly kind: 'ports'; readonly from: number; readonly to: number }
  | { readonly kind: 'icmp'; readonly type: number | undefined; readonly code: number | undefined };

/** One object of a column, its fields by name. */
export type Fields = ReadonlyMap<string, string>;

/** The small languages of the columns of `openstack security group rule list`, `security group show` and `port list`. */
export class OpenstackParser extends EmbeddedActionsParser {
  /** @param validate checks that the grammar makes sense: the tests do, and a run that need not is faster for it */
  constructor(validate = false) {
    super(TOKENS, { recoveryEnabled: false, maxLookahead: 2, skipValidations: !validate });
    this.performSelfAnalysis();
  }

  /** portColumn := digits (":" digits)? | ":"? setting (":" setting)? — a code without a type begins with the colon */
  readonly portColumn = this.RULE(
    'portColumn',
    (): PortColumn =>
      this.OR<PortColumn>([
        {
          ALT: () => {
            const from = Number(this.CONSUME(Digits).image);
            const to = this.OPTION(() => {
              this.CONSUME(Colon);
              return Number(this.CONSUME2(Digits).image);
            });
            return { kind: 'ports', from, to: to ?? from };
          },
        },
        {
          ALT: () => {
            const found = new Map<string, number>();
            this.OPTION2(() => this.CONSUME2(Colon));
            this.AT_LEAST_ONE_SEP({
              SEP: Colon,
              DEF: () => {
                const name = this.CONSUME(Word).image;
                this.CONSUME(Equals);
                found.set(name, Number(this.CONSUME3(Digits).image));
              },
            });
            return { kind: 'icmp', type: found.get('type'), code: found.get('code') };
          },
        },
      ]),
  );

  /** objects := field ("," field)* — on many lines, or on one; a field that is there already begins the next object */
  readonly objects = this.RULE('objects', (): Fields[] => {
    const found: Map<string, string>[] = [];
    this.AT_LEAST_ONE(() => {
      this.OPTION(() => this.CONSUME(Comma));
      const name = this.CONSUME(Word).image;
      this.CONSUME(Equals);
      const value = this.CONSUME(Quoted).image;
      const last = found[found.length - 1];
      if (last === undefined || last.has(name)) found.push(new Map([[name, unquoted(value)]]));
      else last.set(name, unquoted(value));
    });
    return found;
  });
}

const unquoted = (text: string): string => text.slice(1, -1).replaceAll(/\\(.)/g, '$1');

let parser: OpenstackParser | undefined;

/** What one of the grammar's rules reads of a text; undefined where the text is none. */
export function parseOpenstack<T>(text: string, rule: (parser: OpenstackParser) => T): T | undefined {
  const lexed = openstackLexer.tokenize(text);
  if (lexed.errors.length > 0) return undefined;
  parser ??= new OpenstackParser();
  parser.input = lexed.tokens;
  const found = rule(parser);
  return parser.errors.length > 0 ? undefined : found;
}
