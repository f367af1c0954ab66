/** What a line of evidence does, where reports ask for it; other notes are only shown. */

/** A rule lets the packets through in some cases, and it is not known in which. */
export const MAY_OPEN = 'may open';
/** So does one that nobody can change, only put another before. */
export const OPENS_BY_ITSELF = 'opens by default';
/** A rule refuses the packets. */
export const CLOSES = 'closes';
/** A rule refuses them in some cases, and it is not known in which: another line is what closes them for sure, if anything does. */
export const MAY_CLOSE = 'may close';
/** What no rule of the chain decides its policy lets through. */
export const POLICY_OPENS = 'policy opens';
/** What no rule of the chain decides its policy refuses. */
export const POLICY_CLOSES = 'policy closes';
/** Nothing that was given filters the packets: the line is where a rule would stand. */
export const NOTHING_FILTERS = 'no chain filters';
/** Behind another note: an earlier base chain refuses the packets already. */
export const BEHIND = ' in a later base chain';
/** A rule would refuse the replies, if the packets passed. */
export const CLOSES_REPLY = 'would close the reply';
/** A rule would refuse the replies to some of them. */
export const CLOSES_SOME_REPLIES = 'would close some of the replies';
/** A rule sends the packets elsewhere, and decides nothing else about them. */
export const TRANSLATES = 'translates';
/** A rule sends on what goes to an address of which nobody knows whether it leads here. */
export const MAY_PUBLISH = 'may publish';
/** A rule would let the packets through, if they came to it. */
export const WOULD_OPEN = 'would open';
/** The same, if the rule did not that lets them through now. */
export const OPENS_THEN = `${WOULD_OPEN} without it`;
/** The same, in a base chain behind the one that takes them. */
export const OPENS_LATER = 'would open in a later base chain';
export const OPENS_IN_ANOTHER_TABLE = 'would open in another table';
/** A rule keeps the packets out of connection tracking. */
export const UNTRACKS = 'keeps out of connection tracking';
/** A rule does so with the replies. */
export const UNTRACKS_REPLY = `${UNTRACKS} the reply`;
/** A rule gives packets a conntrack zone. */
export const ZONES = 'gives a conntrack zone';
