import { EmbeddedActionsParser } from 'chevrotain';
import { Address, azureLexer, Comma, Dash, Expression, Port, Star, Tag, TOKENS } from './tokens.ts';

/** One item of a port string. */
export type PortItem =
  | { readonly kind: 'any' }
  | { readonly kind: 'range'; readonly from: number; readonly to: number }
  | { readonly kind: 'expression'; readonly text: string };

/** One item of an address prefix. */
export type PrefixItem =
  | { readonly kind: 'any' }
  | { readonly kind: 'address'; readonly text: string }
  | { readonly kind: 'range'; readonly from: string; readonly to: string }
  | { readonly kind: 'tag'; readonly name: string }
  | { readonly kind: 'expression'; readonly text: string };

/** The small language of `destinationPortRange` and `sourceAddressPrefix`. */
export class AzureParser extends EmbeddedActionsParser {
  /** @param validate checks that the grammar makes sense: the tests do, and a run that need not is faster for it */
  constructor(validate = false) {
    super(TOKENS, { recoveryEnabled: false, maxLookahead: 2, skipValidations: !validate });
    this.performSelfAnalysis();
  }

  /** ports := item ("," item)* */
  readonly ports = this.RULE('ports', (): PortItem[] => {
    const items: PortItem[] = [];
    this.AT_LEAST_ONE_SEP({
      SEP: Comma,
      DEF: () => {
        items.push(this.SUBRULE(this.portItem));
      },
    });
    return items;
  });

  private readonly portItem = this.RULE(
    'portItem',
    (): PortItem =>
      this.OR<PortItem>([
        {
          ALT: () => {
            this.CONSUME(Star);
            return { kind: 'any' };
          },
        },
        { ALT: () => ({ kind: 'expression', text: this.CONSUME(Expression).image }) },
        {
          ALT: () => {
            const from = Number(this.CONSUME(Port).image);
            const to = this.OPTION(() => {
              this.CONSUME(Dash);
              return Number(this.CONSUME2(Port).image);
            });
            return { kind: 'range', from, to: to ?? from };
          },
        },
      ]),
  );

  /** prefixes := item ("," item)* */
  readonly prefixes = this.RULE('prefixes', (): PrefixItem[] => {
    const items: PrefixItem[] = [];
    this.AT_LEAST_ONE_SEP({
      SEP: Comma,
      DEF: () => {
        items.push(this.SUBRULE(this.prefixItem));
      },
    });
    return items;
  });

  private readonly prefixItem = this.RULE(
    'prefixItem',
    (): PrefixItem =>
      this.OR<PrefixItem>([
        {
          ALT: () => {
            this.CONSUME(Star);
            return { kind: 'any' };
          },
        },
        { ALT: () => ({ kind: 'expression', text: this.CONSUME(Expression).image }) },
        { ALT: () => ({ kind: 'tag', name: this.CONSUME(Tag).image }) },
        {
          ALT: () => {
            const from = this.CONSUME(Address).image;
            const to = this.OPTION(() => {
              this.CONSUME(Dash);
              return this.CONSUME2(Address).image;
            });
            return to === undefined ? { kind: 'address', text: from } : { kind: 'range', from, to };
          },
        },
      ]),
  );
}

let parser: AzureParser | undefined;

/** The items of a text by one of the grammar's rules; undefined where the text is none. */
export function parseAzure<T>(text: string, rule: (parser: AzureParser) => T): T | undefined {
  const lexed = azureLexer.tokenize(text);
  if (lexed.errors.length > 0) return undefined;
  parser ??= new AzureParser();
  parser.input = lexed.tokens;
  const items = rule(parser);
  return parser.errors.length > 0 ? undefined : items;
}
