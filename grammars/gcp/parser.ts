import { EmbeddedActionsParser } from 'chevrotain';
import { Comma, Dash, Digits, gcpLexer, TOKENS } from './tokens.ts';

/** One range of ports, both ends in it. */
export interface PortRange {
  readonly from: number;
  readonly to: number;
}

/** The small language of `ports`: `80`, `8000-8080`, and several with commas. */
export class GcpParser extends EmbeddedActionsParser {
  /** @param validate checks that the grammar makes sense: the tests do, and a run that need not is faster for it */
  constructor(validate = false) {
    super(TOKENS, { recoveryEnabled: false, maxLookahead: 2, skipValidations: !validate });
    this.performSelfAnalysis();
  }

  /** ports := range ("," range)* */
  readonly ports = this.RULE('ports', (): PortRange[] => {
    const ranges: PortRange[] = [];
    this.AT_LEAST_ONE_SEP({
      SEP: Comma,
      DEF: () => {
        ranges.push(this.SUBRULE(this.range));
      },
    });
    return ranges;
  });

  /** range := digits ("-" digits)? */
  private readonly range = this.RULE('range', (): PortRange => {
    const from = Number(this.CONSUME(Digits).image);
    const to = this.OPTION(() => {
      this.CONSUME(Dash);
      return Number(this.CONSUME2(Digits).image);
    });
    return { from, to: to ?? from };
  });
}

let parser: GcpParser | undefined;

/** What one of the grammar's rules reads of a text; undefined where the text is none. */
export function parseGcp<T>(text: string, rule: (parser: GcpParser) => T): T | undefined {
  const lexed = gcpLexer.tokenize(text);
  if (lexed.errors.length > 0) return undefined;
  parser ??= new GcpParser();
  parser.input = lexed.tokens;
  const found = rule(parser);
  return parser.errors.length > 0 ? undefined : found;
}
